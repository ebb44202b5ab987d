import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { MechanicsCatalog } from 'nestjs-gamification';
import { ServerKeys } from '../keys/server-keys.js';
import { type ApplicationAnswer, askApplication } from './ask-application.js';
import { Characters } from './characters.js';
import { failed, type GloebitAnswer, PENDING } from './gloebit-answer.js';
import type { Grant } from './gloebit-grants.js';
import { Purchases } from './purchases.js';
import { leadHome, type TransactionRequest, type What } from './transaction.js';
import { type KeptTransaction, TransactionLog, type TransactionState } from './transaction-log.js';

/** How often it is looked for transactions that are due, in milliseconds. */
const INTERVAL = 15_000;
/** Between tries at most, in milliseconds. */
const MAX_PAUSE = 60 * 60_000;
/** Tries after which an application that does not answer is no longer waited for: some three days. */
const MAX_TRIES = 80;
/** Transactions of one application about which a server asks it at the same time. */
const MAX_AT_ONCE = 20;

const UNKNOWN_CHARACTER = failed('unknown character', { status: 'queued' });

/** The work for one application, which holds up no other's. */
interface Worker {
  done: Promise<void>;
  /** Whether it is to look once more for what is due. */
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

  /** Waits for no application. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await Promise.all([...this.workers.values()].map(({ done }) => done));
  }

  /**
   * Makes a transaction of a user for an application, or says what came of it before.
   *
   * @throws what the storage throws; then it is not known what comes of it
   */
  async transact(grant: Grant, request: TransactionRequest): Promise<GloebitAnswer> {
    if (request.application !== grant.clientId) return failed('unknown consumer');
    return visible(await this.make(grant, request), grant);
  }

  /** Does what is due. Resolves when nothing is. */
  async doDue(): Promise<void> {
    await this.wakeAll();
    await Promise.all([...this.workers.values()].map(({ done }) => done));
  }

  private async make(grant: Grant, request: TransactionRequest): Promise<GloebitAnswer> {
    const { clientId, userId } = grant;
    const before = await this.log.find(clientId, request.id);
    // An id that comes again with something else is about what it was first ([inferred]).
    const what = before?.what ?? request.what;
    const isOpen = before === undefined || (before.state === 'refused' && before.userId === userId);
    const { callbacks } = request;
    const key = isOpen && callbacks ? await this.keys.application(clientId) : undefined;
    if (isOpen && callbacks && !leadHome(callbacks, key?.redirectUris ?? []))
      return failed('callback url is not allowed');
    // So that nothing is begun, and paid by whoever goes on with it, that was wrong from the start.
    const refusal = isOpen ? await this.refusalOf(grant, what) : undefined;
    const { kept, isOurs } = await this.log.begin(grant, { ...request, what }, refusal ? 'refused' : 'new');
    if (kept.userId !== userId) return failed('transaction already created', { status: 'failed' });
    if (kept.answer) return answerAgain(kept, kept.answer);
    if (refusal && kept.state === 'refused' && isDeepStrictEqual(kept.what, what)) return refusal;
    // Another call was refused under this id meanwhile: it is about what that call was about.
    if (!isOurs) return kept.state === 'refused' ? this.make(grant, request) : PENDING;
    try {
      const answer = await this.finish(kept);
      if (kept.callbacks && answer.success) this.wake(clientId);
      return answer;
    } catch (error) {
      await this.log.release(kept).catch((failure: unknown) => this.report(failure));
      throw error;
    }
  }

  /** Pays, and keeps what came of it. */
  private async finish(kept: KeptTransaction): Promise<GloebitAnswer> {
    const { answer, entryId } = await this.purchases.pay(kept);
    if (!answer.success) return this.refuse(kept, answer);
    if (!(await this.isReceivable(kept, kept.what))) {
      await this.purchases.rollBack(kept);
      return this.refuse(kept, UNKNOWN_CHARACTER);
    }
    const state = kept.callbacks ? 'enacting' : 'done';
    return this.log.settle(kept, state, { ...answer, id: kept.id, status: 'queued' }, entryId);
  }

  /** @returns the answer, unless somebody else has gone on with it meanwhile */
  private async refuse(kept: KeptTransaction, answer: GloebitAnswer): Promise<GloebitAnswer> {
    if (await this.log.refuse(kept)) return answer;
    const now = await this.log.find(kept.clientId, kept.id);
    return now?.answer ? answerAgain(now, now.answer) : PENDING;
  }

  private async refusalOf(grant: Grant, what: What): Promise<GloebitAnswer | undefined> {
    if (!('product' in what)) return undefined;
    const { products } = this.catalog.get();
    if (!products.some(({ id }) => id === what.product))
      return failed('unknown product', { status: 'queued' });
    return (await this.isReceivable(grant, what)) ? undefined : UNKNOWN_CHARACTER;
  }

