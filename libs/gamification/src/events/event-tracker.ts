import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { SqlPort } from '../database/sql.js';
import { GamificationOptions } from '../gamification.options.js';
import { isPlainObject } from '../validation.js';
import { Identify } from './check-event.js';
import type { EventRequest, Outcome } from './event.js';
import type { EventDetails, EventType } from './event-class.js';
import { EventIntake } from './event-intake.js';
import type { Tracked, TrackingCounters, TrackingFailure } from './tracking-reports.js';

/** How an event is recorded, and what is told of it. */
export interface RecordOptions {
  /**
   * The host's own transaction: the event is recorded when it commits, and not at all when it does not. Such an event
   * passes the queue, so it does not wait for events that were enqueued before, and `events$` does not show it.
   */
  readonly transaction?: SqlPort;
  /**
   * Whether the outcome tells `ranks`, the places on leaderboards: true unless told. Whoever does not read them saves a
   * third of the time that an event takes, and under load more.
   */
  readonly ranks?: boolean;
}

/** How traits of a user are recorded. */
export interface IdentifyOptions extends RecordOptions {
  /** Since when they are so: now unless told; at most 5 minutes ahead. */
  readonly occurredAt?: Date | undefined;
}

/** The arguments of {@link EventTracker.track}, as `trackMany` takes them. */
export type TrackArguments<Events extends readonly EventType[]> = {
  readonly [Index in keyof Events]: readonly [type: Events[Index], details: EventDetails<Events[Index]>];
};

/** Tracks what users do, from anywhere in the application. */
@Injectable()
export class EventTracker {
  constructor(
    private readonly intake: EventIntake,
    private readonly options: GamificationOptions,
  ) {}

  /** Every event that was recorded or replayed, after it was committed. */
  get events$(): Observable<Tracked> {
    return this.intake.tracked$;
  }

  /** Every event that could not be tracked and that no caller waited for. */
  get errors$(): Observable<TrackingFailure> {
    return this.intake.failures$;
  }

  /** How many events went which way since the start. */
  get counters(): TrackingCounters {
    return this.intake.counters;
  }

  /**
   * Records an event and answers what it changed, once that is committed.
   *
   * @param type an event class, whose traits are checked, or a bare type
   * @throws EventValidationError when the event is not as its class says
   * @throws QueueFullError, TrackerClosedError when it was not taken
   * @throws StorageUnavailableError when it could not be recorded; repeat it with an idempotence key to be safe
   */
  track<Event extends EventType>(
    type: Event,
    details: EventDetails<Event>,
    options: RecordOptions = {},
  ): Promise<Outcome> {
    return this.record({ ...details, type }, options);
  }

  /**
   * Records events, each given as the arguments of {@link track}, in their order.
   * All of them are checked before the first is recorded.
   *
   * @throws as {@link track}; with EventValidationError and QueueFullError, none was recorded
   */
  async trackMany<const Events extends readonly EventType[]>(
    events: TrackArguments<Events>,
    { transaction, ranks = true }: RecordOptions = {},
  ): Promise<readonly Outcome[]> {
    const requests = events.map(([type, details]) => ({ ...details, type }));
    return transaction
      ? this.intake.writeIn(transaction, requests, ranks)
      : this.intake.submitAll(requests, ranks);
  }

  /**
   * Takes an event to be recorded soon, and returns at once.
   * What is wrong with it is found later and reported to `onError` and `errors$`. Objects inside its traits belong to the
   * tracker from now on and must not be changed.
   *
   * @returns whether it was taken; not when the queue is full or the tracker is closed
   */
  enqueue<Event extends EventType>(type: Event, details: EventDetails<Event>): boolean {
    const { userId, action, idempotenceKey, traits, occurredAt }: Omit<EventRequest, 'type'> = details;
    const copy = isPlainObject(traits) ? { ...traits } : traits;
    return this.intake.enqueue({ type, userId, action, idempotenceKey, traits: copy, occurredAt });
  }

  /**
   * Records traits of a user, such as a name, a time zone or a group. They add to those recorded before, and replace
   * those of the same name.
   *
   * @throws as {@link track}
   */
  identify(
    userId: string,
    traits: Readonly<Record<string, unknown>>,
    { occurredAt, ...options }: IdentifyOptions = {},
  ): Promise<Outcome> {
    return this.record({ type: Identify, userId, traits, occurredAt }, options);
  }

  /**
   * Resolves when every event taken so far was recorded or has failed.
   *
   * @param timeout how long to wait, in milliseconds: the option `tracking.shutdownTimeout` unless told
   * @throws FlushTimeoutError saying how many are left
   */
  flush(timeout: number = this.options.tracking.shutdownTimeout): Promise<void> {
    return this.intake.flush(timeout);
  }

  private async record(
    request: EventRequest,
    { transaction, ranks = true }: RecordOptions,
  ): Promise<Outcome> {
    if (!transaction) return this.intake.submit(request, ranks);
    const [outcome] = await this.intake.writeIn(transaction, [request], ranks);
    if (!outcome) throw new Error('the log gave no outcome');
    return outcome;
  }
}
