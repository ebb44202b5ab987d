import { Inject, Injectable } from '@nestjs/common';
import {
  IdempotencyConflictError,
  InsufficientBalanceError,
  InvalidInputError,
  InvalidQueryError,
  NotEnoughFundsError,
  PurchaseRefusedError,
  Shop,
  Wallets,
} from 'nestjs-gamification';
import { failed, type GloebitAnswer, succeeded } from './gloebit-answer.js';
import type { KeptTransaction } from './transaction-log.js';

/** Pays transactions, and takes them back: each once for a transaction, however often it is called. */
@Injectable()
export class Purchases {
  constructor(
    @Inject(Shop) private readonly shop: Shop,
    @Inject(Wallets) private readonly wallets: Wallets,
  ) {}

  /**
   * Pays, and gives what was bought. The limits of the shop are by user, so that having many characters is no way around
   * them ([inferred]).
   *
   * @returns a failure where nothing was paid
   */
  async pay(transaction: KeptTransaction): Promise<GloebitAnswer> {
    const { userId, what, resource } = transaction;
    const idempotencyKey = keyOf(transaction);
    try {
      if ('product' in what) {
        const { balance, count } = await this.shop.purchaseProduct({ userId, ...what, idempotencyKey });
        return succeeded({ balance, 'product-count': count });
      }
      const { asset, price } = what;
      const reason = `Purchase: ${asset}`;
      await this.wallets.createEntry({ userId, amount: -price, reason, resource, idempotencyKey });
      return succeeded({ balance: await this.shop.balance(userId) });
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      return failed(reason, { status: 'queued' });
    }
  }

  /** Gives back what was paid; of products, for those that there still are. */
  async rollBack(transaction: KeptTransaction): Promise<void> {
    const { userId, what, resource } = transaction;
    if ('product' in what) {
      await this.shop.refundProduct({ userId, purchaseId: keyOf(transaction) }).catch((error: unknown) => {
        // There is no such purchase any more: the user was erased.
        if (!(error instanceof PurchaseRefusedError)) throw error;
      });
      return;
    }
    await this.wallets.createEntry({
      userId,
      amount: what.price,
      reason: 'Canceled purchase',
      resource,
      idempotencyKey: `${keyOf(transaction)} back`,
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
  // The host has used the key for something else.
  if (error instanceof IdempotencyConflictError) return 'transaction already created';
  if (error instanceof InvalidInputError || error instanceof InvalidQueryError) return 'invalid request';
  return undefined;
}
