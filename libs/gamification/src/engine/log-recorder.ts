import type { Database } from '../database/database.js';
import type { Written } from '../database/group-commit.js';
import type { SqlPort } from '../database/sql.js';
import type { CheckedEvent, Outcome } from '../events/event.js';
import { EventRecorder } from '../events/event-recorder.js';
import { balanceBoards } from '../leaderboards/balance-boards.js';
import type { Engine } from './engine.js';
import { RecordEvents } from './record-events.js';

/** Records events in the log, and lets the mechanics have their effects. */
export class LogRecorder extends EventRecorder {
  private readonly command: RecordEvents;
  private readonly hostCommand: RecordEvents;

  /** @param onRecorded told when the log has new events, and whose they are; not of those in a host's transaction */
  constructor(
    private readonly engine: Engine,
    private readonly database: Database,
    private readonly onRecorded: (userIds: readonly string[]) => void,
  ) {
    super();
    this.command = new RecordEvents(engine, false);
    this.hostCommand = new RecordEvents(engine, true);
  }

  async record(events: readonly CheckedEvent[]): Promise<readonly Written<Outcome>[]> {
    const keys = [...new Set(events.map(({ userId }) => userId))];
    const written = await this.database.write(this.command, { events, whole: false }, { keys });
    this.onRecorded(keys);
    if (this.engine.balancing.needed.size > 0) this.balance();
    return written;
  }

  async recordIn(transaction: SqlPort, events: readonly CheckedEvent[]): Promise<readonly Outcome[]> {
    const written = await this.database.write(
      this.hostCommand,
      { events, whole: true },
      { keys: [], transaction },
    );
    // As a whole, nothing is answered where one is refused.
    return written.flatMap((each) => (each.ok ? [each.value] : []));
  }

  /** Nobody waits for it, and when it fails, the next events try again. */
  private balance(): void {
    const { needed } = this.engine.balancing;
    const boards = [...needed];
    needed.clear();
    this.database.write(balanceBoards, boards, { keys: [] }).catch(this.engine.report);
  }
}
