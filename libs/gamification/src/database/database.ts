import { within } from '../within.js';
import { StorageUnavailableError } from './database.errors.js';
import type { DatabaseDriver } from './driver.js';
import { GroupCommit, type WriteCommand } from './group-commit.js';
import { HostTransactions } from './host-transactions.js';
import { COLUMN_TYPES, type ColumnTypes, type Migration, migrate } from './migrations.js';
import type { Sql, SqlPort } from './sql.js';
import { Statement } from './statement.js';

/** How a write reaches the database. */
export interface WriteOptions {
  /** What the write must not overtake and not run beside: the users it concerns. */
  readonly keys: readonly string[];
  /** The host's transaction to write in, instead of one of the library's own. */
  readonly transaction?: SqlPort | undefined;
}

/** How long letting go of files and connections may take, in milliseconds. */
const CLOSE_TIMEOUT = 1_000;

const PING = new Statement('select 1 as one').with();

/** The storage: reads, grouped writes, and writes inside a host's transaction. */
export class Database {
  private readonly groupCommit: GroupCommit;
  private readonly hostTransactions: HostTransactions;
  private closing: Promise<void> | undefined;

  /** @param maxPendingWrites writes that may wait for a transaction at most */
  constructor(
    private readonly driver: DatabaseDriver,
    maxPendingWrites: number,
  ) {
    this.groupCommit = new GroupCommit(driver, maxPendingWrites);
    this.hostTransactions = new HostTransactions(driver);
  }

  /**
   * Brings the schema up to date.
   *
   * @param now the time to record, in milliseconds since 1970
   * @param mend run behind it, at every start, in the same transaction
   */
  async migrate(
    migrations: readonly Migration[],
    now: number,
    mend: (sql: Sql) => Promise<void> = async () => undefined,
  ): Promise<void> {
    await this.driver.migration(async (sql) => {
      await migrate(sql, migrations, now);
      await mend(sql);
    });
  }

  /** Runs statements that make what is missing, at most one instance at a time. */
  async prepare(statements: (types: ColumnTypes) => readonly string[]): Promise<void> {
    this.mustBeOpen();
    await this.driver.migration(async (sql) => {
      for (const text of statements(COLUMN_TYPES[sql.dialect])) sql.queue(new Statement(text).with());
    });
  }

  /** Runs statements that only read. @throws StorageUnavailableError when the storage cannot be used */
  async read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    this.mustBeOpen();
    return this.driver.read(work);
  }

  /**
   * Writes one input: with others in a transaction of its own, or in the host's.
   *
   * @throws StorageUnavailableError when the storage cannot be used
   * @throws the command's refusal; then nothing of this input was written
   */
  async write<Input, Output>(
    command: WriteCommand<Input, Output>,
    input: Input,
    { keys, transaction }: WriteOptions,
  ): Promise<Output> {
    this.mustBeOpen();
    return transaction
      ? this.hostTransactions.write(transaction, command, input)
      : this.groupCommit.write(command, input, keys);
  }

  /** @throws StorageUnavailableError when the database does not answer */
  async ping(): Promise<void> {
    await this.read((sql) => sql.rows(PING));
  }

  /**
   * Takes nothing new, finishes the writes under way, and lets go of files and connections.
   *
   * @param timeout how long to wait for the writes, in milliseconds
   */
  close(timeout: number): Promise<void> {
    this.closing ??= this.finish(timeout);
    return this.closing;
  }

  private async finish(timeout: number): Promise<void> {
    await within(timeout, this.groupCommit.drained());
    this.groupCommit.stop();
    // What is still under way now gives up waiting, or is left to the time limits of its connection.
    await within(CLOSE_TIMEOUT, this.driver.close());
  }

  private mustBeOpen(): void {
    if (this.closing) throw new StorageUnavailableError('closed', 'the application is shutting down');
  }
}
