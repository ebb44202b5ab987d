import type { Written } from '../database/group-commit.js';
import type { SqlPort } from '../database/sql.js';
import type { CheckedEvent, Outcome } from './event.js';

/** Where the intake records events. */
export abstract class EventRecorder {
  /**
   * Records events in their order. One that the mechanics refuse fails alone.
   *
   * @throws StorageUnavailableError when none of them can be recorded at the moment
   */
  abstract record(events: readonly CheckedEvent[]): Promise<readonly Written<Outcome>[]>;

  /**
   * Records events in a transaction of the host's: all of them, or none.
   *
   * @throws StorageUnavailableError; what the mechanics refuse one of them with
   */
  abstract recordIn(transaction: SqlPort, events: readonly CheckedEvent[]): Promise<readonly Outcome[]>;
}
