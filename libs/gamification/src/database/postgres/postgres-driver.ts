import { isNativeError } from 'node:util/types';
import type { ClientBase, Pool, PoolClient } from 'pg';
import {
  CheckViolationError,
  MissingDriverError,
  RowsLockedError,
  StorageUnavailableError,
  TransactionConflictError,
} from '../database.errors.js';
import type { DatabaseDriver } from '../driver.js';
import { pgTransaction } from '../host-adapters.js';
import { runThrough, Sql } from '../sql.js';
import { Statement } from '../statement.js';

/** How long a new connection may take, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;
/** How long a statement may wait for a lock, such as that of a host's open transaction, in milliseconds. */
const LOCK_TIMEOUT = 2_000;
/** How long a transaction of a process that stopped in the middle of it keeps its locks, in milliseconds. */
const IDLE_TIMEOUT = 30_000;
/** How long the server may work on one statement, in milliseconds. */
const STATEMENT_TIMEOUT = 10_000;
/** How long a statement of a migration may take, waiting for other instances included, in milliseconds. */
const MIGRATION_TIMEOUT = 600_000;
/** How long an answer may take before the connection is given up, in milliseconds. */
const ANSWER_TIMEOUT = 15_000;

/** Named, because the host may have changed the default, and the locks of the statements are meant for this one. */
const BEGIN = new Statement('begin isolation level read committed').with();
const COMMIT = new Statement('commit').with();

/** Instances that start together take turns. */
const TAKE_TURNS = new Statement("select pg_advisory_xact_lock(hashtext('gamification_migrations'))").with();

/** PostgreSQL through a `pg` pool. */
export class PostgresDriver implements DatabaseDriver {
  readonly dialect = 'postgres';
  readonly parallelTransactions = 2;
  private pool: Promise<Pool> | undefined;

  /**
   * @param url `postgres://user:password@host:port/database`
   * @param maxConnections size of the pool
   * @param onIdleError told when a connection breaks that nobody was using
   */
  constructor(
    private readonly url: string,
    private readonly maxConnections: number,
    private readonly onIdleError: (error: Error) => void,
  ) {}

  async read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.withClient(async (client) => work(new Sql('postgres', runThrough(pgTransaction(client)))));
  }

  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.withClient((client) => inTransaction(client, work), true);
  }

  /** On a connection of its own, because the pool's time limits are too short for it. */
  async migration<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const { default: pg } = await loadPg();
    const client = new pg.Client({
      connectionString: this.url,
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      query_timeout: MIGRATION_TIMEOUT,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await inTransaction(client, (sql) => {
        sql.queue(TAKE_TURNS);
        return work(sql);
      });
    } catch (error) {
      throw translate(error);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  translate(error: unknown): unknown {
    return translate(error);
  }

  async close(): Promise<void> {
    await (await this.pool)?.end();
  }

  private async withClient<T>(work: (client: PoolClient) => Promise<T>, rollBack = false): Promise<T> {
    this.pool ??= this.open();
    let client: PoolClient | undefined;
    try {
      client = await (await this.pool).connect();
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      const translated = translate(error);
      if (client) await giveBack(client, translated, rollBack);
      throw translated;
    }
  }

  private async open(): Promise<Pool> {
    const { default: pg } = await loadPg();
    const pool = new pg.Pool({
      connectionString: this.url,
      max: this.maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      lock_timeout: LOCK_TIMEOUT,
      idle_in_transaction_session_timeout: IDLE_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
      query_timeout: ANSWER_TIMEOUT,
      keepAlive: true,
      allowExitOnIdle: true,
      application_name: 'nestjs-gamification',
    });
    pool.on('error', this.onIdleError);
    // A connection that breaks between two statements of a transaction: the next statement reports it.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }
}

function loadPg(): Promise<typeof import('pg')> {
  return import('pg').catch((error: unknown) => {
    throw new MissingDriverError('pg', { cause: error });
  });
}

/** Commits what `work` does. Where it rejects, the caller lets go of the connection or rolls back. */
async function inTransaction<T>(client: ClientBase, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = new Sql('postgres', runThrough(pgTransaction(client)));
  sql.queue(BEGIN);
  const result = await work(sql);
  await sql.rows(COMMIT);
  return result;
}

/** Returns a client to its pool after an error: rolled back where that works, otherwise thrown away. */
async function giveBack(client: PoolClient, error: unknown, rollBack: boolean): Promise<void> {
  if (error instanceof StorageUnavailableError && error.reason === 'unreachable') {
    client.release(true);
    return;
  }
  try {
    if (rollBack) await client.query('rollback');
    client.release();
  } catch {
    client.release(true);
  }
}

/** By the codes of https://www.postgresql.org/docs/current/errcodes-appendix.html. */
function translate(error: unknown): unknown {
  if (!isNativeError(error) || error instanceof MissingDriverError) return error;
  const unavailable = (reason: 'full' | 'unreachable' | 'timeout') =>
    new StorageUnavailableError(reason, error.message, { cause: error });
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case '23514':
      return new CheckViolationError(error.message, { cause: error });
    case '23505':
    case '40001':
    case '40P01':
      return new TransactionConflictError(error.message, { cause: error });
    case '53100':
      return unavailable('full');
    case '55P03':
      return new RowsLockedError(error.message, { cause: error });
    case '57014':
      return unavailable('timeout');
  }
  const ofTheServer = /^[0-9A-Z]{5}$/.test(code) && (code === '42501' || !OF_THE_STATEMENT.test(code));
  const ofTheNetwork = /^(E[A-Z]+|EAI_[A-Z]+)$/.test(code);
  // What pg itself throws (a broken connection, an answer that never came) has no code and is no server's message.
  const ofTheClient =
    code === '' && /connection|connect|timeout|terminated|queryable|pool/i.test(error.message);
  return ofTheServer || ofTheNetwork || ofTheClient ? unavailable('unreachable') : error;
}

/** Classes of errors about a statement or its values. All others are about the server, or this client's standing there. */
const OF_THE_STATEMENT = /^(0A|21|22|23|25P0|42|54)/;
