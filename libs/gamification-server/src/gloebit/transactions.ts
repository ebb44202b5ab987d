import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { MechanicsCatalog } from 'nestjs-gamification';
import { ServerKeys } from '../keys/server-keys.js';
import { askApplication } from './ask-application.js';
import { Characters } from './characters.js';
import { failed, type GloebitAnswer } from './gloebit-answer.js';
import type { Grant } from './gloebit-grants.js';
import { Purchases } from './purchases.js';
import { leadHome, type TransactionRequest } from './transaction.js';
import { type KeptTransaction, TransactionLog } from './transaction-log.js';

/** How often it is looked for transactions that are due, in milliseconds. */
const INTERVAL = 15_000;
/** Between tries at most, in milliseconds. */
const MAX_PAUSE = 60 * 60_000;
/** Tries after which a transaction is canceled: some three days. */
const MAX_TRIES = 80;
/** Transactions of one application about which it is asked at the same time. */
const MAX_AT_ONCE = 20;

/** The work for one application, which holds up no other's. */
interface Worker {
  readonly done: Promise<void>;
  /** Whether something became due while it was at work. */
  isWanted: boolean;
}

/**
 * Gloebit's transactions: what is bought is paid at once, and where the application has callbacks, it is asked whether it
 * stays so. An id that comes again is answered with what came of the first time.
 */