  /** Whether there is the character that it is for: it may have been deleted while it was paid. */
  private async isReceivable(owner: Pick<Grant, 'clientId' | 'userId'>, what: What): Promise<boolean> {
    if (!('product' in what) || what.character === undefined) return true;
    return this.characters.isOwned(owner, what.character);
  }

  private async wakeAll(): Promise<void> {
    for (const clientId of await this.log.applicationsDue()) this.wake(clientId);
  }

  /** Has an application's worker look for what is due. Each application has one at most. */
  private wake(clientId: string): void {
    if (this.stopping.signal.aborted) return;
    const running = this.workers.get(clientId);
    if (running) {
      running.isWanted = true;
      return;
    }
    const worker: Worker = { isWanted: true, done: Promise.resolve() };
    this.workers.set(clientId, worker);
    worker.done = this.work(clientId, worker);
  }

  private async work(clientId: string, worker: Worker): Promise<void> {
    try {
      while (worker.isWanted && !this.stopping.signal.aborted) {
        worker.isWanted = false;
        const isKnown = (await this.keys.application(clientId)) !== undefined;
        const due = await this.log.claim(clientId, MAX_AT_ONCE);
        // All at once, so that each is done before others may claim it.
        await Promise.all(due.map((kept) => this.carryOn(kept, isKnown)));
        if (due.length > 0) worker.isWanted = true;
      }
    } catch (error) {
      this.report(error);
    } finally {
      this.workers.delete(clientId);
    }
  }

  private report(error: unknown): void {
    this.logger.error(`a transaction could not be carried on: ${String(error)}`);
  }

  /** Takes a transaction as far as it goes now; where that fails, it is tried again later. */
  private async carryOn(kept: KeptTransaction, isKnown: boolean): Promise<void> {
    try {
      await this.advance(kept, isKnown);
    } catch (error) {
      this.report(error);
      await this.postpone(kept).catch((failure: unknown) => this.report(failure));
    }
  }

  /** @param isKnown whether the application still has a key: without, it is asked and told nothing */
  private async advance(kept: KeptTransaction, isKnown: boolean): Promise<void> {
    const { state, callbacks } = kept;
    if (state === 'new') {
      // The call that began it has ended without an answer that says what came of it.
      await this.finish(kept);
    } else if (callbacks && state === 'enacting') {
      await this.enact(kept, isKnown ? callbacks.enact : undefined);
    } else if (callbacks && state === 'enacted') {
      await this.tell(kept, isKnown ? callbacks.consume : undefined, 'done');
    } else if (state === 'canceling') {
      await this.purchases.rollBack(kept);
      await this.go(kept, 'returned', isKnown);
    } else if (callbacks && state === 'returned') {
      await this.tell(kept, isKnown ? callbacks.cancel : undefined, 'canceled');
    }
  }

  /** Asks whether it stays so, until the application knows, for some three days; then it does not. */
  private async enact(kept: KeptTransaction, url: string | undefined): Promise<void> {
    const answer = url === undefined ? 'no' : await this.ask(url);
    if (answer === 'stopped') return;
    if ((answer === 'pending' || answer === 'unreached') && !isLast(kept)) return this.postpone(kept);
    await this.go(kept, answer === 'yes' ? 'enacted' : 'canceling', url !== undefined);
  }

  /** Goes on to the next state, where nobody else has decided otherwise, and as far from there as it goes now. */
  private async go(kept: KeptTransaction, state: TransactionState, isKnown: boolean): Promise<void> {
    const next = await this.log.move(kept, state);
    if (next) await this.carryOn(next, isKnown);
  }

  /** Tells what has become of it; what the application says to that is nothing to anybody ([doc]). */
  private async tell(
    kept: KeptTransaction,
    url: string | undefined,
    end: 'done' | 'canceled',
  ): Promise<void> {
    const answer = url === undefined ? undefined : await this.ask(url);
    if (answer === 'stopped') return;
    if (answer === 'unreached' && !isLast(kept)) return this.postpone(kept);
    await this.log.move(kept, end);
  }

  /** @returns `stopped` where the server ends: who was being asked is asked again a minute later, by whoever runs then */
  private async ask(url: string): Promise<ApplicationAnswer | 'stopped'> {
    const answer = await askApplication(url, this.stopping.signal);
    return answer === 'unreached' && this.stopping.signal.aborted ? 'stopped' : answer;
  }

  private async postpone(kept: KeptTransaction): Promise<void> {
    await this.log.postpone(kept, Math.min(5_000 * 2 ** Math.min(kept.tries + 1, 20), MAX_PAUSE));
  }
}

function isLast({ tries }: KeptTransaction): boolean {
  return tries + 1 >= MAX_TRIES;
}

/** What an id is answered that was paid before. */
function answerAgain({ state }: KeptTransaction, answer: GloebitAnswer): GloebitAnswer {
  // Nobody is to deliver what was given back ([inferred]).
  if (state === 'canceling' || state === 'returned' || state === 'canceled')
    return failed('canceled', { status: 'failed' });
  return { ...answer, status: 'in-progress', reason: 'resubmitted' };
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
