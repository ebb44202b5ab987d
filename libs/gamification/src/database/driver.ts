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

  /** Runs statements that only read, outside any transaction. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T>;

  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;

  /** Waits for nothing new, and lets go of files and connections. */
  close(): Promise<void>;
}
