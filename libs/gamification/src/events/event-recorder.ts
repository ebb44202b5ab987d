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
  /** @param onRecorded told when the log has new events; not of those in a host's transaction */
  constructor(
    private readonly database: Database,
    private readonly onRecorded: () => void,
  ) {
    super();
  }

  async record(events: readonly CheckedEvent[], transaction?: SqlPort): Promise<readonly Outcome[]> {
    const keys = transaction ? [] : [...new Set(events.map(({ userId }) => userId))];
    const outcomes = await this.database.write(appendEvents, events, { keys, transaction });
    if (!transaction) this.onRecorded();
    return outcomes;
  }
}
