import type { SqlPort, SqlRow } from './sql.js';
import type { SqlValue } from './statement.js';

/** The part of a `pg` client that is used of it; a `Client` or `PoolClient` on which `begin` was run. */
export interface PgClient {
  query(text: string, values: SqlValue[]): Promise<{ rows: SqlRow[] }>;
}

/** The part of a better-sqlite3 database that is used of it. */
export interface BetterSqliteDatabase {
  prepare(text: string): {
    readonly reader: boolean;
    all(...parameters: SqlValue[]): unknown[];
    run(...parameters: SqlValue[]): unknown;
  };
}

/** A `pg` transaction for `{ transaction }`. The caller ran `begin` on the client and will commit or roll back. */
export function pgTransaction(client: PgClient): SqlPort {
  const run: SqlPort = async (text, parameters) => (await client.query(text, parameters)).rows;
  return Object.assign(run, { connection: client });
}

/**
 * A better-sqlite3 transaction for `{ transaction }`, on a connection of the host's own to the same file.
 * The caller ran `begin immediate` and will commit or roll back; `db.transaction()` of better-sqlite3 does not fit,
 * as it cannot wait for a Promise.
 */
export function betterSqliteTransaction(database: BetterSqliteDatabase): SqlPort {
  const run: SqlPort = (text, parameters) => {
    const statement = database.prepare(text);
    // better-sqlite3 cannot know the columns of a text, and types rows as unknown.
    if (statement.reader) return statement.all(...parameters) as SqlRow[];
    statement.run(...parameters);
    return [];
  };
  return Object.assign(run, { connection: database });
}
