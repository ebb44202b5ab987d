import type { Database } from '../database/database.js';
import type { SqlPort } from '../database/sql.js';
import { appendEvents } from './append-events.js';
import type { CheckedEvent, Outcome } from './event.js';

/** Where the intake records events. */
export abstract class EventRecorder {
  /**
   * Records events in their order: all of them, or none.
   *
   * @param transaction the host's own, to record them in
   * @throws StorageUnavailableError when they cannot be recorded at the moment
   */
  abstract record(events: readonly CheckedEvent[], transaction?: SqlPort): Promise<readonly Outcome[]>;
}

/** Records events in the log. */
export class LogRecorder extends EventRecorder {
  constructor(private readonly database: Database) {
    super();
  }

  record(events: readonly CheckedEvent[], transaction?: SqlPort): Promise<readonly Outcome[]> {
    const keys = transaction ? [] : [...new Set(events.map(({ userId }) => userId))];
    return this.database.write(appendEvents, events, { keys, transaction });
  }
}
