import { randomUUID } from 'node:crypto';
import { textOf } from '../wire/wire-values.js';
import { isAt } from './redirect-uris.js';

/** Most of a thing, and the highest price, in one transaction. */
const MAX_QUANTITY = 1_000_000;
const MAX_PRICE = 1_000_000_000;
/** Characters of a callback's address, and of a name, at most. */
const MAX_URL = 2_000;
const MAX_NAME = 200;

/** Where Gloebit asks and tells what becomes of a transaction. */
export interface Callbacks {
  readonly enact: string;
  readonly consume: string;
  readonly cancel: string;
}

/** A product, for a character or the user, or, of what the application sells itself, its code and the price of all of it. */
export type What =
  | { readonly product: string; readonly quantity: number; readonly character?: string }
  | { readonly asset: string; readonly price: number };

/** A transaction that an application asks for. */
export interface TransactionRequest {
  readonly id: string;
  /** The application that it says it is. */
  readonly application: string | undefined;
  readonly what: What;
  readonly callbacks: Callbacks | undefined;
}

/**
 * Reads a transaction in any generation of field names (2014-05, 2014-07, final).
 *
 * @returns what is wrong with it, where something is: the reasons are our own ([inferred])
 */
export function transactionOf(body: unknown): TransactionRequest | string {
  const fields: Readonly<Record<string, unknown>> = { ...Object(body) };
  const field = (...names: readonly string[]) =>
    names.map((name) => fields[name]).find((value) => value != null);
  const id = textOf(field('id', 'transaction-id') ?? randomUUID());
  if (id === undefined || !/^[\x21-\x7e]{1,36}$/.test(id)) return 'invalid transaction id';
  if (textOf(field('version')) !== '1') return 'unknown version';
  const product = field('product');
  const asset = field('asset-code');
  const price = field('gloebit-balance-change');
  if ((product === undefined) === (asset === undefined && price === undefined)) {
    return 'either product or asset-code and gloebit-balance-change are needed';
  }
  const callbacks = callbacksOf(field);
  if (callbacks === 'incomplete') return 'either all three callback urls are needed or none';
  const what = product === undefined ? assetOf(asset, price) : productOf(product, field);
  if (typeof what === 'string') return what;
  return { id, application: textOf(field('consumer-key', 'application-key')), callbacks, what };
}

function productOf(given: unknown, field: (name: string) => unknown): What | string {
  const product = nameOf(given);
  if (product === undefined) return 'invalid product';
  const quantity = Math.trunc(Number(textOf(field('product-quantity') ?? 1)));
  if (!(quantity >= 1 && quantity <= MAX_QUANTITY)) return 'invalid product-quantity';
  const character = field('character-id');
  if (character === undefined) return { product, quantity };
  const id = nameOf(character);
  return id === undefined ? 'invalid character-id' : { product, quantity, character: id };
}

function assetOf(given: unknown, price: unknown): What | string {
  const asset = nameOf(given ?? 'asset');
  if (asset === undefined) return 'invalid asset-code';
  const amount = Number(textOf(price));
  if (!Number.isInteger(amount) || amount < 1 || amount > MAX_PRICE) return 'invalid gloebit-balance-change';
  return { asset, price: amount };
}

function nameOf(given: unknown): string | undefined {
  const name = textOf(given);
  return name !== undefined && name.length <= MAX_NAME ? name : undefined;
}

function callbacksOf(field: (name: string) => unknown): Callbacks | 'incomplete' | undefined {
  const [enact, consume, cancel] = ['enact', 'consume', 'cancel'].map((name) =>
    field(`asset-${name}-hold-url`),
  );
  if (enact === undefined && consume === undefined && cancel === undefined) return undefined;
  if (enact === undefined || consume === undefined || cancel === undefined) return 'incomplete';
  return { enact: textOf(enact) ?? '', consume: textOf(consume) ?? '', cancel: textOf(cancel) ?? '' };
}

/** Whether all of an application's callbacks lead to where it is: nobody else is called for it. */
export function leadHome(callbacks: Callbacks, redirectUris: readonly string[]): boolean {
  return Object.values(callbacks).every(
    (url: string) => url.length <= MAX_URL && isAt(url, redirectUris) && /^https?:/i.test(url),
  );
}
