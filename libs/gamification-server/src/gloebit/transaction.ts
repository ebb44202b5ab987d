import { randomUUID } from 'node:crypto';

/** Most of a thing, and the highest price, in one transaction. */
const MAX_QUANTITY = 1_000_000;
const MAX_PRICE = 1_000_000_000;

/** Where Gloebit asks and tells what becomes of a transaction. */
export interface Callbacks {
  readonly enact: string;
  readonly consume: string;
  readonly cancel: string;
}

/** A transaction that an application asks for. */
export interface TransactionRequest {
  readonly id: string;
  /** The application that it says it is. */
  readonly application: string | undefined;
  /** A product, for a character or the user, or, of what the application sells itself, its code and the price of all of it. */
  readonly what:
    | { readonly product: string; readonly quantity: number; readonly character: string | undefined }
    | { readonly asset: string; readonly price: number };
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
  const id = String(field('id', 'transaction-id') ?? randomUUID());
  if (!/^[\x21-\x7e]{1,36}$/.test(id)) return 'invalid transaction id';
  if (Number(field('version')) !== 1) return 'unknown version';
  const application = field('consumer-key', 'application-key');
  const product = field('product');
  const asset = field('asset-code');
  const price = field('gloebit-balance-change');
  if ((product === undefined) === (asset === undefined && price === undefined)) {
    return 'either product or asset-code and gloebit-balance-change are needed';
  }
  const callbacks = callbacksOf(field);
  if (callbacks === 'incomplete') return 'either all three callback urls are needed or none';
  const common = {
    id,
    application: application === undefined ? undefined : String(application),
    callbacks,
  };
  if (product !== undefined) {
    const quantity = Math.trunc(Number(field('product-quantity') ?? 1));
    if (!(quantity >= 1 && quantity <= MAX_QUANTITY)) return 'invalid product-quantity';
    const character = field('character-id');
    return {
      ...common,
      what: {
        product: String(product),
        quantity,
        character: character === undefined ? undefined : String(character),
      },
    };
  }
  const amount = Number(price);
  if (!Number.isInteger(amount) || amount < 1 || amount > MAX_PRICE) return 'invalid gloebit-balance-change';
  return { ...common, what: { asset: String(asset ?? 'asset').slice(0, 200), price: amount } };
}

function callbacksOf(field: (name: string) => unknown): Callbacks | 'incomplete' | undefined {
  const [enact, consume, cancel] = ['enact', 'consume', 'cancel'].map((name) =>
    field(`asset-${name}-hold-url`),
  );
  if (enact === undefined && consume === undefined && cancel === undefined) return undefined;
  if (enact === undefined || consume === undefined || cancel === undefined) return 'incomplete';
  return { enact: String(enact), consume: String(consume), cancel: String(cancel) };
}

/** Whether all of an application's callbacks lead to where it sends users back to: nobody else is called for it. */
export function leadHome(callbacks: Callbacks, redirectUris: readonly string[]): boolean {
  const origins = new Set(redirectUris.map((uri) => new URL(uri).origin));
  return Object.values(callbacks).every(
    (url: string) => URL.canParse(url) && origins.has(new URL(url).origin),
  );
}
