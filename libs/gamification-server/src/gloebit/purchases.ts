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

/** What came of paying. */
export interface Paid {
  /** A failure where nothing was paid. */
  readonly answer: GloebitAnswer;
  /** What paid it, where it is not a product. */
  readonly entryId?: string;
}

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
   */
  async pay(transaction: KeptTransaction): Promise<Paid> {
    const { userId, what, resource, authorityId } = transaction;
    const idempotencyKey = keyOf(transaction);
    try {
      if ('product' in what) {
        const { balance, count } = await this.shop.purchaseProduct({ userId, ...what, idempotencyKey });
        return { answer: succeeded({ balance, 'product-count': count }) };
      }
      const { asset, price } = what;
      const reason = `Purchase: ${asset}`;
      const { entryId } = await this.wallets.createEntry({
        userId,
        amount: -price,
        reason,
        resource,
        authorityId,
        idempotencyKey,
      });
      return { answer: succeeded({ balance: await this.shop.balance(userId) }), entryId };
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      return { answer: failed(reason, { status: 'queued' }) };
    }
  }

  /** Gives back what was paid; of products, for those that there still are. A user who was erased gets nothing. */
  async rollBack(transaction: KeptTransaction): Promise<void> {
    const { userId, what, resource, authorityId, entryId } = transaction;
    if ('product' in what) {
      await this.shop.refundProduct({ userId, purchaseId: keyOf(transaction) }).catch((error: unknown) => {
        if (!(error instanceof PurchaseRefusedError)) throw error;
      });
      return;
    }
    const { items } = await this.wallets.entries({
      userId,
      entryIds: entryId === undefined ? [] : [entryId],
    });
    if (items.length === 0) return;
    await this.wallets.createEntry({
      userId,
      amount: what.price,
      reason: 'Canceled purchase',
      resource,
      authorityId,
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
