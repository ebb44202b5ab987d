import type { RecordedEvent } from '../events/event.js';
import type { Page, PageRequest } from '../page.js';
import type { Place } from './place.js';

/**
 * How many lanes each destination has. All events of a user are in one lane, and a lane has one batch under way at a
 * time, which keeps them in order. Each lane has its own cursor, so the number must never change.
 */
export const LANES = 16;

/** An event and where it stands. */
export interface Placed {
  readonly place: Place;
  readonly event: RecordedEvent;
  /** Whether it was recorded before the destination was there, so that it is not for it. */
  readonly isBefore?: boolean;
}

/** An event that a destination did not take, and why. */
export interface Refused {
  readonly event: RecordedEvent;
  readonly error: Error;
}

/** An event that was set aside, and how often its delivery has failed. */
export interface SetAside {
  readonly event: RecordedEvent;
  readonly attempts: number;
}

/** The right to deliver, as a store gives it. */
export interface Claimed {
  /** Another number each time the right changes hands. */
  readonly token: number;
  readonly cursors: readonly Place[];
}

/** What has changed with one destination since its store was told last. */
export interface Progress {
  /** How far each lane is: everything up to there was delivered or set aside. */
  readonly cursors: readonly Place[];
  readonly delivered: number;
  /** How many events were sent again after a failure. */
  readonly retried: number;
  /** Events to be set aside until a time. */
  readonly setAside: readonly (Refused & {
    readonly failedAt: number;
    readonly nextAttemptAt: number | undefined;
  })[];
  /** Why nothing can be delivered at the moment. */
  readonly problem: string | undefined;
}

/** What became of another try to deliver an event that was set aside: delivered, or failed once more. */
export type Retried =
  | { readonly eventId: string; readonly delivered: true }
  | {
      readonly eventId: string;
      readonly delivered: false;
      readonly attempts: number;
      /** Absent for a dead letter. */
      readonly nextAttemptAt: number | undefined;
      readonly error: Error;
    };

/** An event that a destination did not take however often it was sent. */
export interface DeadLetter {
  /** The destination. */
  readonly destination: string;
  readonly event: RecordedEvent;
  readonly attempts: number;
  readonly failedAt: Date;
  /** Why the last attempt failed. */
  readonly reason: string;
}

/** Which dead letters are wanted. */
export interface DeadLetterQuery extends PageRequest {
  readonly destination: string;
}

/** How deliveries to one destination are doing. */
export interface DestinationStatus {
  readonly destination: string;
  /** Events that were delivered since the destination was first configured; without storage, since the start. */
  readonly delivered: number;
  /** Events that are still to be delivered, those set aside included. Of the log, 10,000 at most are looked at. */
  readonly waiting: number;
  /** How many times an event was sent again after a failure. */
  readonly retried: number;
  /** Dead letters. */
  readonly dead: number;
  /** How long ago the oldest of those was received that were not set aside, in seconds: 0 when there is none. */
  readonly lag: number;
  /** Why nothing can be delivered at the moment: a `RemoteProblem`, `unauthorized` or `refused`. */
  readonly problem?: string;
}

/** Where the deliveries to one destination come from, and where it is kept how far they are. */
export interface DeliveryStore {
  /** Takes the right to deliver, or keeps it for another while. @returns nothing where another instance has it */
  claim(): Promise<Claimed | undefined>;

  /** How long a claim lasts, in milliseconds. */
  readonly claimDuration: number;

  /** The events behind a place, in their order. */
  read(after: Place, limit: number): Promise<readonly Placed[]>;

  /** The place of the last event that was recorded, also where it cannot be read yet. */
  end(): Promise<Place>;

  /** @returns false where the claim is no longer this one; then nothing was kept */
  save(progress: Progress, token: number): Promise<boolean>;

  /** The events whose next attempt is due. */
  due(now: number, limit: number): Promise<readonly SetAside[]>;

  /** Keeps what became of another try. @returns false where the claim is no longer this one; then nothing was kept */
  saveRetried(retried: Retried, now: number, token: number): Promise<boolean>;

  /** Gives up the right to deliver. */
  release(token: number): Promise<void>;

  status(now: number): Promise<DestinationStatus>;

  deadLetters(query: DeadLetterQuery): Promise<Page<DeadLetter>>;

  /** Makes dead letters due at once: those named, or all. @returns how many */
  sendAgain(eventIds: readonly string[] | undefined, now: number): Promise<number>;
}
