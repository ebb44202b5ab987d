import type { LedgerEntry } from '../wallets/ledger-entry.js';

interface OfUser {
  readonly userId: string;
  /** The currency in which it is or was paid, and whose balance is told. */
  readonly resource: string;
  /** Of the item or the product. */
  readonly name: string;
}

interface OfProduct extends OfUser {
  /** Whose it is among the user's characters; `''` where it is the user's own. */
  readonly character: string;
}

/** What is done once for a key. */
interface Once {
  readonly quantity: number;
  readonly idempotencyKey: string | undefined;
}

export interface ItemPurchase extends OfUser, Once {
  readonly kind: 'item';
  /** What pays all of it. */
  readonly entry: LedgerEntry;
}

export interface ProductPurchase extends OfProduct, Once {
  readonly kind: 'product';
  /** What pays all of it. */
  readonly entry: LedgerEntry;
  /** Most that a user can buy of it, ever. */
  readonly limit: number | undefined;
  /** Most that all users can buy of it. */
  readonly stock: number | undefined;
}

export interface Consumption extends OfProduct, Once {
  readonly kind: 'consume';
}

export interface ProductGrant extends OfProduct, Once {
  readonly kind: 'grant';
  /** Most that there may be then. */
  readonly limit: number;
}

export interface CountSetting extends OfProduct {
  readonly kind: 'set';
  readonly count: number;
}

export interface PurchaseRefund extends OfProduct {
  readonly kind: 'refund';
  /** The key of the purchase. */
  readonly purchaseId: string;
  /** What pays it back where all of it comes back. */
  readonly entry: LedgerEntry;
  /** Whether the purchase counted towards the product's stock, which is to be locked then. */
  readonly isStocked: boolean;
}

/** Something to be done in the shop. */
export type Trade =
  | ItemPurchase
  | ProductPurchase
  | Consumption
  | ProductGrant
  | CountSetting
  | PurchaseRefund;

/** A trade of a product. */
export type ProductTrade = Exclude<Trade, ItemPurchase>;
/** A trade that is done once for a key, where it has one. */
export type KeptTrade = Exclude<Trade, CountSetting | PurchaseRefund>;

/** What a trade left. */
export interface Traded {
  readonly balance: number;
  /** How many of the product there are; of a refund, how many came back; of an item, 0. */
  readonly count: number;
  /** Of a refund, what was paid back. */
  readonly paidBack: number;
}
