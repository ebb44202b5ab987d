import type { Changes } from '../mechanics/changes.js';
import type { EventType } from './event-class.js';

/**
 * An event as it was asked to be tracked, before it was checked. Its fields are what the caller gave: the types of the
 * public calls are stricter, but JavaScript callers and resolver functions can give anything.
 */
export interface EventRequest {
  readonly type: EventType;
  readonly userId: unknown;
  readonly action?: unknown;
  readonly idempotenceKey?: unknown;
  readonly traits?: unknown;
  readonly occurredAt?: unknown;
}

/** An event that can be recorded. */
export interface CheckedEvent {
  /** UUIDv7, given once: recording the same id again changes nothing. */
  readonly id: string;
  readonly userId: string;
  readonly type: string;
  readonly action: string | undefined;
  readonly idempotenceKey: string | undefined;
  /** A JSON object. */
  readonly traits: string;
  /** Milliseconds since 1970. */
  readonly occurredAt: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Whether its outcome is to tell the places on leaderboards, which take a good part of the time. */
  readonly ranked: boolean;
  /** Whether it was tried before to record it, and the answer was lost. */
  readonly tried: boolean;
}

/** An event of the log. */
export interface RecordedEvent {
  /** UUIDv7. */
  readonly id: string;
  readonly userId: string;
  readonly type: string;
  readonly action?: string;
  readonly idempotenceKey?: string;
  /** The properties of the event, as JSON keeps them: a `Date` is its ISO 8601 text. */
  readonly traits: Readonly<Record<string, unknown>>;
  /** When it happened, as whoever tracked it said. */
  readonly occurredAt: Date;
  /** When it was handed to the tracker. */
  readonly receivedAt: Date;
}

/** All that one event changed. `ranks` are told to whoever waits for the outcome, unless with `ranks: false`. */
export interface Outcome extends Changes {
  /** The id of the event in the log. */
  readonly eventId: string;
  /** When the event was received; of a replay, when it was received first. */
  readonly receivedAt: Date;
  /** Whether the idempotence key was known, so that this is the outcome of the first event and nothing was repeated. */
  readonly replayed: boolean;
}

/** A checked event as the log shows it. */
export function toRecorded(checked: Omit<CheckedEvent, 'ranked' | 'tried'>): RecordedEvent {
  // Not with `...`, which costs as much as all the rest, for each event that is recorded, read and delivered.
  const event: { -readonly [Field in keyof RecordedEvent]: RecordedEvent[Field] } = {
    id: checked.id,
    userId: checked.userId,
    type: checked.type,
    // The text was made by JSON.stringify of an object.
    traits: JSON.parse(checked.traits) as Record<string, unknown>,
    occurredAt: new Date(checked.occurredAt),
    receivedAt: new Date(checked.receivedAt),
  };
  if (checked.action !== undefined) event.action = checked.action;
  if (checked.idempotenceKey !== undefined) event.idempotenceKey = checked.idempotenceKey;
  return event;
}