@Injectable()
export class Transactions implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Gloebit');
  private readonly workers = new Map<string, Worker>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(ServerKeys) private readonly keys: ServerKeys,
    @Inject(TransactionLog) private readonly log: TransactionLog,
    @Inject(Purchases) private readonly purchases: Purchases,
    @Inject(Characters) private readonly characters: Characters,
    @Inject(MechanicsCatalog) private readonly catalog: MechanicsCatalog,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.wakeAll().catch((error: unknown) => this.report(error));
    }, INTERVAL).unref();
  }

  /** Waits for no application: who was being asked is asked again at the next start. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await Promise.all([...this.workers.values()].map(({ done }) => done));
  }

  /** Makes a transaction of a user for an application, or says what came of it before. */
  async transact(grant: Grant, request: TransactionRequest): Promise<GloebitAnswer> {
    const { clientId, userId } = grant;
    const { callbacks, application } = request;
    if (application !== clientId) return failed('unknown consumer');
    const key = await this.keys.application(clientId);
    if (callbacks && !leadHome(callbacks, key?.redirectUris ?? []))
      return failed('callback url is not allowed');
    // An id that comes again with something else is about what it was first ([inferred]).
    const { kept, isFresh } = await this.log.begin(grant, request, this.purchases.priceOf(request.what));
    if (kept.userId !== userId) return failed('transaction already created', { status: 'failed' });
    if (kept.answer) return visible(answerAgain(kept, kept.answer), grant);
    const refusal = isFresh ? await this.refusalOf(grant, kept) : undefined;
    if (refusal) {
      await this.log.refuse(kept);
      return refusal;
    }
    const answer = await this.finish(kept);
    if (kept.callbacks && answer.success) this.wake(clientId);
    return visible(answer, grant);
  }

  /** Does what is due. Resolves when nothing is. */
  async doDue(): Promise<void> {
    await this.wakeAll();
    await Promise.all([...this.workers.values()].map(({ done }) => done));
  }

  /** Pays, and keeps what came of it. */
  private async finish(kept: KeptTransaction): Promise<GloebitAnswer> {
    const { isPaid, answer, give } = await this.purchases.pay(kept);
    if (!isPaid) {
      await this.log.refuse(kept);
      return answer;
    }
    const state = kept.callbacks && answer.success ? 'enacting' : 'done';
    return this.log.settle(kept, state, async (run) => {
      const given = give ? await give(run) : answer;
      return given.success ? { ...given, id: kept.id, status: 'queued' } : given;
    });
  }

  private async refusalOf(grant: Grant, { what }: KeptTransaction): Promise<GloebitAnswer | undefined> {
    if (!('product' in what)) return undefined;
    const { products } = this.catalog.get();
    if (!products.some(({ id }) => id === what.product))
      return failed('unknown product', { status: 'queued' });
    if (what.character !== undefined && !(await this.characters.isOwned(grant, what.character)))
      return failed('unknown character', { status: 'queued' });
    return undefined;
  }

  private async wakeAll(): Promise<void> {
    for (const clientId of await this.log.applicationsDue()) this.wake(clientId);
  }

  /** Has an application's worker look for what is due. There are no more workers than applications have keys. */
  private wake(clientId: string): void {
    if (this.stopping.signal.aborted) return;
    const running = this.workers.get(clientId);
    if (running) running.isWanted = true;
    else this.workers.set(clientId, { done: this.work(clientId), isWanted: true });
  }

  private async work(clientId: string): Promise<void> {
    // Only then is the worker in its place.
    await Promise.resolve();
    try {
      for (let worker = this.workers.get(clientId); worker?.isWanted; ) {
        worker.isWanted = false;
        const due = await this.log.claim(clientId, MAX_AT_ONCE);
        // All at once, so that each is done before others may claim it; one that fails is claimed again then.
        await Promise.all(
          due.map((kept) => this.carryOn(kept).catch((error: unknown) => this.report(error))),
        );
        if (due.length > 0) worker.isWanted = true;
        if (this.stopping.signal.aborted) break;
      }
    } catch (error) {
      this.report(error);
    } finally {
      this.workers.delete(clientId);
    }
  }

  private report(error: unknown): void {
    this.logger.error(`transactions could not be carried on: ${String(error)}`);
  }

  /** Takes a transaction as far as it goes now. */
  private async carryOn(kept: KeptTransaction): Promise<void> {
    const { state, callbacks } = kept;
    if (state === 'new') {
      // The call that began it has ended without an answer.
      await this.finish(kept);
    } else if (state === 'canceling') {
      await this.purchases.rollBack(kept);
      if ((await this.ask(callbacks?.cancel)) !== 'stopped')
        await this.log.move(kept, 'canceling', 'canceled');
    } else if (state === 'enacted') {
      if ((await this.ask(callbacks?.consume)) !== 'stopped') await this.log.move(kept, 'enacted', 'done');
    } else if (state === 'enacting') {
      await this.enact(kept);
    }
  }

  private async enact(kept: KeptTransaction): Promise<void> {
    const { callbacks, tries } = kept;
    const answer = await this.ask(callbacks?.enact);
    if (answer === 'stopped') return;
    const isLast = tries + 1 >= MAX_TRIES;
    if (answer === 'pending' && !isLast) {
      await this.log.postpone(kept, Math.min(5_000 * 2 ** Math.min(tries + 1, 20), MAX_PAUSE));
      return;
    }
    const next = answer === 'yes' ? 'enacted' : 'canceling';
    if (await this.log.move(kept, 'enacting', next)) await this.carryOn({ ...kept, state: next });
  }

  private async ask(url: string | undefined): Promise<'yes' | 'no' | 'pending' | 'stopped'> {
    const answer = url === undefined ? 'yes' : await askApplication(url, this.stopping.signal);
    return this.stopping.signal.aborted && answer === 'pending' ? 'stopped' : answer;
  }
}

/** What an id is answered that is not new. */
function answerAgain({ state }: KeptTransaction, answer: GloebitAnswer): GloebitAnswer {
  // Nobody is to deliver what was given back ([inferred]).
  if (state === 'canceling' || state === 'canceled') return failed('canceled', { status: 'failed' });
  return answer.success ? { ...answer, status: 'in-progress', reason: 'resubmitted' } : answer;
}

/** What the token may see of an answer ([doc]). */
function visible(
  { balance, 'product-count': count, ...answer }: GloebitAnswer,
  { scopes }: Grant,
): GloebitAnswer {
  return {
    ...answer,
    ...(scopes.includes('balance') && balance !== undefined ? { balance } : {}),
    ...(scopes.includes('inventory') && count !== undefined ? { 'product-count': count } : {}),
  };
}
