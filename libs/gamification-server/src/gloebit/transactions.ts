import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import {
  Clock,
  ExtensionStorage,
  GamificationOptions,
  InsufficientBalanceError,
  MechanicsCatalog,
  NotEnoughFundsError,
  PurchaseRefusedError,
  type RunSql,
  Shop,
  Wallets,
} from 'nestjs-gamification';
import { ServerKeys } from '../keys/server-keys.js';
import { askApplication } from './ask-application.js';
import { Characters } from './characters.js';
import { failed, type GloebitAnswer, succeeded } from './gloebit-answer.js';
import type { Grant } from './gloebit-grants.js';
import { addProducts, type Owner, takeProducts } from './product-counts.js';
import { Products } from './products.js';
import { type Callbacks, leadHome, type TransactionRequest } from './transaction.js';

/** How often it is looked for transactions whose applications are to be asked again, in milliseconds. */
const INTERVAL = 15_000;
/** How long one is left alone while it is asked about, and between tries at most, in milliseconds. */
const LEASE = 60_000;
const MAX_PAUSE = 60 * 60_000;
/** Tries after which a transaction is canceled: some three days. */
const MAX_TRIES = 80;
const MAX_AT_ONCE = 20;

interface TransactionRow {
  readonly client_id: string;
  readonly id: string;
  readonly user_id: string;
  readonly what: string;
  readonly callbacks: string | null;
  readonly answer: string | null;
  readonly state: 'new' | 'enacting' | 'done' | 'canceled';
  readonly tries: number | string;
}

type What = TransactionRequest['what'];

/** What was bought, as it is kept. */
type Bought = What & {
  /** For all of it. What a product costs may be another thing by the time that it is given back. */
  readonly paid?: number;
  /** Whether it was taken from the character again. */
  readonly isTaken?: boolean;
};

/**
 * Gloebit's transactions: what is bought is paid at once, and where the application has callbacks, it is asked whether it
 * stays so. An id that comes again is answered with what came of the first time.
 */
