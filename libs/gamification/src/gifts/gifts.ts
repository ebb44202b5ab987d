import type { Page, PageRequest } from '../page.js';
import type { GiftReply, NewGiftRequest } from './gift-inputs.js';

/** Who asks for a gift, as far as it is known. */
export interface GiftAsker {
  readonly userId?: string;
  readonly name?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly language?: string;
}

/** What whoever accepts a request gives. */
export type GiftContent = { readonly resource: string; readonly amount: number } | { readonly item: string };

/** A request for a gift, as a friend of the asker sees it. */
export interface GiftRequest {
  readonly id: string;
  /** What the application passed along when the gift was requested. */
  readonly attributes: Readonly<Record<string, string>>;
  /** From when on it can no longer be replied to. It is listed all the same. */
  readonly expiresAt: Date;
  readonly from: GiftAsker;
  /** What accepting it moves to the asker. */
  readonly gift?: GiftContent;
}

/** Whose received requests are wanted. */
export interface GiftListQuery extends PageRequest {
  readonly userId: string;
  /** By expiry: `asc`, the default, has the one that expires first at the head. */
  readonly sort?: 'asc' | 'desc';
}

/**
 * Gifts among friends: somebody asks all friends for something, and each of them may accept or deny. What is given is
 * for the application, which passes it along in attributes, unless the request names a `gift`, which the engine moves.
 *
 * The class is its own injection token: `constructor(private readonly gifts: Gifts) {}`.
 */
export abstract class Gifts {
  /**
   * Asks a user's friends for a gift: those whom the user has now, in the engine; who they are, {@link Friends} tells.
   *
   * @returns the request's id
   * @throws InvalidGiftError when a field is not as it must be
   * @throws GiftRefusedError when a hook refuses it; then nothing was requested
   * @throws GiftProfileNotFoundError when the user is not known
   */
  abstract request(request: NewGiftRequest): Promise<string>;

  /** The requests that a user has received from friends and has not replied to, expired ones included. @throws InvalidQueryError, GiftProfileNotFoundError */
  abstract list(query: GiftListQuery): Promise<Page<GiftRequest>>;

  /**
   * Accepts or denies a request. The engine takes the same reply again as one, and an acceptance after a denial.
   *
   * @throws InvalidGiftError when a field is not as it must be
   * @throws GiftRefusedError when a hook refuses it; then nothing was replied
   * @throws GiftRequestNotFoundError, GiftRequestExpiredError
   * @throws GiftAlreadyAcceptedError when what was accepted is to be denied
   * @throws NotEnoughFundsError, ItemNotOwnedError when the user does not have what is asked for
   */
  abstract reply(reply: GiftReply): Promise<void>;
}
