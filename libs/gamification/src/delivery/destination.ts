import type { RecordedEvent } from '../events/event.js';

/**
 * A remote system to which events are delivered.
 *
 * What `deliver` throws decides what happens next, see `deliver-batch.ts`: some errors are about the system, so that all
 * of its events wait, some about the events, which are then set aside, and with some that has to be found out.
 */
export interface Destination {
  /** The name of the system's option, such as `gmfy`. */
  readonly name: string;
  /** Most events of one call to `deliver`. */
  readonly maxBatchSize: number;
  /**
   * Most calls to `deliver` at a time, beside one for an event that was set aside. Events of one user are never in two of
   * them, but for one that was set aside.
   */
  readonly concurrency: number;

  /** Whether events of a type are to be delivered there. */
  accepts(type: string): boolean;

  /** Delivers events, in their order. Resolves when the system has them all. */
  deliver(events: readonly RecordedEvent[]): Promise<void>;
}

/** The injection token of all destinations that the options configure. */
export const DESTINATIONS = Symbol('destinations');
