import { isNativeError } from 'node:util/types';
import type { Pool, PoolClient } from 'pg';
import { GamificationError, MissingPackageError } from '../../gamification.errors.js';
import { toError } from '../../to-error.js';
import {
  CheckViolationError,
  RowsLockedError,
  StorageUnavailableError,
  TransactionConflictError,
} from '../database.errors.js';
import type { DatabaseDriver } from '../driver.js';
import { pgTransaction } from '../host-adapters.js';
import { type RunStatements, runThrough, Sql } from '../sql.js';
import { Statement } from '../statement.js';

/** How long a new connection may take, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;
/** How long a statement may wait for a lock, such as that of a host's open transaction, in milliseconds. */
const LOCK_TIMEOUT = 1_000;
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
const SET_LOCK_TIMEOUT = new Statement("select set_config('lock_timeout', $1, true)");
const COMMIT = new Statement('commit').with();

/** Instances that start together take turns. */
const TAKE_TURNS = new Statement("select pg_advisory_xact_lock(hashtext('gamification_migrations'))").with();

/** PostgreSQL through a `pg` pool. */
export class PostgresDriver implements DatabaseDriver {
  readonly dialect = 'postgres';
  readonly parallelTransactions = 2;
  private pool: Promise<Pool> | undefined;
  /** Of prepared statements, by their text. The library has a fixed number of texts. */
  private readonly names = new Map<string, string>();
  /** How often the schema was found to have changed. */
  private schemas = 0;

  /**
   * @param url `postgres://user:password@host:port/database`
   * @param maxConnections size of the pool
   * @param prepares whether each connection keeps the plans of statements: planning takes longer than most of them run
   * @param onIdleError told when a connection breaks that nobody was using
   */
  constructor(
    private readonly url: string,
    private readonly maxConnections: number,
    private readonly prepares: boolean,
    private readonly onIdleError: (error: Error) => void,
  ) {}

  async read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const once = () => this.withClient(async (client) => work(new Sql('postgres', this.through(client))));
    // Reads meet no other transaction, only a schema that has changed.
    return once().catch((error: unknown) => {
      if (error instanceof TransactionConflictError) return once();
      throw error;
    });
  }

  async transaction<T>(work: (sql: Sql) => Promise<T>, lockTimeout?: number): Promise<T> {
    const workInTime = async (sql: Sql) => {
      if (lockTimeout !== undefined) sql.queue(SET_LOCK_TIMEOUT.with(String(lockTimeout)));
      return work(sql);
    };
    return this.withClient((client) => inTransaction(this.through(client), workInTime), true);
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
      await client.connect().catch(unreachable);
      return await inTransaction(runThrough(pgTransaction(client)), (sql) => {
        sql.queue(TAKE_TURNS);
        return work(sql);
      });
    } catch (error) {
      throw translateOwn(error);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  readonly translate = translate;

  async close(): Promise<void> {
    await (await this.pool)?.end();
  }

  /** Runs statements on a connection, those with parameters as prepared ones. */
  private through(client: PoolClient): RunStatements {
    if (!this.prepares) return runThrough(pgTransaction(client));
    return runThrough(async (text, values) => {
      if (values.length === 0) return (await client.query(text)).rows;
      let name = this.names.get(text);
      if (name === undefined) {
        name = `gamification_${this.schemas}_${this.names.size}`;
        this.names.set(text, name);
      }
      try {
        return (await client.query({ name, text, values })).rows;
      } catch (error) {
        if (!isStalePlan(error)) throw error;
        // A newer version of the library has changed the schema meanwhile. Under other names, all are planned anew.
        this.schemas++;
        this.names.clear();
        throw new TransactionConflictError('the schema has changed', { cause: error });
      }
    });
  }

  private async withClient<T>(work: (client: PoolClient) => Promise<T>, rollBack = false): Promise<T> {
    this.pool ??= this.open();
    let client: PoolClient | undefined;
    try {
      const pool = await this.pool;
      client = await pool.connect().catch(unreachable);
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      const translated = translateOwn(error);
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
    throw new MissingPackageError('storage.url', ['pg'], { cause: error });
  });
}

/** Commits what `work` does. Where it rejects, the caller lets go of the connection or rolls back. */
async function inTransaction<T>(run: RunStatements, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = new Sql('postgres', run);
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

/** Whatever keeps a connection from coming about: the network, TLS, a password, a server that takes no more. */
function unreachable(error: unknown): never {
  const { message } = toError(error);
  throw new StorageUnavailableError('unreachable', message, { cause: error });
}

/** As {@link translate}, for errors that can only come from `pg` itself: a broken connection has no code there. */
function translateOwn(error: unknown): unknown {
  const translated = translate(error);
  const ofTheClient = /connection|timeout|terminated|queryable|pool/i;
  return translated === error && isNativeError(error) && !('code' in error) && ofTheClient.test(error.message)
    ? new StorageUnavailableError('unreachable', error.message, { cause: error })
    : translated;
}

/** By the codes of https://www.postgresql.org/docs/current/errcodes-appendix.html. */
function translate(error: unknown): unknown {
  if (!isNativeError(error) || error instanceof GamificationError) return error;
  const code = codeOf(error);
  const options = { cause: error };
  const { message } = error;
  switch (code) {
    case '23514':
      return new CheckViolationError(message, options);
    case '23505':
    case '40001':
    case '40P01':
      return new TransactionConflictError(message, options);
    case '53100':
      return new StorageUnavailableError('full', message, options);
    case '55P03':
      return new RowsLockedError(message, options);
    case '57014':
      return new StorageUnavailableError('timeout', message, options);
  }
  const ofTheServer = /^[0-9A-Z]{5}$/.test(code) && (code === '42501' || !OF_THE_STATEMENT.test(code));
  const ofTheNetwork = /^(E[A-Z]+|EAI_[A-Z]+)$/.test(code);
  return ofTheServer || ofTheNetwork ? new StorageUnavailableError('unreachable', message, options) : error;
}

/** PostgreSQL has a code for it that it also has for other things. */
function isStalePlan(error: unknown): boolean {
  return codeOf(error) === '0A000' && isNativeError(error) && error.message.includes('cached plan');
}

/** The code of an error, or of the one that a database library wrapped. */
function codeOf(error: unknown): string {
  for (let each = error; isNativeError(each); each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code;
  }
  return '';
}

/** Classes of errors about a statement or its values. All others are about the server, or this client's standing there. */
const OF_THE_STATEMENT = /^(0A|21|22|23|25P0[12]|42|54)/;
