import type { Logger } from '@nestjs/common';
import type { Clock } from '../clock.js';
import type { RecordedEvent } from '../events/event.js';
import type { DeliveryOptions } from '../gamification.options.js';
import { RemoteUnavailableError } from '../http/remote.errors.js';
import { ThrottledLog } from '../throttled-log.js';
import { toError } from '../to-error.js';
import { type BatchResult, type Blame, deliverBatch, problemOf, subjectOf } from './deliver-batch.js';
import {
  type DeliveryStore,
  LANES,
  type Placed,
  type Progress,
  type Refused,
  type Retried,
} from './delivery-store.js';
import type { Destination } from './destination.js';
import { Lane, laneOf } from './lane.js';
import { earliest, type Place, START } from './place.js';

/** How often the worker looks for events that other instances recorded, and for what else is due, in milliseconds. */
const TICK = 250;
/** How often the right to deliver is asked for or kept, in milliseconds. */
const CLAIM_INTERVAL = 2_000;
/** How long before its end a claim is no longer relied on, in milliseconds. */
const CLAIM_MARGIN = 2_000;
/** The first pause after a failure is random between 0 and this, in milliseconds; it doubles with each failure. */
const FIRST_PAUSE = 500;
/** No pause is longer than this, unless the system asks for more, in milliseconds. */
const MAX_PAUSE = 15_000;
/** Most that a system is granted when it asks for a pause, in milliseconds. */
const MAX_ASKED_PAUSE = 3_600_000;
/** How often the same events may fail before it is asked whether it is they that are to blame. */
const SUSPICIOUS = 5;
/** Most events set aside that are sent again in one go. */
const MAX_RETRIES_AT_ONCE = 100;
/** How often it is looked for those, in milliseconds. */
const RETRY_INTERVAL = 1_000;
/** How many of them may fail in a row before the others are left for later. */
const MAX_RETRIES_IN_VAIN = 5;
/** Most events that are read at once. */
const MAX_READ = 2_000;

interface Part {
  readonly lane: Lane;
  readonly count: number;
}

/** What happened since the store was told last. */
interface Unsaved {
  delivered: number;
  retried: number;
  setAside: Progress['setAside'];
}

/**
 * Delivers to one destination: reads behind the lanes' cursors, sends batches, and keeps how far it is.
 *
 * Users are spread over lanes. A batch takes from lanes that have nothing under way, so several batches can be under
 * way at a time while each user's events stay in order.
 */
export class DestinationWorker {
  private lanes: Lane[] = [];
  private readTo: Place = START;
  /** Until when this instance may deliver, as `performance.now()` tells. */
  private claimedUntil = 0;
  private nextClaim = 0;
  private nextRetry = 0;
  private claiming = false;
  /** Whether another instance delivers, as far as this one knows. */
  private isElsewhere = false;
  private reading = false;
  private retrying = false;
  /** There may be more behind `readTo`. */
  private unread = true;
  private underWay = 0;
  private nextLane = 0;
  private pausedUntil = 0;
  private failuresInARow = 0;
  private lastSuccess = 0;
  private problem: string | undefined;
  private unsaved: Unsaved = nothing();
  private changed = false;
  private saving: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pauseTimer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly settledListeners = new Set<() => void>();
  private readonly log: ThrottledLog;

