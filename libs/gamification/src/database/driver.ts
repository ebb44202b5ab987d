import type { Sql } from './sql.js';
import type { Dialect } from './statement.js';

/**
 * What the library needs of a database: SQLite and PostgreSQL implement it.
 *
 * Everything it throws for reasons outside the statement is a `StorageUnavailableError`, a
 * `TransactionConflictError` where running again helps, or a `CheckViolationError`.
 */
export interface DatabaseDriver {
  readonly dialect: Dialect;
  /** How many transactions of the group commit may be under way at once. */
  readonly parallelTransactions: number;

  /** Runs statements that only read, outside any transaction. `work` may be run again. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T>;

  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects.
   *
   * @param lockTimeout how long to wait for locked rows, in milliseconds; the driver's own limit unless told
   */
  transaction<T>(work: (sql: Sql) => Promise<T>, lockTimeout?: number): Promise<T>;

  /**
   * Runs `work` in a transaction that may take minutes and that only one process at a time can be in.
   */
  migration<T>(work: (sql: Sql) => Promise<T>): Promise<T>;

  /**
   * What an error of the database's client library means, as the errors above; any other error as it is.
   * For errors that come through a host's transaction, where the library does not run the statements itself.
   */
  readonly translate: (error: unknown) => unknown;

  /** Waits for nothing new, and lets go of files and connections. */
  close(): Promise<void>;
}
