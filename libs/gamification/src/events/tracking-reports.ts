import type { EventRequest, Outcome, RecordedEvent } from './event.js';

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
  /** Accepted, and then not recorded: invalid, impossible to store, or the storage failed while a caller waited or until the end. */
  readonly failed: number;
  /** Neither recorded nor failed yet: accepted, or still being put together by an asynchronous option. */
  readonly waiting: number;
}
