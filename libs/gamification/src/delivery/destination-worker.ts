import type { Logger } from '@nestjs/common';
import { callListener } from '../call-listener.js';
import type { Clock } from '../clock.js';
import type { RecordedEvent } from '../events/event.js';
import type { DeliveryOptions } from '../gamification.options.js';
import { ThrottledLog } from '../throttled-log.js';
import { toError } from '../to-error.js';
import { within } from '../within.js';
import { Claim } from './claim.js';
import { type BatchResult, type BatchSettings, deliverBatch, subjectOf } from './deliver-batch.js';
import { type DeliveryStore, LANES, type Placed, type Progress, type Refused } from './delivery-store.js';
import type { Destination } from './destination.js';
import { Lane, laneOf } from './lane.js';
import { earliest, isAfter, type Place, START } from './place.js';
import { Retries } from './retries.js';
import { SystemState } from './system-state.js';

/** How often the worker looks for events that other instances recorded, and for what else is due, in milliseconds. */
const TICK = 250;
/** How often the same events may fail before it is asked whether it is they that are to blame. */
const SUSPICIOUS = 5;
/** How many events in a row must fail alone, at first, before it is the system that is to blame. */
const FIRST_PATIENCE = 3;
/** Patience grows with every vain search up to this, because there may be so many bad events in a row. */
const MAX_PATIENCE = 50;
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
  private reading = false;
  /** There may be more behind `readTo`. */
  private unread = true;
  private underWay = 0;
  private nextLane = 0;
  private unsaved: Unsaved = nothing();
  /** Batches that were settled and would be sent again if the process ended now. */
  private unsavedBatches = 0;
  private changed = false;
  private saving: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pauseTimer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly listeners = new Set<() => void>();
  private readonly system = new SystemState();
  private readonly claim: Claim;
  private readonly retries: Retries;
  private readonly log: ThrottledLog;

  constructor(
    private readonly destination: Destination,
    private readonly store: DeliveryStore,
    private readonly options: DeliveryOptions,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.log = new ThrottledLog(logger, clock);
    this.claim = new Claim(store, this, this.log);
    this.retries = new Retries(destination, store, this.claim, this.system, this, clock, this.log);
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

  /** There is little time left: pauses are short from now on. */
  hurry(): void {
    this.system.hurry();
    this.dispatchAfterPause();
  }

  /**
   * Sends nothing new, waits for what is under way, keeps how far it came, and lets others deliver.
   *
   * @param timeout how long all that may take, in milliseconds
   */
  async close(timeout: number): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    clearTimeout(this.pauseTimer);
    this.announce();
    const done = await within(timeout, this.finish());
    if (!done) this.logger.warn(`${this.destination.name}: deliveries were still under way at the end`);
  }

  /**
   * Resolves when what was recorded so far is settled, as far as this instance delivers it, or the time, in
   * milliseconds, is over.
   *
   * @throws StorageUnavailableError
   */
  async drained(timeout: number): Promise<void> {
    let isLate = false;
    await within(
      timeout,
      this.drain(() => isLate),
    );
    isLate = true;
    this.announce();
  }

  /** What was read and is not settled. */
  get pendingEvents(): readonly RecordedEvent[] {
    return this.lanes.flatMap((lane) => lane.peek(lane.size).map(({ event }) => event));
  }

  /** This instance delivers from now on. */
  taken(cursors: readonly Place[]): void {
    this.lanes = Array.from({ length: LANES }, (_, index) => new Lane(cursors[index] ?? START));
    this.readTo = earliest(cursors);
    this.unsaved = nothing();
    this.unsavedBatches = 0;
    this.unread = true;
  }

  /** Another instance delivers now. What is under way here cannot be called back. */
  lost(): void {
    this.lanes = [];
  }

  /** When an event is sent again that failed so often; nothing when it is a dead letter. */
  nextAttempt(attempts: number, now: number): number | undefined {
    const wait = this.options.retryDelays[attempts - 1];
    return wait === undefined ? undefined : now + wait;
  }

  /** Tells `delivery.onError` of an event that is not tried any more. */
  died(error: Error, event: RecordedEvent): void {
    const { name } = this.destination;
    this.log.error(`${name}: event ${event.id} is given up: ${error.message}`);
    const { onError } = this.options;
    callListener(() => onError?.(error, event, name), this.logger, 'delivery.onError');
  }

  private get pending(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.size, 0);
  }

  /** Whether there is nothing to wait for. One that was never started has nothing. */
  private get isOff(): boolean {
    return this.claim.isElsewhere || this.timer === undefined || this.closed;
  }

  /** Whether all that was read is settled, and all is read that the store shows. */
  private get isIdle(): boolean {
    return !this.unread && !this.reading && this.underWay === 0 && this.pending === 0;
  }

  private async drain(isLate: () => boolean): Promise<void> {
    const isOver = () => this.isOff || isLate();
    if (isOver()) return;
    const asked = await this.store.end();
    this.wake();
    for (;;) {
      await this.until(() => this.isIdle || isOver());
      if (isOver()) return;
      // While other transactions run, a log may not show all of it yet; and some of it may be erased meanwhile.
      const end = earliest([asked, await this.store.end()]);
      if (!isAfter(end, this.readTo)) return;
      this.unread = true;
    }
  }

  private tick(): void {
    if (this.closed) return;
    void this.claim.keep().then(() => {
      this.wake();
      this.announce();
    });
    this.wake();
    void this.retries.run();
    if (this.changed) this.saveSoon();
  }

  private async finish(): Promise<void> {
    await this.until(() => this.underWay === 0);
    await this.retries.close();
    try {
      await this.saving;
      if (this.lanes.length > 0) await this.save();
      await this.claim.release();
    } catch (error) {
      this.complain(error);
    }
  }

  private async fill(): Promise<void> {
    const window = this.destination.concurrency * this.destination.maxBatchSize * 2;
    while (this.unread && !this.reading && !this.closed && this.claim.isHeld && this.pending < window) {
      if (!(await this.read(Math.max(100, Math.min(MAX_READ, window))))) break;
    }
    this.dispatch();
    this.announce();
  }

  /** @returns whether it could be read */
  private async read(limit: number): Promise<boolean> {
    const { lanes } = this;
    this.reading = true;
    this.unread = false;
    try {
      const read = await this.store.read(this.readTo, limit);
      if (lanes !== this.lanes) return true;
      for (const placed of read) this.add(placed);
      if (read.length === limit) this.unread = true;
      this.dispatch();
      return true;
    } catch (error) {
      this.unread = true;
      this.log.error(`${this.destination.name}: the events cannot be read: ${toError(error).message}`);
      return false;
    } finally {
      this.reading = false;
    }
  }

  private add(placed: Placed): void {
    this.readTo = placed.place;
    this.changed = true;
    const { type, userId } = placed.event;
    if (!placed.isBefore && this.destination.accepts(type)) this.lanes[laneOf(userId)]?.add(placed);
  }

  private dispatch(): void {
    const { concurrency, maxBatchSize } = this.destination;
    while (!this.closed && this.claim.isHeld && this.system.pause === 0) {
      // After a failure one batch shows whether the system is there again.
      if (this.underWay >= (this.system.isFailing ? 1 : concurrency)) return;
      // Where a store is slower than the system, what a crash would repeat has a bound.
      if (this.unsavedBatches >= concurrency) return;
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
    let size = this.destination.maxBatchSize;
    for (let step = 0; step < LANES && batch.length < size; step++) {
      const lane = this.lanes[(first + step) % LANES];
      if (!lane || lane.busy || lane.size === 0) continue;
      // To find out who is to blame, there must be events behind those that fail.
      if (lane.failures >= SUSPICIOUS) size = Math.max(size, patienceWith(lane) + 1);
      const taken = lane.peek(size - batch.length);
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
    for (const { lane, count } of parts) this.unsaved.retried += lane.send(count);
    const result = await deliverBatch(this.destination, batch, this.settingsFor(parts));
    this.underWay--;
    if (lanes === this.lanes) this.settle(parts, result);
    await this.fill();
  }

  private settingsFor(parts: readonly Part[]): BatchSettings {
    const suspects = parts.filter(({ lane }) => lane.failures >= SUSPICIOUS).map(({ lane }) => lane);
    const patience = Math.max(FIRST_PATIENCE, ...suspects.map(patienceWith));
    const mayGoOn = () => !this.closed && this.claim.isHeld;
    if (suspects.length === 0) return { blame: 'system', patience, mayGoOn };
    const worked = suspects.every(({ failedAt }) => this.system.lastSuccess > failedAt);
    return { blame: worked ? 'events' : 'find', patience, mayGoOn };
  }

  private settle(parts: readonly Part[], { settled, refused, works, failure }: BatchResult): void {
    const now = performance.now();
    let left = settled;
    for (const { lane, count } of parts) {
      const done = Math.min(count, left);
      left -= done;
      lane.busy = false;
      lane.settle(done);
      if (done > 0) lane.failures = 0;
      if (done === count || !failure || subjectOf(failure) === 'system') continue;
      lane.failures++;
      lane.failedAt = now;
    }
    if (settled > 0) this.unsavedBatches++;
    this.unsaved.delivered += settled - refused.length;
    for (const each of refused) this.setAside(each);
    if (works) this.system.succeed();
    if (failure) this.pause(failure);
    if (settled > 0 || failure) this.saveSoon();
  }

  private setAside({ event, error }: Refused): void {
    const failedAt = this.clock.now();
    const nextAttemptAt = this.nextAttempt(1, failedAt);
    this.unsaved.setAside = [...this.unsaved.setAside, { event, error, failedAt, nextAttemptAt }];
    this.log.error(`${this.destination.name} did not take an event: ${error.message}`);
    if (nextAttemptAt === undefined) this.died(error, event);
  }

  private pause(failure: Error): void {
    this.system.fail(failure);
    this.log.error(`events for ${this.destination.name} wait: ${failure.message}`);
    this.dispatchAfterPause();
  }

  private dispatchAfterPause(): void {
    clearTimeout(this.pauseTimer);
    this.pauseTimer = setTimeout(() => this.dispatch(), this.system.pause);
    this.pauseTimer.unref();
  }

  private saveSoon(): void {
    this.changed = true;
    if (this.saving) return;
    this.saving = this.saveAll()
      .catch((error: unknown) => this.complain(error))
      .finally(() => {
        this.saving = undefined;
      });
  }

  private async saveAll(): Promise<void> {
    while (this.changed && this.lanes.length > 0) await this.save();
  }

  private async save(): Promise<void> {
    const { unsaved, unsavedBatches, lanes } = this;
    const { token } = this.claim;
    if (token === undefined) return;
    this.unsaved = nothing();
    this.changed = false;
    const cursors = lanes.map((lane) => lane.cursorAt(this.readTo));
    try {
      const { problem } = this.system;
      if (!(await this.store.save({ ...unsaved, cursors, problem }, token))) this.claim.lose();
    } catch (error) {
      // What another claim will find again in the log is not to be kept for it.
      if (lanes === this.lanes) {
        this.unsaved = {
          delivered: this.unsaved.delivered + unsaved.delivered,
          retried: this.unsaved.retried + unsaved.retried,
          setAside: [...unsaved.setAside, ...this.unsaved.setAside],
        };
        this.changed = true;
      }
      throw error;
    }
    if (lanes !== this.lanes) return;
    this.unsavedBatches -= unsavedBatches;
    this.dispatch();
  }

  private complain(error: unknown): void {
    const reason = toError(error).message;
    this.log.error(`${this.destination.name}: how far deliveries are was not kept: ${reason}`);
  }

  private announce(): void {
    for (const listener of this.listeners) listener();
  }

  /** Resolves when something is so. */
  private until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!isSo()) return;
        this.listeners.delete(check);
        resolve();
      };
      this.listeners.add(check);
      check();
    });
  }
}

/** How many events in a row may fail alone before the search among a lane's events ends for now. */
function patienceWith(lane: Lane): number {
  return Math.min(MAX_PATIENCE, FIRST_PATIENCE + Math.max(0, lane.failures - SUSPICIOUS));
}

function nothing(): Unsaved {
  return { delivered: 0, retried: 0, setAside: [] };
}
