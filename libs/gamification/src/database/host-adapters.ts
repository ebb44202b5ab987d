import type { SqlPort, SqlRow, SqlValue } from './sql.js';

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

/**
 * A `pg` transaction for `{ transaction }`. The caller ran `begin` on the client and will commit or roll back.
 * Make it once per transaction: writes through one adapter take turns.
 */
export function pgTransaction(client: PgClient): SqlPort {
  return async (text, parameters) => (await client.query(text, parameters)).rows;
}

/**
 * A better-sqlite3 transaction for `{ transaction }`, on a connection of the host's own to the same file.
 * The caller ran `begin immediate` and will commit or roll back; `db.transaction()` of better-sqlite3 does not fit,
 * as it cannot wait for a Promise. Make it once per transaction: writes through one adapter take turns.
 */
export function betterSqliteTransaction(database: BetterSqliteDatabase): SqlPort {
  return (text, parameters) => {
    const statement = database.prepare(text);
    if (statement.reader) return statement.all(...parameters) as SqlRow[];
    statement.run(...parameters);
    return [];
  };
}
