import { type Dialect, Statement } from './statement.js';

/** What a statement's parameter can be. */
export type SqlValue = string | number | null;

/** A row as the driver returns it. Whole numbers may come as numbers or, from some drivers, as texts. */
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * One function that runs one statement on one connection and returns its rows. It is all the library needs of a
 * database library, so a host's own transaction fits in one to three lines (see the README for `pg`, better-sqlite3,
 * Kysely, Drizzle and TypeORM).
 *
 * @param text SQL of the storage's dialect, with the driver's own placeholders: `$1` for PostgreSQL, `?` for SQLite
 * @param parameters the values, in order
 */
export type SqlPort = (
  text: string,
  parameters: SqlValue[],
) => readonly SqlRow[] | PromiseLike<readonly SqlRow[]>;

/** A connection or transaction as the domains use it: a {@link SqlPort} that knows its dialect. */
export class Sql {
  constructor(
    readonly dialect: Dialect,
    private readonly port: SqlPort,
  ) {}

  /**
   * Runs one statement.
   *
   * @param parameters the values for `$1`, `$2`, …; a list goes as JSON for `each($n)`
   */
  async rows<Row = SqlRow>(
    statement: Statement,
    parameters: readonly (SqlValue | readonly unknown[])[] = [],
  ): Promise<readonly Row[]> {
    const { text, order } = statement.in(this.dialect);
    const values = order.map((index) => toSqlValue(parameters[index]));
    // The border between SQL and types: a statement and the row type it is read as stand side by side where it is
    // called, and the contract tests run each of them on both databases.
    return (await this.port(text, values)) as readonly unknown[] as readonly Row[];
  }
}

function toSqlValue(value: SqlValue | readonly unknown[] | undefined): SqlValue {
  if (value === undefined) throw new RangeError('a statement has more placeholders than parameters');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
