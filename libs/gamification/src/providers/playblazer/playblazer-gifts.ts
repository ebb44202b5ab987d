import { InvalidQueryError } from '../../gamification.errors.js';
import type { GiftHooks } from '../../gifts/gift-hooks.js';
import { GiftReply, NewGiftRequest } from '../../gifts/gift-inputs.js';
import {
  GiftProfileNotFoundError,
  GiftRefusedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  InvalidGiftError,
} from '../../gifts/gifts.errors.js';
import { type GiftListQuery, type GiftRequest, Gifts } from '../../gifts/gifts.js';
import { InvalidRequestError } from '../../http/remote.errors.js';
import { cursorOf, limitOf, offsetOf, type Page } from '../../page.js';
import { checkedOr, inShort, needIdentifier, needOneOf } from '../../validation.js';
import {
  PlayblazerError,
  PlayblazerGiftRequestExpiredError,
  PlayblazerGiftRequestFailedError,
  PlayblazerInvalidGiftRequestError,
  PlayblazerInvalidRequestError,
  PlayblazerNoProfileError,
} from './playblazer.errors.js';
import type { PlayblazerMode } from './playblazer.options.js';
import type { PlayblazerGiftRequest, PlayblazerProfile, PlayblazerService } from './playblazer.service.js';

/** Where a profile has the id by which a mode names users. */
const ID_OF_MODE: ReadonlyMap<PlayblazerMode, keyof PlayblazerProfile> = new Map([
  ['fb', 'fbid'],
  ['facebook', 'fbid'],
  ['google', 'googleid'],
  ['twitter', 'twitterid'],
  ['email', 'email'],
  ['username', 'username'],
]);

/** {@link Gifts} as Playblazer keeps them. The application's user ids are those of the option `mode`. */
export class PlayblazerGifts extends Gifts {
  constructor(
    private readonly playblazer: PlayblazerService,
    private readonly hooks: GiftHooks,
    private readonly mode: PlayblazerMode,
  ) {
    super();
  }

  override async request(given: NewGiftRequest): Promise<string> {
    const request = checkedOr(NewGiftRequest, given, (problems) => new InvalidGiftError(problems));
    if (request.gift !== undefined) {
      const allowed = 'nothing: Playblazer moves no gifts, only attributes go along';
      throw new InvalidGiftError([{ path: 'gift', got: inShort(request.gift), allowed }]);
    }
    return this.hooks.aroundRequest(request, () =>
      this.playblazer.requestGift(request).catch((error: unknown) => {
        throw asGiftError(error, request.userId);
      }),
    );
  }

  /**
   * A cursor stands for an index, because Playblazer pages by index: a request that comes or goes between two pages may
   * make another appear twice or not at all.
   */
  override async list(query: GiftListQuery): Promise<Page<GiftRequest>> {
    const { userId, sort } = query;
    const limit = limitOf(query);
    const start = offsetOf(query);
    needIdentifier('userId', userId);
    if (sort !== undefined) needOneOf('sort', sort, ['asc', 'desc']);
    // One more than is shown: it tells whether there is a next page.
    const { count, requests } = await this.playblazer
      .listGiftRequests({ userId, sort, start, limit: limit + 1 })
      .catch((error: unknown) => {
        throw asListError(error, userId);
      });
    const items = requests.slice(0, limit).map((request) => this.toGiftRequest(request));
    const end = start + items.length;
    // A server may give fewer than it was asked for, and count all there are.
    const hasMore = requests.length > limit || (items.length > 0 && count > end);
    return hasMore ? { items, next: cursorOf([end]) } : { items };
  }

  override async reply(given: GiftReply): Promise<void> {
    const reply = checkedOr(GiftReply, given, (problems) => new InvalidGiftError(problems));
    await this.hooks.aroundReply(reply, () =>
      this.playblazer.replyToGiftRequest(reply).catch((error: unknown) => {
        throw asGiftError(error, reply.userId, reply.requestId);
      }),
    );
  }

  private toGiftRequest({ id, extra, expiresAt, user }: PlayblazerGiftRequest): GiftRequest {
    const idField = ID_OF_MODE.get(this.mode);
    const userId = idField && user[idField];
    const { firstName, lastName, language } = user;
    return {
      id,
      attributes: extra,
      expiresAt,
      from: {
        ...(userId === undefined ? {} : { userId }),
        ...(firstName === undefined ? {} : { firstName }),
        ...(lastName === undefined ? {} : { lastName }),
        ...(language === undefined ? {} : { language }),
      },
    };
  }
}

function asListError(error: unknown, userId: string): unknown {
  if (error instanceof InvalidRequestError) return new InvalidQueryError(error.message, { cause: error });
  if (error instanceof PlayblazerNoProfileError)
    return new GiftProfileNotFoundError(userId, { cause: error });
  return error;
}

/** An error of a request or a reply in terms of {@link Gifts}; what has none there passes as it is. */
function asGiftError(error: unknown, userId: string, requestId = ''): unknown {
  if (error instanceof InvalidRequestError) return new InvalidGiftError(error.problems);
  if (error instanceof PlayblazerNoProfileError)
    return new GiftProfileNotFoundError(userId, { cause: error });
  if (error instanceof PlayblazerInvalidGiftRequestError) {
    return new GiftRequestNotFoundError(requestId, { cause: error });
  }
  if (error instanceof PlayblazerGiftRequestExpiredError) {
    return new GiftRequestExpiredError(requestId, { cause: error });
  }
  const isFault =
    error instanceof PlayblazerInvalidRequestError || error instanceof PlayblazerGiftRequestFailedError;
  if (error instanceof PlayblazerError && error.remoteCode !== undefined && !isFault) {
    // A code of the application's own: a hook on the server's side speaks against it.
    return new GiftRefusedError(error.remoteCode, error.remoteMessage ?? error.message, { cause: error });
  }
  return error;
}
