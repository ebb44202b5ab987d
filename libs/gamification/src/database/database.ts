import type { DatabaseDriver } from './driver.js';
import { GroupCommit, type WriteCommand } from './group-commit.js';
import { HostTransactions } from './host-transactions.js';
import { type Migration, migrate } from './migrations.js';
import type { Sql, SqlPort } from './sql.js';
import { Statement } from './statement.js';

/** How a write reaches the database. */
export interface WriteOptions {
  /** What the write must not overtake and not run beside: the users it concerns. */
  readonly keys: readonly string[];
  /** The host's transaction to write in, instead of one of the library's own. */
  readonly transaction?: SqlPort | undefined;
}

const PING = new Statement('select 1 as one');

/** The storage: reads, grouped writes, and writes inside a host's transaction. */
export class Database {
  private readonly groupCommit: GroupCommit;
  private readonly hostTransactions: HostTransactions;

  /** @param maxPendingWrites writes that may wait for a transaction at most */
  constructor(
    private readonly driver: DatabaseDriver,
    maxPendingWrites: number,
  ) {
    this.groupCommit = new GroupCommit(driver, maxPendingWrites);
    this.hostTransactions = new HostTransactions(driver.dialect);
  }

  get dialect() {
    return this.driver.dialect;
  }

  /** Brings the schema up to date. @param now the time to record, in milliseconds since 1970 */
  async migrate(migrations: readonly Migration[], now: number): Promise<void> {
    await this.driver.transaction((sql) => migrate(sql, migrations, now));
  }

  /** Runs statements that only read. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.driver.read(work);
  }

  /**
   * Writes one input: with others in a transaction of its own, or in the host's.
   *
   * @throws StorageUnavailableError when the storage cannot be used
   * @throws the command's refusal; then nothing of this input was written
   */
  write<Input, Output>(
    command: WriteCommand<Input, Output>,
    input: Input,
    { keys, transaction }: WriteOptions,
  ): Promise<Output> {
    return transaction
      ? this.hostTransactions.write(transaction, command, input)
      : this.groupCommit.write(command, input, keys);
  }

  /** @throws StorageUnavailableError when the database does not answer */
  async ping(): Promise<void> {
    await this.driver.read((sql) => sql.rows(PING));
  }

  /** Finishes the writes under way and lets go of files and connections. */
  async close(): Promise<void> {
    await this.groupCommit.drained();
    await this.driver.close();
  }
}
