export type Dialect = 'sqlite' | 'postgres';

/** What a statement's parameter can be. */
export type SqlValue = string | number | null;

/** SQL with its parameters, as a driver takes it. */
export interface NativeSql {
  readonly text: string;
  /** The statement is run once for each of these lists. */
  readonly runs: readonly (readonly SqlValue[])[];
}

/** A statement with its parameters, for whichever database. */
export interface Bound {
  in(dialect: Dialect): NativeSql;
}

/** A text for each dialect, for the few places where one text cannot serve both. */
export type SqlTexts = Readonly<Record<Dialect, string>>;

/**
 * SQL written once for both databases. Make it once, as a constant, beside the code that runs it.
 *
 * - `$1`, `$2`, … are the parameters.
 * - `each($1)` in a FROM clause is the table of a JSON list's elements: `each.value` is an element, `each.key` its
 *   place. The elements are lists themselves, and `each.value ->> 0` is the text of an element's first member.
 */
export class Statement {
  private readonly native: Readonly<Record<Dialect, { text: string; order: readonly number[] }>>;

  constructor(texts: string | SqlTexts) {
    const { sqlite, postgres } = typeof texts === 'string' ? { sqlite: texts, postgres: texts } : texts;
    this.native = { sqlite: forSqlite(sqlite), postgres: forPostgres(postgres) };
  }

  /** @param parameters the values for `$1`, `$2`, …; a list is for `each($n)` */
  with(...parameters: readonly (SqlValue | readonly (readonly SqlValue[])[])[]): Bound {
    const values = parameters.map((value) =>
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    );
    return {
      in: (dialect) => {
        const { text, order } = this.native[dialect];
        return { text, runs: [order.map((index) => required(values[index]))] };
      },
    };
  }
}

/**
 * Inserts a set of rows. On SQLite a prepared statement is run for each of them, which is faster than taking a list
 * apart; on PostgreSQL, where a way to the server costs more than the work, one statement takes them all.
 */
export class Insert {
  private readonly texts: SqlTexts;

  /**
   * @param columns the columns in the order of a row's values, with their types
   * @param more what follows the rows: `on conflict …`, `returning …`
   */
  constructor(table: string, columns: Readonly<Record<string, 'bigint' | 'text'>>, more = '') {
    const names = Object.keys(columns);
    const into = `insert into ${table} (${names.join(', ')})`;
    const members = Object.values(columns).map((type, index) =>
      type === 'text' ? `each.value ->> ${index}` : `cast(each.value ->> ${index} as ${type})`,
    );
    this.texts = {
      sqlite: `${into} values (${names.map(() => '?').join(', ')}) ${more}`,
      postgres: `${into} select ${members.join(', ')} from ${eachOf('$1')} order by each.key ${more}`,
    };
  }

  /** @param rows in the order in which they are to be inserted */
  with(rows: readonly (readonly SqlValue[])[]): Bound {
    return {
      in: (dialect) => ({
        text: this.texts[dialect],
        runs: dialect === 'sqlite' ? rows : [[JSON.stringify(rows)]],
      }),
    };
  }
}

/**
 * A statement for a set of rows that has a text for each database. On SQLite a prepared statement is run for each of
 * them, with its values for the `?` of the text in order, and gives the rows of all runs; on PostgreSQL one statement
 * takes them all as `each($1)`.
 */
export class ForEach {
  private readonly texts: SqlTexts;

  constructor({ sqlite, postgres }: SqlTexts) {
    this.texts = { sqlite, postgres: forPostgres(postgres).text };
  }

  /** @param rows the values of each, in the order in which SQLite runs them */
  with(rows: readonly (readonly SqlValue[])[]): Bound {
    return {
      in: (dialect) => ({
        text: this.texts[dialect],
        runs: dialect === 'sqlite' ? rows : [[JSON.stringify(rows)]],
      }),
    };
  }
}

/** A statement's optional conditions, with the parameters they bring. */
export class Conditions {
  private readonly texts: string[] = [];
  readonly parameters: (SqlValue | readonly (readonly SqlValue[])[])[] = [];

  /** Adds a condition; each `?` in it stands for the next of `values`. */
  add(text: string, ...values: readonly (SqlValue | readonly (readonly SqlValue[])[])[]): this {
    const rest = [...values];
    this.texts.push(text.replace(/\?/g, () => this.parameter(required(rest.shift()))));
    return this;
  }

  /** The placeholder of a value that belongs elsewhere in the statement, such as its limit. */
  parameter(value: SqlValue | readonly (readonly SqlValue[])[]): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }

  /** `where …`, or nothing. */
  get where(): string {
    return this.texts.length === 0 ? '' : `where ${this.texts.join(' and ')}`;
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('a statement has more placeholders than parameters');
  return value;
}

const EACH = /\beach\((\$\d+)\)/g;

function forSqlite(text: string): { text: string; order: readonly number[] } {
  const order: number[] = [];
  // `json_each` has columns such as `id` and `type` of its own, which would clash with those of the tables.
  const native = text
    .replace(EACH, '(select key, value from json_each($1)) as each')
    .replace(/\$(\d+)/g, (_, number) => {
      order.push(Number(number) - 1);
      return '?';
    });
  return { text: native, order };
}

function forPostgres(text: string): { text: string; order: readonly number[] } {
  const native = text.replace(EACH, (_, parameter) => eachOf(parameter));
  const count = Math.max(0, ...[...native.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  return { text: native, order: Array.from({ length: count }, (_, index) => index) };
}

/**
 * The elements of a JSON list as a table of PostgreSQL. It takes any list for 100 rows, for which it would rather read all
 * of a small table than look them up, and keeps to that while the table grows. With two bounds it takes it for one row.
 */
function eachOf(parameter: string): string {
  return `(
    select value, key from jsonb_array_elements(${parameter}::jsonb) with ordinality as list(value, key)
    where key > 0 and key < 2147483648) as each`;
}