@Injectable()
export class Transactions implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Gloebit');
  private timer: NodeJS.Timeout | undefined;
  private asking: Promise<void> | undefined;

  constructor(
    @Inject(ExtensionStorage) private readonly storage: ExtensionStorage,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServerKeys) private readonly keys: ServerKeys,
    @Inject(Shop) private readonly shop: Shop,
    @Inject(Wallets) private readonly wallets: Wallets,
    @Inject(Products) private readonly products: Products,
    @Inject(Characters) private readonly characters: Characters,
    @Inject(MechanicsCatalog) private readonly catalog: MechanicsCatalog,
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, integer, end }) => [
      `create table if not exists gamification_server_transactions (
        client_id ${text} not null,
        id ${text} not null,
        user_id ${text} not null,
        what text not null,
        callbacks text,
        answer text,
        state ${text} not null,
        tries ${integer} not null,
        next_try_at ${integer},
        primary key (client_id, id)
      ${end}`,
      `create index if not exists gamification_server_transactions_due
        on gamification_server_transactions (next_try_at) where state = 'enacting'`,
    ]);
    this.timer = setInterval(() => this.wake(), INTERVAL).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.asking;
  }

  /** Makes a transaction of a user for an application, or says what came of it before. */
  async transact(grant: Grant, request: TransactionRequest): Promise<GloebitAnswer> {
    const { clientId, userId } = grant;
    const { id, callbacks, application } = request;
    if (application !== clientId) return failed('unknown consumer');
    const key = await this.keys.application(clientId);
    if (callbacks && !leadHome(callbacks, key?.redirectUris ?? []))
      return failed('callback url is not allowed');
    const known = await this.storage.write((run) => this.reserve(run, grant, request));
    if (known?.user_id !== userId) return failed('transaction already created', { status: 'failed' });
    if (known.answer !== null) {
      return {
        ...this.visible(JSON.parse(known.answer), grant),
        status: 'in-progress',
        reason: 'resubmitted',
      };
    }
    // An id that comes again with something else is about what it was first ([inferred]).
    const what: What = JSON.parse(known.what);
    const bought = await this.buy(grant, id, what);
    if (!bought.success) {
      await this.storage.write((run) => run(FORGET, clientId, id));
      return bought;
    }
    const answer = await this.record(grant, { ...request, what }, bought);
    if (known.callbacks) this.wake();
    return this.visible(answer, grant);
  }

  /** Asks applications about their transactions that are due. Resolves when none is. */
  async askDue(): Promise<void> {
    for (;;) {
      const now = this.clock.now();
      const due = await this.storage.write((run) =>
        run<TransactionRow>(CLAIM, now + LEASE, now, MAX_AT_ONCE),
      );
      // At once, so that each is done with before its lease is over; one that fails is claimed again after it.
      await Promise.all(due.map((row) => this.ask(row).catch((error: unknown) => this.report(error))));
      if (due.length < MAX_AT_ONCE) return;
    }
  }

  private wake(): void {
    this.asking ??= this.askDue()
      .catch((error: unknown) => this.report(error))
      .finally(() => {
        this.asking = undefined;
      });
  }

  private report(error: unknown): void {
    this.logger.error(`transactions could not be asked about: ${String(error)}`);
  }

  /** Takes an id for a transaction. @returns its row, which may be that of an earlier time */
  private async reserve(
    run: RunSql,
    { clientId, userId }: Grant,
    { id, what, callbacks }: TransactionRequest,
  ): Promise<TransactionRow | undefined> {
    await run(
      `insert into gamification_server_transactions
         (client_id, id, user_id, what, callbacks, state, tries) values ($1, $2, $3, $4, $5, 'new', 0)
       on conflict do nothing`,
      clientId,
      id,
      userId,
      JSON.stringify(what),
      callbacks ? JSON.stringify(callbacks) : null,
    );
    const [row] = await run<TransactionRow>(LOCK, clientId, id);
    return row;
  }

  /**
   * Keeps what came of a purchase, and gives a character what is its.
   *
   * @returns the answer to it, which is that of another call with the same id where that was first
   */
  private record(grant: Grant, request: TransactionRequest, bought: GloebitAnswer): Promise<GloebitAnswer> {
    const { clientId } = grant;
    const { id } = request;
    return this.storage.write(async (run) => {
      // Another call with the same id may have been refused, and have forgotten it.
      const row = await this.reserve(run, grant, request);
      if (!row) throw new Error(`transaction ${id} is gone`);
      if (row.answer !== null) return JSON.parse(row.answer);
      const what: What = JSON.parse(row.what);
      const character = characterOf(what);
      const count =
        'product' in what && character
          ? await addProducts(run, character, what.product, what.quantity, Number.MAX_SAFE_INTEGER)
          : bought['product-count'];
      const answer = { ...bought, 'product-count': count, id, status: 'queued' };
      const kept: Bought = { ...what, paid: this.priceOf(what) };
      const state = row.callbacks === null ? 'done' : 'enacting';
      await run(SAVE, JSON.stringify(answer), state, this.clock.now(), JSON.stringify(kept), clientId, id);
      return answer;
    });
  }

  /** The same id buys once, also where this process ended between the purchase and the answer. */
  private async buy(grant: Grant, id: string, what: What): Promise<GloebitAnswer> {
    const { clientId, userId } = grant;
    const idempotencyKey = `gloebit ${clientId} ${id}`;
    try {
      if ('product' in what) return await this.buyProduct(grant, what, idempotencyKey);
      const { asset, price } = what;
      await this.wallets.createEntry({
        userId,
        amount: -price,
        reason: `Purchase: ${asset}`,
        resource: this.options.shop.resource,
        idempotencyKey,
      });
      return succeeded({ balance: await this.shop.balance(userId) });
    } catch (error) {
      if (error instanceof InsufficientBalanceError || error instanceof NotEnoughFundsError) {
        return failed('insufficient balance', { status: 'queued' });
      }
      // Its stock is sold, or the user has bought the limit ([inferred]).
      if (error instanceof PurchaseRefusedError)
        return failed('product limit exceeded', { status: 'queued' });
      throw error;
    }
  }

  /**
   * Buys from the shop, whose limits are by user, so that having many characters is no way around them ([inferred]). What
   * is for a character goes on to it from there.
   */
  private async buyProduct(
    grant: Grant,
    { product, quantity, character }: Extract<What, { product: string }>,
    idempotencyKey: string,
  ): Promise<GloebitAnswer> {
    const { userId } = grant;
    const { products } = this.catalog.get();
    if (!products.some(({ id }) => id === product)) return failed('unknown product', { status: 'queued' });
    if (character !== undefined && !(await this.characters.isOwned(grant, character)))
      return failed('unknown character', { status: 'queued' });
    const { balance, count = 0 } = await this.shop.purchaseProduct({
      userId,
      product,
      quantity,
      idempotencyKey,
    });
    if (character === undefined) {
      const granted = await this.products.grantedTo(userId, product);
      return succeeded({ balance, 'product-count': count + granted });
    }
    try {
      await this.shop.consumeProduct({
        userId,
        product,
        quantity,
        idempotencyKey: `${idempotencyKey} moved`,
      });
      return succeeded({ balance });
    } catch (error) {
      if (!(error instanceof PurchaseRefusedError)) throw error;
      // The user has used it up in that very moment, so it was the user's, and stays paid.
      return failed('canceled', { status: 'failed' });
    }
  }

  private priceOf(what: What): number {
    if (!('product' in what)) return what.price;
    const { products } = this.catalog.get();
    return what.quantity * (products.find(({ id }) => id === what.product)?.price ?? 0);
  }

  /** What the token may see of an answer ([doc]). */
  private visible(
    { balance, 'product-count': count, ...answer }: GloebitAnswer,
    { scopes }: Grant,
  ): GloebitAnswer {
    return {
      ...answer,
      ...(scopes.includes('balance') && balance !== undefined ? { balance } : {}),
      ...(scopes.includes('inventory') && count !== undefined ? { 'product-count': count } : {}),
    };
  }

  private async ask(row: TransactionRow): Promise<void> {
    // A transaction is asked about only where it has them.
    const callbacks: Callbacks = JSON.parse(row.callbacks ?? '{}');
    const answer = await askApplication(callbacks.enact);
    const tries = Number(row.tries) + 1;
    if (answer === 'yes') {
      await askApplication(callbacks.consume);
      await this.end(row, 'done');
    } else if (answer === 'no' || tries >= MAX_TRIES) {
      await this.rollBack(row);
      await this.end(row, 'canceled');
      await askApplication(callbacks.cancel);
    } else {
      const next = this.clock.now() + Math.min(5_000 * 2 ** Math.min(tries, 20), MAX_PAUSE);
      await this.storage.write((run) => run(AGAIN, tries, next, row.client_id, row.id));
    }
  }

  private end({ client_id, id }: TransactionRow, state: 'done' | 'canceled'): Promise<unknown> {
    return this.storage.write((run) => run(END, state, client_id, id));
  }

  /** Gives back what was paid, for what can still be taken back. */
  private async rollBack(row: TransactionRow): Promise<void> {
    const { client_id, id, user_id: userId } = row;
    const what: Bought = JSON.parse(row.what);
    const idempotencyKey = `gloebit ${client_id} ${id} back`;
    if ('product' in what && !(await this.takeBack(row, what, idempotencyKey))) return;
    const { paid: amount = this.priceOf(what) } = what;
    if (amount === 0) return;
    const { resource } = this.options.shop;
    await this.wallets.createEntry({ userId, amount, reason: 'Canceled purchase', resource, idempotencyKey });
  }

  /** @returns whether it could be: what is used up already stays paid */
  private async takeBack(
    { client_id, id, user_id: userId }: TransactionRow,
    { product, quantity, character }: Extract<Bought, { product: string }>,
    idempotencyKey: string,
  ): Promise<boolean> {
    if (character === undefined) {
      try {
        await this.shop.consumeProduct({ userId, product, quantity, idempotencyKey });
        return true;
      } catch (error) {
        if (error instanceof PurchaseRefusedError) return false;
        throw error;
      }
    }
    return this.storage.write(async (run) => {
      const [row] = await run<TransactionRow>(LOCK, client_id, id);
      const what: Bought = JSON.parse(row?.what ?? '{}');
      if (what.isTaken) return true;
      const left = await takeProducts(run, { kind: 'character', id: character }, product, quantity);
      if (left === undefined) return false;
      await run(TAKEN, JSON.stringify({ ...what, isTaken: true }), client_id, id);
      return true;
    });
  }
}

function characterOf(what: What): Owner | undefined {
  if (!('product' in what) || what.character === undefined) return undefined;
  return { kind: 'character', id: what.character };
}

/** Changes nothing, but keeps other writers from the row until the end. */
const LOCK = `
  update gamification_server_transactions set tries = tries where client_id = $1 and id = $2 returning *`;
const FORGET = `delete from gamification_server_transactions where client_id = $1 and id = $2 and state = 'new'`;
const SAVE = `
  update gamification_server_transactions set answer = $1, state = $2, next_try_at = $3, what = $4
  where client_id = $5 and id = $6 and state = 'new'`;
const TAKEN = 'update gamification_server_transactions set what = $1 where client_id = $2 and id = $3';
const CLAIM = `
  update gamification_server_transactions set next_try_at = $1
  where (client_id, id) in (
    select client_id, id from gamification_server_transactions
    where state = 'enacting' and next_try_at <= $2 order by next_try_at limit $3)
  and next_try_at <= $2 returning *`;
const AGAIN = `
  update gamification_server_transactions set tries = $1, next_try_at = $2 where client_id = $3 and id = $4`;
const END = `
  update gamification_server_transactions set state = $1, next_try_at = null where client_id = $2 and id = $3`;
