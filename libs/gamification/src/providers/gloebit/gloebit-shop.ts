import type { ClassConstructor } from 'class-transformer';
import type { Ids } from '../../ids.js';
import {
  InsufficientBalanceError,
  InvalidPurchaseError,
  PurchaseRefusedError,
} from '../../shop/shop.errors.js';
import { type OwnedProduct, type Purchase, Shop } from '../../shop/shop.js';
import { ConsumeProduct, PurchaseItem, PurchaseProduct } from '../../shop/shop-inputs.js';
import { checkedOr, inShort } from '../../validation.js';
import {
  GloebitProductsAccessError,
  GloebitTransactFailureError,
  GloebitUserNameRequiredError,
  NotSupportedByGloebitError,
} from './gloebit.errors.js';
import type { GloebitPurchase, GloebitService } from './gloebit.service.js';
import { transactionIdOf } from './transaction-id.js';

/** Gloebit's reason when the user cannot pay. */
const INSUFFICIENT = 'insufficient balance';

/**
 * {@link Shop} at Gloebit, for users who have linked their account there. What cannot be helped by the user comes as it
 * is: `GloebitScopeError`, `GloebitTransactPendingError`, `RemoteUnavailableError`.
 */
export class GloebitShop extends Shop {
  constructor(
    private readonly gloebit: GloebitService,
    private readonly ids: Ids,
  ) {
    super();
  }

  async purchaseItem(purchase: PurchaseItem): Promise<Purchase> {
    const { userId, idempotencyKey, ...item } = check(PurchaseItem, purchase);
    return this.buy(userId, idempotencyKey, (buyer) =>
      this.gloebit.purchaseItem(userId, { ...item, ...buyer }),
    );
  }

  async purchaseProduct(purchase: PurchaseProduct): Promise<Purchase> {
    const { userId, idempotencyKey, character, ...product } = check(PurchaseProduct, purchase);
    needNoCharacter(character);
    return this.buy(userId, idempotencyKey, (buyer) =>
      this.gloebit.purchaseProduct(userId, { ...product, ...buyer }),
    );
  }

  async consumeProduct(consumption: ConsumeProduct): Promise<number> {
    const { userId, product, quantity, idempotencyKey, character } = check(ConsumeProduct, consumption);
    needNoCharacter(character);
    if (idempotencyKey !== undefined) {
      const allowed = 'nothing: Gloebit cannot tell a consumption from one before';
      throw new InvalidPurchaseError([{ path: 'idempotencyKey', got: inShort(idempotencyKey), allowed }]);
    }
    const count = await refusable(userId, this.gloebit.consumeProduct(userId, { product, quantity }));
    // It is consumed, so an answer without a number must not fail.
    return count ?? countOf(await this.gloebit.products(userId), product);
  }

  balance(userId: string): Promise<number> {
    return this.gloebit.balance(userId);
  }

  async refundProduct(): Promise<never> {
    throw new NotSupportedByGloebitError('taking a purchase back');
  }

  async grantProduct(): Promise<never> {
    throw new NotSupportedByGloebitError('granting a product');
  }

  async setProductCount(): Promise<never> {
    throw new NotSupportedByGloebitError('setting the count of a product');
  }

  async products(userId: string, character?: string): Promise<readonly OwnedProduct[]> {
    needNoCharacter(character);
    const counts = Object.entries(await this.gloebit.products(userId));
    return counts.map(([product, count]) => ({ product, count }));
  }

  /** Buys under an id that is this user's own, as another user's purchase may have the same key. */
  private async buy(
    userId: string,
    key: string | undefined,
    send: (buyer: { idempotencyKey: string; username?: string }) => Promise<GloebitPurchase>,
  ): Promise<Purchase> {
    const id = key ?? this.ids.next();
    const idempotencyKey = key === undefined ? id : transactionIdOf(userId, key);
    const { balance, count } = await refusable(
      userId,
      send({ idempotencyKey }).catch((error: unknown) => {
        // Gloebit cannot be asked for the user's name; then the application's own name for the user has to do.
        if (!(error instanceof GloebitUserNameRequiredError)) throw error;
        return send({ idempotencyKey, username: userId });
      }),
    );
    return {
      id,
      ...(balance === undefined ? {} : { balance }),
      ...(count === undefined ? {} : { count }),
    };
  }
}

/** @throws NotSupportedByGloebitError */
function needNoCharacter(character: string | undefined): void {
  if (character !== undefined) throw new NotSupportedByGloebitError('a product of a character');
}

async function refusable<T>(userId: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    if (!(cause instanceof GloebitTransactFailureError || cause instanceof GloebitProductsAccessError))
      throw cause;
    const { remoteMessage } = cause;
    if (remoteMessage === INSUFFICIENT) throw new InsufficientBalanceError(userId, { cause });
    throw new PurchaseRefusedError(userId, remoteMessage ?? 'without a reason', { cause });
  }
}

/** @throws InvalidPurchaseError */
function check<T extends object>(type: ClassConstructor<T>, given: T): T {
  return checkedOr(type, given, (problems) => new InvalidPurchaseError(problems));
}

function countOf(counts: Readonly<Record<string, number>>, product: string): number {
  return (Object.hasOwn(counts, product) ? counts[product] : undefined) ?? 0;
}