  constructor(
    private readonly destination: Destination,
    private readonly store: DeliveryStore,
    private readonly options: DeliveryOptions,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.log = new ThrottledLog(logger, clock);
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), TICK);
    this.timer.unref();
    this.tick();
  }

  /** There are new events. */
  wake(): void {
    this.unread = true;
    void this.fill();
  }

  /** Sends nothing new, waits for what is under way, keeps how far it came, and lets others deliver. */
  async close(timeout: number): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    clearTimeout(this.pauseTimer);
    await this.until(() => this.underWay === 0 && !this.retrying && !this.claiming, timeout);
    try {
      await this.saving;
      if (this.lanes.length > 0) {
        await this.save();
        await this.store.release();
      }
    } catch (error) {
      this.logger.warn(
        `${this.destination.name}: how far deliveries are was not kept: ${toError(error).message}`,
      );
    }
  }

  /** Resolves when nothing waits that this instance is to deliver, or the time, in milliseconds, is over. */
  drained(timeout: number): Promise<void> {
    this.wake();
    return this.until(() => this.isIdle, timeout);
  }

  /** What was read and is not settled. */
  get pendingEvents(): readonly RecordedEvent[] {
    return this.lanes.flatMap((lane) => lane.peek(lane.size).map(({ event }) => event));
  }

  private get pending(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.size, 0);
  }

  private get isIdle(): boolean {
    if (this.isElsewhere) return true;
    return !this.unread && !this.reading && this.underWay === 0 && this.pending === 0;
  }

  private get mayDeliver(): boolean {
    return performance.now() < this.claimedUntil - CLAIM_MARGIN;
  }

  private tick(): void {
    if (this.closed) return;
    void this.claim();
    this.unread = true;
    void this.fill();
    void this.retryDue();
    if (this.changed) this.saveSoon();
  }

  private async claim(): Promise<void> {
    const start = performance.now();
    if (this.claiming || start < this.nextClaim) return;
    this.claiming = true;
    this.nextClaim = start + CLAIM_INTERVAL;
    try {
      const claim = await this.store.claim();
      this.isElsewhere = claim === false;
      if (claim === false) {
        this.lose();
        return;
      }
      if (claim !== true) this.beginAt(claim);
      this.claimedUntil = start + this.store.claimDuration;
    } catch (error) {
      this.log.error(`${this.destination.name}: nothing can be delivered: ${toError(error).message}`);
    } finally {
      this.claiming = false;
      this.announce();
    }
    void this.fill();
  }

  /** This instance begins to deliver. */
  private beginAt(cursors: readonly Place[]): void {
    this.lanes = Array.from({ length: LANES }, (_, index) => new Lane(cursors[index] ?? START));
    this.readTo = earliest(cursors);
    this.unsaved = nothing();
    this.unread = true;
  }

  /** Another instance delivers now. What is under way here cannot be called back. */
  private lose(): void {
    this.claimedUntil = 0;
    this.lanes = [];
  }

  private async fill(): Promise<void> {
    const window = this.destination.concurrency * this.destination.maxBatchSize * 2;
    if (this.reading || this.closed || !this.unread || !this.mayDeliver || this.pending >= window) {
      this.dispatch();
      return;
    }
    this.reading = true;
    const { lanes } = this;
    try {
      const limit = Math.max(100, Math.min(MAX_READ, window));
      const read = await this.store.read(this.readTo, limit);
      if (lanes === this.lanes) {
        for (const placed of read) this.add(placed);
        this.unread = read.length === limit;
      }
    } catch (error) {
      this.log.error(`${this.destination.name}: the events cannot be read: ${toError(error).message}`);
      this.unread = false;
    } finally {
      this.reading = false;
    }
    this.dispatch();
    this.announce();
    if (this.unread) await this.fill();
  }

  private add(placed: Placed): void {
    this.readTo = placed.place;
    this.changed = true;
    if (this.destination.accepts(placed.event)) this.lanes[laneOf(placed.event.userId)]?.add(placed);
  }

  private dispatch(): void {
    const { concurrency, maxBatchSize } = this.destination;
    while (!this.closed && this.mayDeliver && performance.now() >= this.pausedUntil) {
      // After a failure one batch shows whether the system is there again.
      if (this.underWay >= (this.failuresInARow > 0 ? 1 : concurrency)) return;
      // Beside a batch under way, only a full one: while it is away, the next one grows.
      if (this.underWay > 0 && this.available < maxBatchSize) return;
      const { parts, batch } = this.takeBatch();
      if (batch.length === 0) return;
      void this.send(parts, batch);
    }
  }

  private get available(): number {
    return this.lanes.reduce((sum, lane) => sum + (lane.busy ? 0 : lane.size), 0);
  }

  /** As many events as fit in a batch, from the lanes that have nothing under way. */
  private takeBatch(): { readonly parts: readonly Part[]; readonly batch: readonly Placed[] } {
    const parts: Part[] = [];
    const batch: Placed[] = [];
    const first = this.nextLane;
    for (let step = 0; step < LANES && batch.length < this.destination.maxBatchSize; step++) {
      const lane = this.lanes[(first + step) % LANES];
      if (!lane || lane.busy || lane.size === 0) continue;
      const taken = lane.peek(this.destination.maxBatchSize - batch.length);
      lane.busy = true;
      parts.push({ lane, count: taken.length });
      batch.push(...taken);
      this.nextLane = (first + step + 1) % LANES;
    }
    return { parts, batch };
  }

  private async send(parts: readonly Part[], batch: readonly Placed[]): Promise<void> {
    const { lanes } = this;
    this.underWay++;
    if (parts.some(({ lane }) => lane.failures > 0)) this.unsaved.retried += batch.length;
    const result = await deliverBatch(this.destination, batch, this.blameFor(parts, batch));
    this.underWay--;
    if (lanes === this.lanes) this.settle(parts, result);
    this.announce();
    if (this.unread) void this.fill();
    else this.dispatch();
  }

  private blameFor(parts: readonly Part[], batch: readonly Placed[]): Blame {
    const suspects = parts.filter(({ lane }) => lane.failures >= SUSPICIOUS).map(({ lane }) => lane);
    if (suspects.length === 0) return 'system';
    if (suspects.every(({ failedSince }) => this.lastSuccess > failedSince)) return 'events';
    return batch.length > 1 ? 'find' : 'system';
  }

  private settle(parts: readonly Part[], { settled, refused, failure }: BatchResult): void {
    const now = performance.now();
    let left = settled;
    for (const { lane, count } of parts) {
      const done = Math.min(count, left);
      left -= done;
      lane.busy = false;
      lane.settle(done);
      if (done > 0) lane.failures = 0;
      if (done === count || !failure || subjectOf(failure) === 'system') continue;
      if (lane.failures++ === 0) lane.failedSince = now;
    }
    this.unsaved.delivered += settled - refused.length;
    for (const each of refused) this.setAside(each);
    if (settled > 0) this.succeed(now);
    if (failure) this.pause(failure);
    if (settled > 0 || failure) this.saveSoon();
  }

  private succeed(now: number): void {
    this.lastSuccess = now;
    this.failuresInARow = 0;
    this.problem = undefined;
  }

  private setAside({ event, error }: Refused): void {
    const failedAt = this.clock.now();
    const nextAttemptAt = this.nextAttempt(1, failedAt);
    this.unsaved.setAside = [...this.unsaved.setAside, { event, error, failedAt, nextAttemptAt }];
    this.log.error(`${this.destination.name} did not take an event: ${error.message}`);
    if (nextAttemptAt === undefined) this.report(error, event);
  }

  /** @param attempts how many have failed */
  private nextAttempt(attempts: number, now: number): number | undefined {
    const wait = this.options.retryDelays[attempts - 1];
    return wait === undefined ? undefined : now + wait;
  }

  private pause(failure: Error): void {
    const asked = failure instanceof RemoteUnavailableError ? (failure.retryAfter ?? 0) : 0;
    const own = Math.random() * Math.min(MAX_PAUSE, FIRST_PAUSE * 2 ** this.failuresInARow);
    const pause = Math.max(own, Math.min(asked, MAX_ASKED_PAUSE));
    this.failuresInARow++;
    this.problem = problemOf(failure);
    this.pausedUntil = performance.now() + pause;
    this.log.error(`events for ${this.destination.name} wait: ${failure.message}`);
    clearTimeout(this.pauseTimer);
    this.pauseTimer = setTimeout(() => this.dispatch(), pause);
    this.pauseTimer.unref();
  }

  private saveSoon(): void {
    this.changed = true;
    if (this.saving) return;
    this.saving = this.saveAll()
      .catch((error: unknown) => {
        const reason = toError(error).message;
        this.log.error(`${this.destination.name}: how far deliveries are was not kept: ${reason}`);
      })
      .finally(() => {
        this.saving = undefined;
      });
  }

  private async saveAll(): Promise<void> {
    while (this.changed && this.lanes.length > 0) await this.save();
  }

  private async save(): Promise<void> {
    const { unsaved } = this;
    this.unsaved = nothing();
    this.changed = false;
    const cursors = this.lanes.map((lane) => lane.cursorAt(this.readTo));
    try {
      if (!(await this.store.save({ ...unsaved, cursors, problem: this.problem }))) this.lose();
    } catch (error) {
      this.unsaved = {
        delivered: this.unsaved.delivered + unsaved.delivered,
        retried: this.unsaved.retried + unsaved.retried,
        setAside: [...unsaved.setAside, ...this.unsaved.setAside],
      };
      this.changed = true;
      throw error;
    }
  }

  /** Sends the events again that were set aside and whose time has come. */
  private async retryDue(): Promise<void> {
    const start = performance.now();
    if (this.retrying || start < this.nextRetry || !this.mayDeliver || start < this.pausedUntil) return;
    this.retrying = true;
    this.nextRetry = start + RETRY_INTERVAL;
    const retried: Retried[] = [];
    try {
      const due = await this.store.due(this.clock.now(), MAX_RETRIES_AT_ONCE);
      let inARow = 0;
      for (const { event, attempts } of due) {
        if (this.closed || !this.mayDeliver || inARow === MAX_RETRIES_IN_VAIN) break;
        const error = await this.retry(event);
        if (error && subjectOf(error) === 'system') {
          this.pause(error);
          break;
        }
        inARow = error ? inARow + 1 : 0;
        retried.push(this.retriedEvent(event, attempts + 1, error));
      }
      if (retried.length > 0) await this.store.saveRetried(retried, this.clock.now());
    } catch (error) {
      this.log.error(`${this.destination.name}: nothing can be sent again: ${toError(error).message}`);
    } finally {
      this.retrying = false;
      this.announce();
    }
  }

  private async retry(event: RecordedEvent): Promise<Error | undefined> {
    try {
      await this.destination.deliver([event]);
      this.lastSuccess = performance.now();
      return undefined;
    } catch (error) {
      return toError(error);
    }
  }

  private retriedEvent(event: RecordedEvent, attempts: number, error: Error | undefined): Retried {
    if (!error) return { eventId: event.id, delivered: true };
    const nextAttemptAt = this.nextAttempt(attempts, this.clock.now());
    if (nextAttemptAt === undefined) this.report(error, event);
    return { eventId: event.id, delivered: false, attempts, nextAttemptAt, error };
  }

  /** Tells `delivery.onError` of an event that is not tried any more. */
  report(error: Error, event: RecordedEvent): void {
    const { name } = this.destination;
    this.logger.error(`${name}: event ${event.id} is given up: ${error.message}`);
    const complain = (reason: unknown) =>
      this.logger.error(`delivery.onError threw: ${toError(reason).message}`);
    try {
      Promise.resolve(this.options.onError?.(error, event, name)).catch(complain);
    } catch (reason) {
      complain(reason);
    }
  }

  private announce(): void {
    for (const listener of this.settledListeners) listener();
  }

  /** Resolves when something is so, or the time, in milliseconds, is over. */
  private async until(isSo: () => boolean, timeout: number): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.settledListeners.delete(check);
        resolve();
      };
      const check = () => {
        if (isSo()) done();
      };
      const timer = setTimeout(done, timeout);
      this.settledListeners.add(check);
    });
  }
}

function nothing(): Unsaved {
  return { delivered: 0, retried: 0, setAside: [] };
}
