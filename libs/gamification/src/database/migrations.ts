import { StorageVersionError } from './database.errors.js';
import type { Sql } from './sql.js';
import { type Dialect, Statement } from './statement.js';

/** The words of a table definition that differ between the databases. */
export interface ColumnTypes {
  readonly dialect: Dialect;
  /** Text, compared by code point in both databases. */
  readonly text: string;
  /** A whole number of 64 bits. */
  readonly integer: string;
  /** A primary key that counts up in the order of insertion and never repeats. */
  readonly position: string;
  /** What closes a table definition. */
  readonly end: string;
}

/** One step of the schema's history. Once released it never changes. */
export interface Migration {
  /** Unique and never changed: it is what the database remembers. */
  readonly name: string;
  /** The statements, in order. */
  readonly statements: (types: ColumnTypes) => readonly string[];
}

export const COLUMN_TYPES: Readonly<Record<Dialect, ColumnTypes>> = {
  sqlite: {
    dialect: 'sqlite',
    text: 'text',
    integer: 'integer',
    position: 'integer primary key autoincrement',
    end: ') strict',
  },
  postgres: {
    dialect: 'postgres',
    text: 'text collate "C"',
    integer: 'bigint',
    position: 'bigint generated always as identity primary key',
    end: ')',
  },
};

const CREATE_TABLE = new Statement({
  sqlite:
    'create table if not exists gamification_migrations (name text primary key, applied_at integer not null) strict',
  postgres:
    'create table if not exists gamification_migrations (name text collate "C" primary key, applied_at bigint not null)',
});
const APPLIED = new Statement('select name from gamification_migrations order by applied_at, name');
const RECORD = new Statement('insert into gamification_migrations (name, applied_at) values ($1, $2)');
/**
 * Brings the schema up to date. To be run by `DatabaseDriver.migration`, so that it happens once, and whole or not at all.
 *
 * @param migrations all of them, in order
 * @param now the time to record, in milliseconds since 1970
 * @throws StorageVersionError when the database has migrations that are not among them
 */
export async function migrate(sql: Sql, migrations: readonly Migration[], now: number): Promise<void> {
  sql.queue(CREATE_TABLE.with());
  const applied = new Set((await sql.rows<{ name: string }>(APPLIED.with())).map(({ name }) => name));

  const known = new Set(migrations.map(({ name }) => name));
  const unknown = [...applied].filter((name) => !known.has(name));
  if (unknown.length > 0) throw new StorageVersionError(unknown);

  for (const { name, statements } of migrations) {
    if (applied.has(name)) continue;
    for (const text of statements(COLUMN_TYPES[sql.dialect])) sql.queue(new Statement(text).with());
    sql.queue(RECORD.with(name, now));
  }
}
