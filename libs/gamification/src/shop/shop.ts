import type { ConsumeProduct, PurchaseItem, PurchaseProduct } from './shop-inputs.js';

/** What a purchase or a consumption left, as far as the system that serves the shop tells. */
export interface Purchase {
  /** Names it: the idempotency key that was given, or one that was made. */
  readonly id: string;
  /** What the user can still spend. */
  readonly balance?: number;
  /** How many of the product the user now has. Absent for items. */
  readonly count?: number;
}

/** How many a user has of a product. */
export interface OwnedProduct {
  readonly product: string;
  readonly count: number;
}

/**
 * Things that users buy. An *item* is named and priced by the application as it is bought, and stands in the inventory of
 * `Wallets`; a *product* was set up beforehand, with its price, and is counted until it is consumed. The engine's products
 * are those of the mechanics.
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

  /** Buys a product at its price. @throws as {@link purchaseItem} */
  abstract purchaseProduct(purchase: PurchaseProduct): Promise<Purchase>;

  /**
   * Uses up some of a product.
   *
   * @returns how many are left
   * @throws as {@link purchaseItem}; PurchaseRefusedError when the user has too few
   */
  abstract consumeProduct(consumption: ConsumeProduct): Promise<number>;

  /** What a user can spend. @throws AccountNotLinkedError */
  abstract balance(userId: string): Promise<number>;

  /** The products that a user has, by name. @throws AccountNotLinkedError */
  abstract products(userId: string): Promise<readonly OwnedProduct[]>;
}
