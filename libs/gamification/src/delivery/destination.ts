import type { RecordedEvent } from '../events/event.js';

/**
 * A remote system to which events are delivered.
 *
 * What `deliver` throws decides what happens next. `RemoteUnavailableError`, and a `RemoteRefusalError` with status 401
 * or 403, are about the system: all of its events wait. Anything else is about the events: it is found out which of
 * them, and these are set aside.
 */
export interface Destination {
  /** The name of the system's option, such as `gmfy`. */
  readonly name: string;
  /** Most events of one call to `deliver`. */
  readonly maxBatchSize: number;
  /** Most calls to `deliver` at a time. Events of one user are never in two of them. */
  readonly concurrency: number;

  /** Whether an event is to be delivered there. */
  accepts(event: RecordedEvent): boolean;

  /** Delivers events, in their order. Resolves when the system has them all. */
  deliver(events: readonly RecordedEvent[]): Promise<void>;
}

/** The injection token of all destinations that the options configure. */
export const DESTINATIONS = Symbol('destinations');
