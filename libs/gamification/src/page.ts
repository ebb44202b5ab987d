import { InvalidQueryError } from './gamification.errors.js';
import { isIdentifier } from './validation.js';

/** Rows a page holds when its caller names no limit. */
export const DEFAULT_PAGE_SIZE = 100;
/** Most rows a page may be asked for. */
export const MAX_PAGE_SIZE = 1_000;

/** Which part of a list is wanted. */
export interface PageRequest {
  /** Where the page before ended: its {@link Page.next}. Without it, the list from its beginning. */
  readonly after?: string;
  /** How many items at most: 1 to {@link MAX_PAGE_SIZE}, {@link DEFAULT_PAGE_SIZE} unless told. */
  readonly limit?: number;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** To be passed as `after` for the items behind these; absent when these are the last. */
  readonly next?: string;
}

/** Compares texts by code point, the order of lists and of the databases; JavaScript's own differs beyond U+FFFF. */
export function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The limit of a request. @throws InvalidQueryError when it is out of range */
export function limitOf({ limit = DEFAULT_PAGE_SIZE }: PageRequest): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    throw new InvalidQueryError(`limit is ${limit}, allowed: a whole number from 1 to ${MAX_PAGE_SIZE}`);
  }
  return limit;
}

/**
 * The key that a request's cursor stands for, or nothing for a first page.
 *
 * @param types what the parts of the list's key are
 * @throws InvalidQueryError when the cursor is not one of this list's
 */
export function keyOf(
  { after }: PageRequest,
  types: readonly ('number' | 'string')[],
): readonly (string | number)[] | undefined {
  if (after === undefined) return undefined;
  const key = decode(after);
  const fits = key?.length === types.length && key.every((part, index) => fitsType(part, types[index]));
  if (!key || !fits) throw invalidCursor();
  return key;
}

/**
 * The place in the list that a request's cursor stands for, 0 for a first page.
 *
 * @throws InvalidQueryError when the cursor is not one of a list without keys
 */
export function offsetOf(request: PageRequest): number {
  const offset = Number(keyOf(request, ['number'])?.[0] ?? 0);
  if (offset < 0) throw invalidCursor();
  return offset;
}

/** The error of a cursor that is not one of the list. */
export function invalidCursor(): InvalidQueryError {
  return new InvalidQueryError('after is not the `next` of a page of this list');
}

function decode(cursor: unknown): (string | number)[] | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(String(cursor), 'base64url').toString());
    return Array.isArray(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

function fitsType(part: unknown, type: 'number' | 'string' | undefined): boolean {
  return type === 'number' ? Number.isSafeInteger(part) : isIdentifier(part);
}

/**
 * A page out of one row more than was asked for: the extra row only shows that there is a next page.
 *
 * @param rows at most `limit + 1` rows in the list's order
 * @param key the list's key of an item
 */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => T,
  key: (row: Row) => readonly (string | number)[],
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(toItem);
  if (rows.length <= limit || last === undefined) return { items };
  return { items, next: cursorOf(key(last)) };
}

/** The cursor that {@link keyOf} reads, of a list's key. */
export function cursorOf(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * A page of a list that can only be had as a whole and whose items have no key. Its cursor is a place in the list.
 *
 * @throws InvalidQueryError, before the list is asked for
 */
export async function pageOfAll<T>(request: PageRequest, all: () => Promise<readonly T[]>): Promise<Page<T>> {
  const limit = limitOf(request);
  const first = offsetOf(request);
  const items = (await all()).slice(first, first + limit + 1);
  return pageOf(
    items,
    limit,
    (item) => item,
    () => [first + limit],
  );
}

/**
 * All items of a list, asked for page by page while they are read:
 *
 * ```ts
 * for await (const player of eachOf((page) => players.list(page))) …
 * ```
 *
 * @param limit how many items each page is asked for: 1 to {@link MAX_PAGE_SIZE}, {@link DEFAULT_PAGE_SIZE} unless told
 * @throws what `list` throws, at the item where it does
 */
export async function* eachOf<T>(
  list: (page: PageRequest) => Promise<Page<T>>,
  limit: number = DEFAULT_PAGE_SIZE,
): AsyncGenerator<T, void, undefined> {
  let after: string | undefined;
  for (;;) {
    const { items, next } = await list(after === undefined ? { limit } : { limit, after });
    yield* items;
    // A page that leads to itself would do so for ever.
    if (next === undefined || next === after) return;
    after = next;
  }
}
