import { InvalidRequestError } from '../../http/remote.errors.js';
import { inShort } from '../../validation.js';

/** Most characters of one list in a URL. Node's HTTP server takes 16 KiB of a request's first line and headers. */
const MAX_LIST_LENGTH = 4_000;

/**
 * Which elements of a list are wanted. Without a list all are; an empty one matches nothing, which the protocol cannot
 * say.
 */
export class ListFilter {
  private readonly wanted: ReadonlySet<string> | undefined;

  /**
   * @param ids what is to be matched; `undefined` for everything
   * @param fits what the service can be sent without harm
   * @throws InvalidRequestError when it is no list of texts; `null` must not mean everybody
   */
  constructor(
    operation: string,
    name: string,
    ids: readonly string[] | undefined,
    private readonly fits: (id: string) => boolean = hasNoComma,
  ) {
    if (ids === undefined) return;
    if (!Array.isArray(ids) || ids.some((id) => typeof id !== 'string')) {
      throw new InvalidRequestError('wallet', operation, [
        { path: name, got: inShort(ids), allowed: 'a list of texts' },
      ]);
    }
    this.wanted = new Set(ids);
  }

  /** Whether nothing can match. */
  get isEmpty(): boolean {
    return this.wanted?.size === 0;
  }

  matches(id: string): boolean {
    return this.wanted === undefined || this.wanted.has(id);
  }

  /**
   * The list as the protocol has it, with commas and without a way to escape one; `undefined` where it cannot be said.
   * Then the service is asked for everything, and only {@link matches} selects.
   */
  get onWire(): string | undefined {
    if (this.wanted === undefined) return undefined;
    const ids = [...this.wanted];
    if (!ids.every((id) => id !== '' && this.fits(id))) return undefined;
    const list = ids.join(',');
    return encodeURIComponent(list).length > MAX_LIST_LENGTH ? undefined : list;
  }
}

/** Whether a text can be an element of a list in a URL. */
export function hasNoComma(id: string): boolean {
  return !/,|\p{Cs}/u.test(id);
}

/** Whether a text is an id as the original service makes them. It stops working when it gets any other. */
export function isObjectId(id: string): boolean {
  return /^[\da-f]{24}$/i.test(id);
}

/**
 * Whether a text can be the id of an entry: one of the original service's, or a UUID, as another server that speaks the
 * protocol may use. Those are looked for among all items, because the original service must not be sent them.
 */
export function canBeEntryId(id: unknown): id is string {
  return typeof id === 'string' && (isObjectId(id) || /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id));
}
