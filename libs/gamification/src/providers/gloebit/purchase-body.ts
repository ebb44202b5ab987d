import type { GloebitOptions } from './gloebit.options.js';

/** A purchase as it is sent. */
export interface PurchaseToSend {
  readonly transactionId: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly username: string;
  readonly quantity: number;
  /** A product, or an item with the price of all of it. */
  readonly what: { readonly product: string } | { readonly item: string; readonly totalPrice: number };
}

/** The body of `/transact`, with the field names of the chosen generation. */
export function purchaseBody(
  fieldNames: GloebitOptions['fieldNames'],
  clientKey: string,
  purchase: PurchaseToSend,
): Record<string, unknown> {
  const { transactionId, createdAt, username, quantity, what } = purchase;
  const created = { version: 1, 'request-created': Math.floor(createdAt / 1_000) };
  const goods =
    'product' in what
      ? { product: what.product, 'product-quantity': quantity }
      : {
          'asset-code': what.item,
          'asset-quantity': quantity,
          // The original client sends the price of one; to the server it is the price of all.
          'gloebit-balance-change': what.totalPrice,
        };
  if (fieldNames === 'final') {
    return {
      ...created,
      'transaction-id': transactionId,
      'application-key': clientKey,
      'username-on-application': username,
      ...goods,
    };
  }
  return {
    ...created,
    id: transactionId,
    'consumer-key': clientKey,
    'merchant-user-id': username,
    'gloebit-recipient-user-name': null,
    ...goods,
    ...('product' in what
      ? {}
      : { 'asset-enact-hold-url': null, 'asset-consume-hold-url': null, 'asset-cancel-hold-url': null }),
  };
}
