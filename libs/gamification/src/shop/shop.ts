import type {
  ConsumeProduct,
  GrantProduct,
  PurchaseItem,
  PurchaseProduct,
  RefundProduct,
  SetProductCount,
} from './shop-inputs.js';

/** What a purchase left, as far as the system that serves the shop tells. */
export interface Purchase {
  /** Names it: the idempotency key that was given, or one that was made. */
  readonly id: string;
  /** What the user can still spend. */
  readonly balance?: number;
  /** How many of the product there now are. Absent for items. */
  readonly count?: number;
}

/** What came of taking a purchase back. */
export interface Refund {
  /** How many were taken back: those that there still were, up to as many as were bought. */
  readonly quantity: number;
  /** What the user got for them: what they had cost. */
  readonly amount: number;
  /** What the user can spend of what it was paid with. */
  readonly balance: number;
}

/** How many a user has of a product. */
export interface OwnedProduct {
  readonly product: string;
  readonly count: number;
}

/**
 * Things that users buy. An *item* is named and priced by the application as it is bought, and stands in the inventory of
 * `Wallets`; a *product* was set up beforehand, with its price, and is counted until it is consumed, for the user or for a
 * character of the user. The engine's products are those of the mechanics.
 *
 * The class is its own injection token: `constructor(private readonly shop: Shop) {}`.
 */
export abstract class Shop {
  /**
   * Buys an item.
   *
   * @throws InvalidPurchaseError when a field is not as it must be
   * @throws InsufficientBalanceError, PurchaseRefusedError
   * @throws IdempotencyConflictError by the engine when the key was used for something else
   * @throws AccountNotLinkedError when the shop is a remote system and the user has no account linked there
   */
  abstract purchaseItem(purchase: PurchaseItem): Promise<Purchase>;

  /** Buys a product at its price. The user pays for a character, too, and its `limit` is by user. @throws as {@link purchaseItem} */
  abstract purchaseProduct(purchase: PurchaseProduct): Promise<Purchase>;

  /**
   * Takes the purchase of a product back, once: what is left of it goes, what that had cost comes back, and it counts no
   * more towards `limit` and `stock`. What is used up stays paid. Called again, it changes nothing, and says the same of what came back.
   *
   * @throws as {@link purchaseItem}; PurchaseRefusedError when there is no such purchase of the user
   * @throws NotSupportedByGloebitError
   */
  abstract refundProduct(refund: RefundProduct): Promise<Refund>;

  /**
   * Uses up some of a product.
   *
   * @returns how many are left
   * @throws as {@link purchaseItem}; PurchaseRefusedError when there are too few
   */
  abstract consumeProduct(consumption: ConsumeProduct): Promise<number>;

  /**
   * Gives some of a product for nothing, which counts towards no one's `limit` of what can be bought.
   *
   * @returns how many there are then
   * @throws as {@link purchaseItem}; PurchaseRefusedError when there would be too many, or there is no such product
   * @throws NotSupportedByGloebitError
   */
  abstract grantProduct(grant: GrantProduct): Promise<number>;

  /**
   * Lets there be so many of a product, whatever there were.
   *
   * @throws as {@link purchaseItem}; PurchaseRefusedError when there is no such product
   * @throws NotSupportedByGloebitError
   */
  abstract setProductCount(count: SetProductCount): Promise<void>;

  /** What a user can spend. @throws AccountNotLinkedError */
  abstract balance(userId: string): Promise<number>;

  /**
   * The products that there are some of, by name.
   *
   * @param character whose they are: the user's own unless told
   * @throws AccountNotLinkedError, NotSupportedByGloebitError
   */
  abstract products(userId: string, character?: string): Promise<readonly OwnedProduct[]>;
}
