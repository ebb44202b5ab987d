import { Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import type { Clock } from '../clock.js';
import { StorageUnavailableError } from '../database/database.errors.js';
import type { Database } from '../database/database.js';
import type { SqlPort } from '../database/sql.js';
import type { TrackingOptions } from '../gamification.options.js';
import type { Ids } from '../ids.js';
import { toError } from '../to-error.js';
import { appendEvents } from './append-events.js';
import { checkEvent } from './check-event.js';
import {
  type CheckedEvent,
  type EventRequest,
  type Outcome,
  type RecordedEvent,
  toRecorded,
} from './event.js';
import { FlushTimeoutError, QueueFullError, TrackerClosedError } from './events.errors.js';

/** Most events that are recorded in one go. */
const MAX_BATCH = 500;
/** How long the intake waits before it tries an unavailable storage again, in milliseconds. */
const RETRY_INTERVAL = 1_000;
/** How long after a log line about refused events the next one may come, in milliseconds. */
const REFUSAL_LOG_INTERVAL = 1_000;

/** An event that was recorded, and what it changed. */
export interface Tracked {
  readonly event: RecordedEvent;
  readonly outcome: Outcome;
}

/** An event that could not be tracked, and why. */
export interface TrackingFailure {
  readonly error: Error;
  readonly event: EventRequest;
}

/** How many events went which way since the start. */
export interface TrackingCounters {
  /** Taken by the intake. */
  readonly accepted: number;
  /** Recorded in the log. */
  readonly recorded: number;
  /** Answered with an earlier outcome, because their idempotence key was known. */
  readonly replayed: number;
  /** Refused, because the intake was full or closed. */
  readonly refused: number;
  /** Accepted, and then not recorded: invalid, or the storage failed while a caller waited. */
  readonly failed: number;
  /** Accepted, and neither recorded nor failed yet. */
  readonly waiting: number;
}

interface Entry {
  readonly request: EventRequest;
  readonly receivedAt: number;
  /** Set once the event was checked, so that a second try records it under the same id. */
  checked?: CheckedEvent;
  /** The caller that waits for the outcome; without one, the event is kept until it is recorded. */
  readonly caller?: {
    resolve(outcome: Outcome): void;
    reject(error: Error): void;
  };
}

/** The storage failed, and these entries are not settled. */
interface Outage {
  readonly kept: readonly Entry[];
  readonly error: StorageUnavailableError;
}

/**
 * The bounded queue between those who track events and the log.
 *
 * It hands over one batch at a time, so that events are recorded in the order in which they came. A batch forms while
 * the one before it is written. While the storage is unavailable, callers that wait are told so, and the other events
 * stay in the queue, in order.
 */
export class EventIntake {
  private readonly logger = new Logger('Gamification');
  private queue: Entry[] = [];
  private batchSize = 0;
  private writing = false;
  private scheduled = false;
  private retryTimer: NodeJS.Timeout | undefined;
  private closed = false;
  private lastRefusalLog = Number.NEGATIVE_INFINITY;
  private refusedSinceLog = 0;
  private readonly counts = { accepted: 0, recorded: 0, replayed: 0, refused: 0, failed: 0 };
  private readonly flushes: { readonly upTo: number; readonly resolve: () => void }[] = [];
  private readonly tracked = new Subject<Tracked>();
  private readonly failures = new Subject<TrackingFailure>();

  readonly tracked$: Observable<Tracked> = this.tracked.asObservable();
  readonly failures$: Observable<TrackingFailure> = this.failures.asObservable();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly options: TrackingOptions,
  ) {}

  get counters(): TrackingCounters {
    return { ...this.counts, waiting: this.waiting };
  }

  /** Takes an event if there is room. What becomes of it is counted, and reported where it fails. */
  enqueue(request: EventRequest): boolean {
    const refusal = this.refusal(1);
    if (refusal) {
      this.report(refusal, request);
      return false;
    }
    this.take({ request, receivedAt: this.clock.now() });
    return true;
  }

  /**
   * Takes an event whose caller waits for its outcome.
   *
   * @throws QueueFullError, TrackerClosedError, EventValidationError, StorageUnavailableError
   */
  async submit(request: EventRequest): Promise<Outcome> {
    const refusal = this.refusal(1);
    if (refusal) throw refusal;
    return this.takeWithCaller({ request, receivedAt: this.clock.now() });
  }

  /**
   * Takes all of the events or, where one is invalid or there is no room for all, none.
   *
   * @throws QueueFullError, TrackerClosedError, EventValidationError, StorageUnavailableError
   */
  async submitAll(requests: readonly EventRequest[]): Promise<Outcome[]> {
    const receivedAt = this.clock.now();
    const entries = requests.map((request) => ({
      request,
      receivedAt,
      checked: this.checked(request, receivedAt),
    }));
    const refusal = this.refusal(entries.length);
    if (refusal) throw refusal;
    return Promise.all(entries.map((entry) => this.takeWithCaller(entry)));
  }

  /** Records events in the host's transaction, past the queue. */
  async writeIn(transaction: SqlPort, requests: readonly EventRequest[]): Promise<readonly Outcome[]> {
    if (this.closed) throw new TrackerClosedError();
    const receivedAt = this.clock.now();
    const events = requests.map((request) => this.checked(request, receivedAt));
    return this.database.write(appendEvents, events, { keys: [], transaction });
  }

  /**
   * Resolves when every event accepted so far was recorded or has failed.
   *
   * @param timeout how long to wait, in milliseconds
   * @throws FlushTimeoutError saying how many are left
   */
  async flush(timeout: number): Promise<void> {
    if (this.waiting === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const done = new Promise<void>((resolve) => {
      this.flushes.push({ upTo: this.counts.accepted, resolve });
    });
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new FlushTimeoutError(this.waiting, timeout)), timeout);
    });
    this.schedule();
    try {
      await Promise.race([done, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes nothing new, records what it can within the time, and reports what was left. */
  async close(timeout: number): Promise<void> {
    this.closed = true;
    try {
      await this.flush(timeout);
    } catch (error) {
      this.logger.error(toError(error).message);
      for (const entry of this.queue.splice(0)) this.fail(entry, new TrackerClosedError());
    }
    clearTimeout(this.retryTimer);
    this.tracked.complete();
    this.failures.complete();
  }

  private get waiting(): number {
    return this.queue.length + this.batchSize;
  }

  private refusal(count: number): Error | undefined {
    const { maxQueueSize } = this.options;
    const refused = this.closed
      ? new TrackerClosedError()
      : this.waiting + count > maxQueueSize
        ? new QueueFullError(maxQueueSize)
        : undefined;
    if (refused) this.countRefusal(refused, count);
    return refused;
  }

  private countRefusal(error: Error, count: number): void {
    this.counts.refused += count;
    this.refusedSinceLog += count;
    const now = this.clock.now();
    if (now - this.lastRefusalLog < REFUSAL_LOG_INTERVAL) return;
    this.logger.error(
      `${this.refusedSinceLog} event(s) refused since the last such line; the latest: ${error.message}`,
    );
    this.lastRefusalLog = now;
    this.refusedSinceLog = 0;
  }

  private take(entry: Entry): void {
    this.counts.accepted++;
    this.queue.push(entry);
    // While the storage is unavailable, the timer decides; only a waiting caller is worth another try at once.
    if (this.retryTimer === undefined || entry.caller) this.schedule();
  }

  private takeWithCaller(entry: Entry): Promise<Outcome> {
    return new Promise((resolve, reject) => this.take({ ...entry, caller: { resolve, reject } }));
  }

  private checked(request: EventRequest, receivedAt: number): CheckedEvent {
    return checkEvent(request, this.ids.next(), receivedAt);
  }

  private schedule(): void {
    if (this.scheduled || this.writing) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      clearTimeout(this.retryTimer);
      this.retryTimer = undefined;
      void this.writeBatch();
    });
  }

  private async writeBatch(): Promise<void> {
    const entries = this.queue.splice(0, MAX_BATCH);
    this.batchSize = entries.length;
    this.writing = true;
    const good = entries.filter((entry) => this.check(entry));
    this.batchSize = good.length;
    const outage = good.length > 0 ? await this.write(good) : undefined;
    this.writing = false;
    this.batchSize = 0;
    if (outage) this.retryLater(outage.kept, outage.error);
    else if (this.queue.length > 0) this.schedule();
    this.settleFlushes();
  }

  private check(entry: Entry): boolean {
    if (entry.checked) return true;
    try {
      entry.checked = this.checked(entry.request, entry.receivedAt);
      return true;
    } catch (error) {
      this.fail(entry, toError(error));
      return false;
    }
  }

  /** Records a batch and settles its entries; where the storage fails, says which are left to be tried again. */
  private async write(entries: readonly Entry[]): Promise<Outage | undefined> {
    const events = entries.flatMap(({ checked }) => checked ?? []);
    try {
      const keys = [...new Set(events.map(({ userId }) => userId))];
      const outcomes = await this.database.write(appendEvents, events, { keys });
      for (const [index, entry] of entries.entries()) this.succeed(entry, outcomes[index]);
    } catch (error) {
      if (error instanceof StorageUnavailableError) return { kept: entries, error };
      const [only] = entries;
      if (entries.length === 1 && only) this.fail(only, toError(error));
      else return this.writeOneByOne(entries);
    }
    return undefined;
  }

  /** One of them cannot be stored: alone, each gets its own answer. */
  private async writeOneByOne(entries: readonly Entry[]): Promise<Outage | undefined> {
    for (const [index, entry] of entries.entries()) {
      const outage = await this.write([entry]);
      if (outage) return { ...outage, kept: entries.slice(index) };
    }
    return undefined;
  }

  private succeed(entry: Entry, outcome: Outcome | undefined): void {
    if (!outcome || !entry.checked) {
      this.fail(entry, new Error('the log gave no outcome'));
      return;
    }
    this.counts[outcome.replayed ? 'replayed' : 'recorded']++;
    entry.caller?.resolve(outcome);
    if (this.tracked.observed) this.tracked.next({ event: toRecorded(entry.checked), outcome });
  }

  private retryLater(kept: readonly Entry[], outage: StorageUnavailableError): void {
    this.queue = [...kept, ...this.queue].filter((entry) => {
      if (entry.caller) this.fail(entry, outage);
      return !entry.caller;
    });
    if (this.queue.length === 0) return;
    this.logger.warn(`${outage.message}; ${this.queue.length} event(s) wait`);
    this.retryTimer = setTimeout(() => this.schedule(), RETRY_INTERVAL);
    this.retryTimer.unref();
  }

  private settleFlushes(): void {
    const settled = this.counts.accepted - this.queue.length;
    while (this.flushes[0] && this.flushes[0].upTo <= settled) this.flushes.shift()?.resolve();
  }

  private fail(entry: Entry, error: Error): void {
    this.counts.failed++;
    if (entry.caller) entry.caller.reject(error);
    else this.report(error, entry.request);
  }

  /** Tells whoever listens that an event could not be tracked. Nothing they do reaches the tracker. */
  report(error: Error, event: EventRequest): void {
    if (this.failures.observed) this.failures.next({ error, event });
    const { onError } = this.options;
    if (!onError) {
      const refused = error instanceof QueueFullError || error instanceof TrackerClosedError;
      if (!refused) this.logger.error(error.message);
      return;
    }
    const complain = (reason: unknown) => this.logger.error(`onError threw: ${toError(reason).message}`);
    try {
      Promise.resolve(onError(error, event)).catch(complain);
    } catch (reason) {
      complain(reason);
    }
  }
}
