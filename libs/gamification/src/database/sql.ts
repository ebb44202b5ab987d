import type { Bound, Dialect, NativeSql, SqlValue } from './statement.js';

/** A row as the driver returns it. Whole numbers may come as numbers or, from some drivers, as texts. */
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * One function that runs one statement on one connection and returns its rows. It is all the library needs of a
 * database library, so a host's own transaction fits in a few lines (see the README for `pg`, better-sqlite3,
 * Kysely, Drizzle and TypeORM).
 *
 * @param text SQL of the storage's dialect, with the driver's own placeholders: `$1` for PostgreSQL, `?` for SQLite
 * @param parameters the values, in order
 */
export interface SqlPort {
  (text: string, parameters: SqlValue[]): readonly SqlRow[] | PromiseLike<readonly SqlRow[]>;
  /**
   * The connection it runs on, where several such functions may be made for one transaction: writes on one connection
   * take turns.
   */
  readonly connection?: object;
}

/** Runs statements in their order, stops at the first that fails, and returns the rows of each. */
export type RunStatements = (statements: readonly NativeSql[]) => Promise<readonly (readonly SqlRow[])[]>;

/**
 * A connection or transaction as the domains use it. Statements whose rows nobody needs are queued and handed over
 * with the next one: to SQLite's thread all of them go in one message, because the way there costs more than most
 * statements do.
 */
export class Sql {
  private queued: NativeSql[] = [];

  constructor(
    readonly dialect: Dialect,
    private readonly run: RunStatements,
  ) {}

  /** Runs what is queued and then this, and returns its rows. */
  async rows<Row = SqlRow>(statement: Bound): Promise<readonly Row[]> {
    const [rows = []] = await this.send([statement]);
    return as<Row>(rows);
  }

  /** Runs what is queued and then these two, and returns the rows of both. */
  async rowsOfBoth<First, Second>(
    first: Bound,
    second: Bound,
  ): Promise<readonly [readonly First[], readonly Second[]]> {
    const [one = [], two = []] = await this.send([first, second]);
    return [as<First>(one), as<Second>(two)];
  }

  /** Has a statement run before the next one, at the latest with the end of the transaction. */
  queue(statement: Bound): void {
    this.queued.push(statement.in(this.dialect));
  }

  private async send(statements: readonly Bound[]): Promise<readonly (readonly SqlRow[])[]> {
    const { queued } = this;
    this.queued = [];
    const results = await this.run([...queued, ...statements.map((statement) => statement.in(this.dialect))]);
    return results.slice(queued.length);
  }
}

/**
 * The border between SQL and types: a statement and the row type it is read as stand side by side where it is called,
 * and the contract tests run each of them on both databases.
 */
function as<Row>(rows: readonly unknown[]): readonly Row[] {
  return rows as readonly Row[];
}

/** Runs statements one after another through a port. */
export function runThrough(port: SqlPort): RunStatements {
  return async (statements) => {
    const results: (readonly SqlRow[])[] = [];
    for (const { text, runs } of statements) {
      const rows: (readonly SqlRow[])[] = [];
      for (const parameters of runs) rows.push(await port(text, [...parameters]));
      results.push(rows.flat());
    }
    return results;
  };
}
