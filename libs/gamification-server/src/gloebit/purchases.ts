import { Inject, Injectable } from '@nestjs/common';
import {
  GamificationOptions,
  InsufficientBalanceError,
  InvalidInputError,
  InvalidQueryError,
  MechanicsCatalog,
  NotEnoughFundsError,
  PurchaseRefusedError,
  type RunSql,
  Shop,
  Wallets,
} from 'nestjs-gamification';
import { ownsCharacter } from './characters.js';
import { failed, type GloebitAnswer, succeeded } from './gloebit-answer.js';
import { addProducts, takeProducts } from './product-counts.js';
import { Products } from './products.js';
import type { What } from './transaction.js';
import { type KeptTransaction, TransactionLog } from './transaction-log.js';

type ProductOf = Extract<What, { product: string }>;

/** What came of paying. */
export interface Paid {
  /** False where nothing was paid. */
  readonly isPaid: boolean;
  readonly answer: GloebitAnswer;
  /** What is left to give, in the transaction that keeps the answer. */
  give?(run: RunSql): Promise<GloebitAnswer>;
}

/**
 * Pays transactions and gives what was bought, and takes both back. All of it happens once for a transaction, also where
 * the process ended in the middle.
 */
@Injectable()
export class Purchases {
  constructor(
    @Inject(Shop) private readonly shop: Shop,
    @Inject(Wallets) private readonly wallets: Wallets,
    @Inject(Products) private readonly products: Products,
    @Inject(MechanicsCatalog) private readonly catalog: MechanicsCatalog,
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
    @Inject(TransactionLog) private readonly log: TransactionLog,
  ) {}

  /** What all of it costs now. */
  priceOf(what: What): number {
    if (!('product' in what)) return what.price;
    const { products } = this.catalog.get();
    return what.quantity * (products.find(({ id }) => id === what.product)?.price ?? 0);
  }

  async pay(transaction: KeptTransaction): Promise<Paid> {
    const { userId, what, price } = transaction;
    const idempotencyKey = keyOf(transaction);
    try {
      if ('product' in what) return await this.payProduct(transaction, what, idempotencyKey);
      await this.wallets.createEntry({
        userId,
        amount: -price,
        reason: `Purchase: ${what.asset}`,
        resource: this.options.shop.resource,
        idempotencyKey,
      });
      return { isPaid: true, answer: succeeded({ balance: await this.shop.balance(userId) }) };
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      return { isPaid: false, answer: failed(reason, { status: 'queued' }) };
    }
  }

  /** Gives back what was paid, for what can still be taken back. */
  async rollBack(transaction: KeptTransaction): Promise<void> {
    const { userId, what, price } = transaction;
    const idempotencyKey = `${keyOf(transaction)} back`;
    if ('product' in what && !(await this.takeBack(transaction, what, idempotencyKey))) return;
    if (price === 0) return;
    const { resource } = this.options.shop;
    await this.wallets.createEntry({
      userId,
      amount: price,
      reason: 'Canceled purchase',
      resource,
      idempotencyKey,
    });
  }

  /**
   * Buys from the shop, whose limits are by user, so that having many characters is no way around them ([inferred]). What
   * is for a character goes on to it from there.
   */
  private async payProduct(
    { clientId, userId }: KeptTransaction,
    { product, quantity, character }: ProductOf,
    idempotencyKey: string,
  ): Promise<Paid> {
    const { balance, count = 0 } = await this.shop.purchaseProduct({
      userId,
      product,
      quantity,
      idempotencyKey,
    });
    if (character === undefined) {
      const granted = await this.products.grantedTo(userId, product);
      return { isPaid: true, answer: succeeded({ balance, 'product-count': count + granted }) };
    }
    const answer = succeeded({ balance });
    try {
      await this.shop.consumeProduct({
        userId,
        product,
        quantity,
        idempotencyKey: `${idempotencyKey} moved`,
      });
    } catch (error) {
      if (!(error instanceof PurchaseRefusedError)) throw error;
      // The user has used it up in that very moment, so it was the user's, and stays paid.
      return { isPaid: true, answer: failed('canceled', { status: 'failed' }) };
    }
    return {
      isPaid: true,
      answer,
      give: async (run) => {
        // It is the user's where the character was deleted on the way.
        const owner = (await ownsCharacter(run, { clientId, userId }, character))
          ? ({ kind: 'character', id: character } as const)
          : ({ kind: 'user', id: userId } as const);
        const given = await addProducts(run, owner, product, quantity, Number.MAX_SAFE_INTEGER);
        return { ...answer, 'product-count': given };
      },
    };
  }

  /** @returns whether it could be: what is used up already stays paid */
  private async takeBack(
    transaction: KeptTransaction,
    { product, quantity, character }: ProductOf,
    idempotencyKey: string,
  ): Promise<boolean> {
    const { userId } = transaction;
    if (character === undefined) {
      try {
        await this.shop.consumeProduct({ userId, product, quantity, idempotencyKey });
        return true;
      } catch (error) {
        if (error instanceof PurchaseRefusedError) return false;
        throw error;
      }
    }
    return this.log.takeOnce(transaction, async (run) => {
      const owner = { kind: 'character', id: character } as const;
      return (await takeProducts(run, owner, product, quantity)) !== undefined;
    });
  }
}

function keyOf({ clientId, id }: KeptTransaction): string {
  return `gloebit ${clientId} ${id}`;
}

/** Why nothing was paid; nothing where that is not known. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof InsufficientBalanceError || error instanceof NotEnoughFundsError)
    return 'insufficient balance';
  // Its stock is sold, or the user has bought the limit ([inferred]).
  if (error instanceof PurchaseRefusedError) return 'product limit exceeded';
  if (error instanceof InvalidInputError || error instanceof InvalidQueryError) return 'invalid request';
  return undefined;
}
