import { Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { callListener } from '../call-listener.js';
import type { Clock } from '../clock.js';
import { RowsLockedError, StorageUnavailableError } from '../database/database.errors.js';
import type { Written } from '../database/group-commit.js';
import type { SqlPort } from '../database/sql.js';
import type { TrackingOptions } from '../gamification.options.js';
import type { Ids } from '../ids.js';
import { ThrottledLog } from '../throttled-log.js';
import { toError } from '../to-error.js';
import { checkEvent } from './check-event.js';
import { type CheckedEvent, type EventRequest, type Outcome, toRecorded } from './event.js';
import type { EventRecorder } from './event-recorder.js';
import { FlushTimeoutError, QueueFullError, TrackerClosedError } from './events.errors.js';
import type { Tracked, TrackingCounters, TrackingFailure } from './tracking-reports.js';

/** Most events that are recorded in one go. */
const MAX_BATCH = 500;
/** How long the intake waits before it tries an unavailable storage again, in milliseconds. */
const RETRY_INTERVAL = 500;

interface Entry {
  readonly request: EventRequest;
  readonly receivedAt: number;
  /** Its place among all accepted events. */
  readonly place: number;
  /** Set once the event was checked, so that a second try records it under the same id. */
  checked?: CheckedEvent;
  /** The caller that waits for the outcome; without one, the event outlasts an outage of the storage. */
  readonly caller?: Caller;
  /** Whether its outcome is to tell the places on leaderboards. */
  readonly ranked: boolean;
}

interface Caller {
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

/** Someone who waits until all events up to a place are settled. */
interface Flush {
  upTo: number;
  resolve(): void;
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
  private readonly refusalLog: ThrottledLog;
  private readonly outageLog: ThrottledLog;
  private queue: Entry[] = [];
  private batch: readonly Entry[] = [];
  private writing = false;
  private scheduled = false;
  private retryTimer: NodeJS.Timeout | undefined;
  private lastOutage: StorageUnavailableError | undefined;
  /** Takes nothing new. */
  private closed = false;
  /** Does not even record what it took. */
  private finished = false;
  private readonly resolving = new Set<Promise<void>>();
  private readonly counts = { accepted: 0, recorded: 0, replayed: 0, refused: 0, failed: 0 };
  private readonly flushes = new Set<Flush>();
  private readonly tracked = new Subject<Tracked>();
  private readonly failures = new Subject<TrackingFailure>();

  readonly tracked$: Observable<Tracked> = this.tracked.asObservable();
  readonly failures$: Observable<TrackingFailure> = this.failures.asObservable();

  constructor(
    private readonly recorder: EventRecorder,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly options: TrackingOptions,
  ) {
    this.refusalLog = new ThrottledLog(this.logger, clock);
    this.outageLog = new ThrottledLog(this.logger, clock);
  }

  get counters(): TrackingCounters {
    return { ...this.counts, waiting: this.waiting };
  }

  /** Why the last batch could not be recorded, as long as that is so. */
  get outage(): StorageUnavailableError | undefined {
    return this.lastOutage;
  }

  /** Takes an event if there is room. What becomes of it is counted, and reported where it fails. */
  enqueue(request: EventRequest): boolean {
    const refusal = this.refusal(1);
    if (refusal) {
      this.report(refusal, request);
      return false;
    }
    this.take({ request, receivedAt: this.clock.now(), ranked: false });
    return true;
  }

  /**
   * Takes an event that is still being put together, if there is room: it counts as waiting from now on.
   *
   * @param type for the report of a refusal
   * @param request resolves with the event, or with nothing if there is none after all; must not reject
   */
  enqueueResolved(type: EventRequest['type'], request: Promise<EventRequest | undefined>): void {
    const refusal = this.refusal(1);
    if (refusal) {
      this.report(refusal, { type, userId: undefined });
      return;
    }
    const receivedAt = this.clock.now();
    const taking = Promise.resolve(request).then((resolved) => {
      this.resolving.delete(taking);
      if (resolved) this.take({ request: resolved, receivedAt, ranked: false });
    });
    this.resolving.add(taking);
  }

  /**
   * Takes an event whose caller waits for its outcome.
   *
   * @param ranked whether that is to tell the places on leaderboards
   * @throws QueueFullError, TrackerClosedError, EventValidationError, StorageUnavailableError
   */
  async submit(request: EventRequest, ranked: boolean): Promise<Outcome> {
    const refusal = this.refusal(1);
    if (refusal) throw refusal;
    return this.takeWithCaller({ request, receivedAt: this.clock.now(), ranked });
  }

  /**
   * Takes all of the events or, where one is invalid or there is no room for all, none.
   *
   * @param ranked whether their outcomes are to tell the places on leaderboards
   * @throws QueueFullError, TrackerClosedError, EventValidationError, StorageUnavailableError
   */
  async submitAll(requests: readonly EventRequest[], ranked: boolean): Promise<Outcome[]> {
    const receivedAt = this.clock.now();
    const taken = requests.map((request) => ({
      request,
      checked: this.checked(request, receivedAt, ranked),
    }));
    const refusal = this.refusal(taken.length);
    if (refusal) throw refusal;
    return Promise.all(
      taken.map(({ request, checked }) => this.takeWithCaller({ request, receivedAt, checked, ranked })),
    );
  }

  /**
   * Records events in the host's transaction, past the queue.
   *
   * @param ranked whether their outcomes are to tell the places on leaderboards
   */
  async writeIn(
    transaction: SqlPort,
    requests: readonly EventRequest[],
    ranked: boolean,
  ): Promise<readonly Outcome[]> {
    const receivedAt = this.clock.now();
    const events = requests.map((request) => this.checked(request, receivedAt, ranked));
    return this.recorder.recordIn(transaction, events);
  }

  /**
   * Resolves when every event accepted so far was recorded or has failed.
   *
   * @param timeout how long to wait, in milliseconds
   * @throws FlushTimeoutError saying how many are left
   */
  async flush(timeout: number): Promise<void> {
    if (this.waiting === 0) return;
    const flush: Flush = { upTo: Number.POSITIVE_INFINITY, resolve: () => undefined };
    const settled = new Promise<void>((resolve) => {
      flush.resolve = resolve;
    });
    // Those that are still being put together get their places first.
    void Promise.allSettled(this.resolving).then(() => {
      flush.upTo = this.counts.accepted;
      this.settleFlushes();
    });
    this.flushes.add(flush);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new FlushTimeoutError(this.waiting, timeout)), timeout);
    });
    try {
      await Promise.race([settled, late]);
    } finally {
      clearTimeout(timer);
      this.flushes.delete(flush);
    }
  }

  /** Takes nothing new, records what it can within the time, and reports what was left. */
  async close(timeout: number): Promise<void> {
    this.closed = true;
    try {
      await this.flush(timeout);
    } catch (error) {
      this.logger.error(toError(error).message);
    }
    this.finished = true;
    clearTimeout(this.retryTimer);
    for (const entry of this.queue.splice(0)) this.fail(entry, new TrackerClosedError());
  }

  /** Tells `onError` and `failures$` of an event that could not be tracked. What `onError` throws is only logged. */
  report(error: Error, event: EventRequest): void {
    if (this.failures.observed) this.failures.next({ error, event });
    const { onError } = this.options;
    const isLogged = error instanceof QueueFullError || error instanceof TrackerClosedError;
    if (onError) callListener(() => onError(error, event), this.logger, 'onError');
    else if (!isLogged) this.logger.error(error.message);
  }

  private get waiting(): number {
    const { accepted, recorded, replayed, failed } = this.counts;
    return accepted - recorded - replayed - failed + this.resolving.size;
  }

  private refusal(count: number): Error | undefined {
    const { maxQueueSize } = this.options;
    let refusal: Error | undefined;
    if (this.closed) refusal = new TrackerClosedError();
    else if (this.waiting + count > maxQueueSize) refusal = new QueueFullError(maxQueueSize);
    if (refusal) {
      this.counts.refused += count;
      this.refusalLog.error(refusal.message, count);
    }
    return refusal;
  }

  private takeWithCaller(entry: Omit<Entry, 'place' | 'caller'>): Promise<Outcome> {
    return new Promise((resolve, reject) => this.take({ ...entry, caller: { resolve, reject } }));
  }

  private take(taken: Omit<Entry, 'place'>): void {
    const entry = { ...taken, place: ++this.counts.accepted };
    if (this.finished) {
      this.fail(entry, new TrackerClosedError());
      return;
    }
    this.queue.push(entry);
    this.schedule();
  }

  private checked(request: EventRequest, receivedAt: number, ranked: boolean): CheckedEvent {
    return checkEvent(request, this.ids.next(), receivedAt, ranked);
  }

  /** Has the next batch written in the next turn of the event loop, unless one is under way or has to wait. */
  private schedule(): void {
    if (this.scheduled || this.writing || this.retryTimer) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.writeBatch();
    });
  }

  private async writeBatch(): Promise<void> {
    this.writing = true;
    this.batch = this.queue.splice(0, MAX_BATCH);
    this.batch = this.batch.filter((entry) => this.check(entry));
    const tried = this.batch.length > 0;
    const outage = tried ? await this.write(this.batch) : undefined;
    this.batch = [];
    this.writing = false;
    if (outage) this.retryLater(outage);
    else if (this.queue.length > 0) this.schedule();
    // Where nobody waits any more, only the next event can tell, so it is not held against the storage.
    const lasts = this.queue.length > 0 && !(outage?.error instanceof RowsLockedError);
    if (tried) this.lastOutage = lasts ? outage?.error : undefined;
    this.settleFlushes();
  }

  private check(entry: Entry): boolean {
    if (entry.checked) return true;
    try {
      entry.checked = this.checked(entry.request, entry.receivedAt, entry.ranked);
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
      const recorded = await this.recorder.record(events);
      for (const [index, entry] of entries.entries()) this.settle(entry, recorded[index]);
      return undefined;
    } catch (error) {
      if (error instanceof StorageUnavailableError && !(error instanceof RowsLockedError)) {
        return { kept: entries, error };
      }
      return entries.length > 1 ? this.writeEach(entries) : this.failOrKeep(entries, [error]);
    }
  }

  /**
   * One of them cannot be stored, or waits for a locked row: alone, each gets its own answer. Behind one that is locked,
   * the group commit refuses the same user's later ones.
   */
  private async writeEach(entries: readonly Entry[]): Promise<Outage | undefined> {
    const results = await Promise.allSettled(
      entries.map(({ checked }) => this.recorder.record(checked ? [checked] : [])),
    );
    const refused: Entry[] = [];
    const errors: unknown[] = [];
    for (const [index, entry] of entries.entries()) {
      const result = results[index];
      if (result?.status === 'fulfilled') {
        this.settle(entry, result.value[0]);
      } else {
        refused.push(entry);
        errors.push(result?.reason);
      }
    }
    return this.failOrKeep(refused, errors);
  }

  /** Settles entries with the errors that they met, but for those which the storage was not there for. */
  private failOrKeep(entries: readonly Entry[], errors: readonly unknown[]): Outage | undefined {
    const kept: Entry[] = [];
    let outage: StorageUnavailableError | undefined;
    for (const [index, entry] of entries.entries()) {
      const error = errors[index];
      if (error instanceof StorageUnavailableError) {
        kept.push(entry);
        // An outage concerns everybody, a locked row only some.
        if (!outage || outage instanceof RowsLockedError) outage = error;
      } else {
        this.fail(entry, toError(error));
      }
    }
    return outage && { kept, error: outage };
  }

  private settle(entry: Entry, recorded: Written<Outcome> | undefined): void {
    if (!recorded?.ok || !entry.checked) {
      this.fail(entry, recorded?.ok === false ? recorded.error : new Error('the log gave no outcome'));
      return;
    }
    const outcome = recorded.value;
    this.counts[outcome.replayed ? 'replayed' : 'recorded']++;
    entry.caller?.resolve(outcome);
    if (this.tracked.observed) this.tracked.next({ event: toRecorded(entry.checked), outcome });
  }

  private retryLater({ kept, error }: Outage): void {
    // A locked row concerns only those that need it; anything else concerns everybody.
    const concerned = error instanceof RowsLockedError ? new Set(kept) : undefined;
    // It is not known whether they were recorded when the answer was lost.
    for (const entry of kept) if (entry.checked) entry.checked = { ...entry.checked, tried: true };
    this.queue = [...kept, ...this.queue].filter((entry) => {
      if (entry.caller && (concerned?.has(entry) ?? true)) this.fail(entry, error);
      else if (this.finished) this.fail(entry, new TrackerClosedError());
      else return true;
      return false;
    });
    if (this.queue.length === 0) return;
    this.outageLog.error(`${error.message}; ${this.queue.length} event(s) wait`);
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      this.schedule();
    }, RETRY_INTERVAL);
    this.retryTimer.unref();
  }

  private settleFlushes(): void {
    // The batch and the queue are in the order of their places.
    const oldest = this.batch[0] ?? this.queue[0];
    for (const flush of this.flushes) {
      if (oldest === undefined ? flush.upTo <= this.counts.accepted : oldest.place > flush.upTo)
        flush.resolve();
    }
  }

  private fail(entry: Entry, error: Error): void {
    this.counts.failed++;
    if (entry.caller) entry.caller.reject(error);
    else this.report(error, entry.request);
  }
}
