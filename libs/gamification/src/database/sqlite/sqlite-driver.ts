import { setTimeout as delay } from 'node:timers/promises';
import {
  CheckViolationError,
  MissingDriverError,
  StorageUnavailableError,
  TransactionConflictError,
} from '../database.errors.js';
import type { DatabaseDriver } from '../driver.js';
import { Sql, type SqlPort, type SqlRow } from '../sql.js';
import { SqliteError, SqliteThread, type Step } from './sqlite-thread.js';

/** How long a transaction waits for another connection's lock, in milliseconds. */
const LOCK_TIMEOUT = 5_000;
/** How long it waits between two tries, in milliseconds. */
const LOCK_RETRY = 5;

const BEGIN: Step = { text: 'begin immediate', parameters: [] };
const COMMIT: Step = { text: 'commit', parameters: [] };

/**
 * SQLite through better-sqlite3, on a thread of its own: WAL, `synchronous = FULL`, one writer, one reader.
 */
export class SqliteDriver implements DatabaseDriver {
  readonly dialect = 'sqlite';
  readonly parallelTransactions = 1;
  private readonly inMemory: boolean;
  private thread: SqliteThread | undefined;
  private lastExclusive: Promise<unknown> = Promise.resolve();

  /** @param path the database file, or `:memory:` */
  constructor(private readonly path: string) {
    this.inMemory = path === ':memory:';
  }

  read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const read = () =>
      work(new Sql('sqlite', (text, parameters) => this.run('reader', [{ text, parameters }])));
    // In memory there is one connection, on which a read would see a transaction's unfinished work.
    return this.inMemory ? this.exclusively(read) : read();
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.exclusively(async () => {
      let begun = false;
      const port: SqlPort = async (text, parameters) => {
        if (begun) return this.run('writer', [{ text, parameters }]);
        const rows = await this.begin({ text, parameters });
        begun = true;
        return rows;
      };
      try {
        const result = await work(new Sql('sqlite', port));
        if (begun) await this.run('writer', [COMMIT]);
        return result;
      } catch (error) {
        if (!this.thread?.hasEnded) await this.thread?.rollback();
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.lastExclusive;
    await this.thread?.close();
  }

  /** Begins a transaction together with its first statement, which saves a way to the thread and back. */
  private async begin(first: Step): Promise<readonly SqlRow[]> {
    const deadline = performance.now() + LOCK_TIMEOUT;
    for (;;) {
      try {
        return await this.run('writer', [BEGIN, first]);
      } catch (error) {
        const locked = error instanceof StorageUnavailableError && error.reason === 'locked';
        if (!locked || performance.now() > deadline) throw error;
        await this.thread?.rollback();
        await delay(LOCK_RETRY);
      }
    }
  }

  private async run(connection: 'writer' | 'reader', steps: readonly Step[]): Promise<readonly SqlRow[]> {
    if (this.thread === undefined || this.thread.hasEnded) {
      this.thread = new SqliteThread(this.path, !this.inMemory);
    }
    try {
      return await this.thread.run(connection, steps);
    } catch (error) {
      throw translate(error);
    }
  }

  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lastExclusive.then(work);
    this.lastExclusive = result.catch(() => undefined);
    return result;
  }
}

function translate(error: unknown): unknown {
  if (!(error instanceof SqliteError)) return error;
  const { code, message } = error;
  const unavailable = (reason: 'locked' | 'full' | 'unreachable') =>
    new StorageUnavailableError(reason, message, { cause: error });
  switch (code) {
    case 'ERR_MODULE_NOT_FOUND':
      return new MissingDriverError('better-sqlite3', { cause: error });
    case 'SQLITE_CONSTRAINT_CHECK':
      return new CheckViolationError(message, { cause: error });
    case 'SQLITE_CONSTRAINT_UNIQUE':
      return new TransactionConflictError(message, { cause: error });
    case 'SQLITE_FULL':
      return unavailable('full');
    case 'THREAD_ENDED':
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return unavailable('unreachable');
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return unavailable('locked');
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN'))
    return unavailable('unreachable');
  return error;
}
