export type Dialect = 'sqlite' | 'postgres';

/** SQL as a driver takes it. */
export interface NativeSql {
  readonly text: string;
  /** For each value the driver wants, the index of the parameter it is. */
  readonly order: readonly number[];
}

/** A text for each dialect, for the few places where one text cannot serve both. */
export interface SqlTexts {
  readonly sqlite: string;
  readonly postgres: string;
}

/**
 * SQL written once for both databases. Make it once, as a constant, beside the code that runs it.
 *
 * - `$1`, `$2`, … are the parameters.
 * - `each($1)` in a FROM clause is the table of a JSON list's elements: `each.value` is an element, `each.key` its
 *   place. Where the elements are lists themselves, `each.value ->> 0` is the text of an element's first member.
 */
export class Statement {
  private readonly native: Readonly<Record<Dialect, NativeSql>>;

  constructor(texts: string | SqlTexts) {
    const { sqlite, postgres } = typeof texts === 'string' ? { sqlite: texts, postgres: texts } : texts;
    this.native = { sqlite: forSqlite(sqlite), postgres: forPostgres(postgres) };
  }

  in(dialect: Dialect): NativeSql {
    return this.native[dialect];
  }
}

/** A statement's optional conditions, with the parameters they bring. */
export class Conditions {
  private readonly texts: string[] = [];
  readonly parameters: (string | number | readonly unknown[])[] = [];

  /** Adds a condition; each `?` in it stands for the next of `values`. */
  add(text: string, ...values: readonly (string | number | readonly unknown[])[]): this {
    const rest = [...values];
    this.texts.push(
      text.replace(/\?/g, () => {
        const value = rest.shift();
        if (value === undefined) throw new RangeError('a condition has more places than values');
        return this.parameter(value);
      }),
    );
    return this;
  }

  /** The placeholder of a value that belongs elsewhere in the statement, such as its limit. */
  parameter(value: string | number | readonly unknown[]): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }

  /** `where …`, or nothing. */
  get where(): string {
    return this.texts.length === 0 ? '' : `where ${this.texts.join(' and ')}`;
  }
}

const EACH = /\beach\((\$\d+)\)/g;

function forSqlite(text: string): NativeSql {
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

function forPostgres(text: string): NativeSql {
  const native = text.replace(EACH, 'jsonb_array_elements($1::jsonb) with ordinality as each(value, key)');
  const count = Math.max(0, ...[...native.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  return { text: native, order: Array.from({ length: count }, (_, index) => index) };
}
