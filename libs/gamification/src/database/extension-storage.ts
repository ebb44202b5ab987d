import { InvalidQueryError } from '../gamification.errors.js';
import { Database } from './database.js';
import type { WriteCommand, Written } from './group-commit.js';
import type { ColumnTypes } from './migrations.js';
import { type SqlValue, Statement } from './statement.js';

/** Runs a statement, with the values for its `$1`, `$2`, …, and answers its rows. */
export type RunSql = <Row>(text: string, ...values: readonly SqlValue[]) => Promise<readonly Row[]>;

/**
 * The library's own database, for what an extension of it keeps in tables of its own.
 *
 * The class is its own injection token: `constructor(private readonly storage: ExtensionStorage) {}`.
 */
export class ExtensionStorage {
  constructor(private readonly database: Database) {}

  /**
   * Makes the extension's tables. To be called at every start.
   *
   * @param statements `create table if not exists …` and the like, in the words of the database. Names begin with
   * `gamification_` and the extension's own name
   */
  prepare(statements: (types: ColumnTypes) => readonly string[]): Promise<void> {
    return this.database.prepare(statements);
  }

  /**
   * Reads.
   *
   * @throws InvalidQueryError for a text with a NUL character, which PostgreSQL cannot store
   * @throws StorageUnavailableError
   */
  async read<Row>(text: string, ...values: readonly SqlValue[]): Promise<readonly Row[]> {
    const statement = statementOf(text, values);
    return this.database.read((sql) => sql.rows<Row>(statement));
  }

  /**
   * Writes in a transaction, with others that write at the same time. Where the transaction cannot be committed, `work` runs
   * again.
   *
   * @throws what `work` throws; then nothing was written. Its statements throw InvalidQueryError for a text with a NUL character
   * @throws StorageUnavailableError
   */
  async write<T>(work: (run: RunSql) => Promise<T>): Promise<T> {
    let result: { readonly value: T } | undefined;
    await this.database.write(
      extension,
      async (run) => {
        result = { value: await work(run) };
      },
      { keys: [] },
    );
    if (!result) throw new Error('what was written has no result');
    return result.value;
  }
}

const extension: WriteCommand<(run: RunSql) => Promise<void>, void> = {
  name: 'extension',

  async run(sql, works) {
    const results: Written<void>[] = [];
    for (const work of works) {
      await work(async (text, ...values) => sql.rows(statementOf(text, values)));
      results.push({ ok: true, value: undefined });
    }
    return results;
  },
};

function statementOf(text: string, values: readonly SqlValue[]) {
  for (const value of values) {
    if (typeof value === 'string' && value.includes('\0')) {
      throw new InvalidQueryError(
        `${JSON.stringify(value.slice(0, 100))}: allowed are texts without a NUL character`,
      );
    }
  }
  return new Statement(text).with(...values);
}
