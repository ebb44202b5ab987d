import { setTimeout as delay } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import { MissingPackageError } from '../../gamification.errors.js';
import {
  CheckViolationError,
  StorageUnavailableError,
  TransactionConflictError,
} from '../database.errors.js';
import type { DatabaseDriver } from '../driver.js';
import { Sql, type SqlRow } from '../sql.js';
import { type NativeSql, Statement } from '../statement.js';
import { SqliteThread, THREAD_ENDED } from './sqlite-thread.js';

/** How long a transaction waits for another connection's lock, in milliseconds. */
const LOCK_TIMEOUT = 5_000;
/** How long it waits between two tries, in milliseconds. */
const LOCK_RETRY = 5;

const BEGIN = new Statement('begin immediate').with();
const COMMIT = new Statement('commit').with();

/**
 * SQLite through better-sqlite3, on a thread of its own: WAL, `synchronous = FULL`, one writer, one reader.
 */
export class SqliteDriver implements DatabaseDriver {
  readonly dialect = 'sqlite';
  readonly parallelTransactions = 1;
  private readonly inMemory: boolean;
  private thread: SqliteThread | undefined;
  private lastExclusive: Promise<unknown> = Promise.resolve();
  private closed = false;

  /** @param path the database file, or `:memory:` */
  constructor(private readonly path: string) {
    this.inMemory = path === ':memory:';
  }

  read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const read = () => {
      const thread = this.openThread();
      return work(new Sql('sqlite', (statements) => this.run(thread, 'reader', statements)));
    };
    // In memory there is one connection, on which a read would see a transaction's unfinished work.
    return this.inMemory ? this.exclusively(read) : read();
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.exclusively(async () => {
      // One thread for the whole transaction: should it end, its successor knows nothing of what was begun.
      const thread = this.openThread();
      const sql = new Sql('sqlite', (statements) => this.write(thread, statements));
      sql.queue(BEGIN);
      try {
        const result = await work(sql);
        await sql.rows(COMMIT);
        return result;
      } catch (error) {
        await thread.rollBack();
        throw error;
      }
    });
  }

  migration<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.transaction(work);
  }

  readonly translate = translate;

  async close(): Promise<void> {
    this.closed = true;
    await this.lastExclusive;
    await this.thread?.close();
  }

  /** Waits for the lock that the first statement, `begin immediate`, takes; nothing else can be locked out. */
  private async write(
    thread: SqliteThread,
    statements: readonly NativeSql[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    const deadline = performance.now() + LOCK_TIMEOUT;
    for (;;) {
      try {
        return await this.run(thread, 'writer', statements);
      } catch (error) {
        const locked = error instanceof StorageUnavailableError && error.reason === 'locked';
        if (!locked || this.closed || performance.now() > deadline) throw error;
        await delay(LOCK_RETRY);
      }
    }
  }

  private async run(
    thread: SqliteThread,
    connection: 'writer' | 'reader',
    statements: readonly NativeSql[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    try {
      return await thread.run(connection, statements);
    } catch (error) {
      throw translate(error);
    }
  }

  /** @throws StorageUnavailableError when the driver is closed, or what was in memory has gone with its thread */
  private openThread(): SqliteThread {
    if (this.closed) throw new StorageUnavailableError('closed', 'the database is closed');
    if (this.thread?.hasEnded && this.inMemory) {
      throw new StorageUnavailableError(
        'unreachable',
        'the SQLite thread has ended, and the data in memory with it',
      );
    }
    if (this.thread === undefined || this.thread.hasEnded) {
      this.thread = new SqliteThread(this.path, !this.inMemory);
    }
    return this.thread;
  }

  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lastExclusive.then(work);
    this.lastExclusive = result.catch(() => undefined);
    return result;
  }
}

/** By the result codes of https://www.sqlite.org/rescode.html, as better-sqlite3 gives them. */
function translate(error: unknown): unknown {
  if (!isNativeError(error) || !('code' in error) || typeof error.code !== 'string') return error;
  const { code, message } = error;
  const unavailable = (reason: 'locked' | 'full' | 'unreachable') =>
    new StorageUnavailableError(reason, message, { cause: error });
  if (code === 'ERR_MODULE_NOT_FOUND')
    return new MissingPackageError('storage.url', ['better-sqlite3'], { cause: error });
  if (code === THREAD_ENDED) return unavailable('unreachable');
  if (code === 'SQLITE_CONSTRAINT_CHECK') return new CheckViolationError(message, { cause: error });
  if (code === 'SQLITE_CONSTRAINT_UNIQUE') return new TransactionConflictError(message, { cause: error });
  if (!code.startsWith('SQLITE_') || OF_THE_STATEMENT.test(code)) return error;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return unavailable('locked');
  return unavailable(code === 'SQLITE_FULL' ? 'full' : 'unreachable');
}

/** What is wrong with a statement or its values, rather than with the database. */
const OF_THE_STATEMENT = /^SQLITE_(ERROR|CONSTRAINT|TOOBIG|MISMATCH|RANGE)/;
