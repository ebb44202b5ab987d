/** What the benchmarks `events`, `engine` and `wallets` share: 32 callers of the library beside a bare loop over the same rows. */
import type { INestApplicationContext } from '@nestjs/common';
import Sqlite from 'better-sqlite3';
import { type GamificationModuleOptions, Ids } from 'nestjs-gamification';
import pg from 'pg';
import { openApplication, withFile } from './application.js';
import { alternate, seconds } from './measure.js';
import { report } from './report.js';

const CALLERS = 32;
const REPEATS = 7;
const ROWS = 19_200;
/** Written before the clock runs; as {@link ROWS}, a multiple of {@link CALLERS}. */
const WARM_ROWS = 3_200;
const OURS = 'nestjs-gamification';

/** A row to be written, as the bare loops take it. */
export interface Row {
  readonly id: string;
  readonly index: number;
  readonly now: number;
}

/** A durable write, by the library and by hand. */
export interface DurableWrite {
  readonly bench: string;
  readonly title: string;
  /** Counts the rows, to be sure that all are there. */
  readonly count: string;
  /** The tables to empty before each contestant on PostgreSQL. */
  readonly tables: readonly string[];
  /** What the library's application has besides its storage. */
  readonly options?: Omit<GamificationModuleOptions, 'storage'>;
  /** The least share of the bare loop's rate that is asked for. */
  readonly targets: { readonly sqlite: number; readonly postgres: number };
  /** How the library makes one write. */
  ours(application: INestApplicationContext): (index: number) => Promise<unknown>;
  /** Prepares the bare statements. @returns what writes one row; the group and its transaction are made around it */
  sqlite(database: Sqlite.Database): (row: Row) => void;
  /** Writes a group of rows with the library's statements; the transaction is made around it. */
  postgres(client: pg.Client, group: readonly Row[]): Promise<void>;
}

/** Measures a write on SQLite and, when `BENCH_POSTGRES_URL` is set, on PostgreSQL. */
export async function measureDurable(write: DurableWrite): Promise<void> {
  await compare(write, 'SQLite', write.targets.sqlite, 'bare better-sqlite3', {
    ours: () => withFile((file) => byTheLibrary(write, `file:${file}`)),
    bare: () => withFile((file) => byBareSqlite(write, file)),
  });
  const url = process.env.BENCH_POSTGRES_URL;
  if (!url) {
    console.log(`\n${write.bench} on PostgreSQL: skipped, as BENCH_POSTGRES_URL is not set`);
    return;
  }
  await withSchema(url, async (inSchema, client) => {
    await (await openApplication({ storage: { url: inSchema } })).close(); // makes the tables
    const emptied = async (work: () => Promise<number>) => {
      await client.query(`truncate ${write.tables.join(', ')}`);
      return work();
    };
    await compare(write, 'PostgreSQL', write.targets.postgres, 'bare pg', {
      ours: () => emptied(() => byTheLibrary(write, inSchema)),
      bare: () => emptied(() => byBarePg(write, inSchema)),
    });
  });
}

/** @param contestants each resolves with its rows a second */
async function compare(
  { bench, title }: DurableWrite,
  database: string,
  target: number,
  bareName: string,
  contestants: Readonly<Record<'ours' | 'bare', () => Promise<number>>>,
): Promise<void> {
  const { ours, bare } = await alternate(REPEATS, ['ours', 'bare'], (name) => contestants[name]());
  const common = { bench, metric: `rows a second, ${database}`, unit: '1/s' };
  report(`${bench}: ${title}, ${CALLERS} callers, ${database}`, [
    { ...common, contestant: OURS, samples: ours, against: { contestant: bareName, samples: bare, target } },
    { ...common, contestant: bareName, samples: bare },
  ]);
}

async function byTheLibrary(write: DurableWrite, url: string): Promise<number> {
  const application = await openApplication({ ...write.options, storage: { url } });
  try {
    const writeOne = write.ours(application);
    const callers = (first: number, end: number) => {
      let next = first;
      const caller = async () => {
        while (next < end) await writeOne(next++);
      };
      return Promise.all(Array.from({ length: CALLERS }, caller));
    };
    await callers(0, WARM_ROWS);
    return ROWS / (await seconds(() => callers(WARM_ROWS, WARM_ROWS + ROWS)));
  } finally {
    await application.close();
  }
}

async function byBareSqlite(write: DurableWrite, file: string): Promise<number> {
  const rows = await makeRows(`file:${file}`);
  const database = new Sqlite(file);
  try {
    database.pragma('journal_mode = wal');
    database.pragma('synchronous = full');
    const writeRow = write.sqlite(database);
    const begin = database.prepare('begin immediate');
    const commit = database.prepare('commit');
    const loop = (first: number, end: number) => {
      for (let start = first; start < end; start += CALLERS) {
        begin.run();
        for (const row of rows.slice(start, start + CALLERS)) writeRow(row);
        commit.run();
      }
    };
    loop(0, WARM_ROWS);
    const rate = ROWS / (await seconds(() => loop(WARM_ROWS, WARM_ROWS + ROWS)));
    mustBeAll(database.prepare(write.count).pluck().get());
    return rate;
  } finally {
    database.close();
  }
}

async function byBarePg(write: DurableWrite, url: string): Promise<number> {
  const rows = await makeRows('memory:');
  const client = new pg.Client(url);
  await client.connect();
  try {
    const loop = async (first: number, end: number) => {
      for (let start = first; start < end; start += CALLERS) {
        await client.query('begin');
        await write.postgres(client, rows.slice(start, start + CALLERS));
        await client.query('commit');
      }
    };
    await loop(0, WARM_ROWS);
    const rate = ROWS / (await seconds(() => loop(WARM_ROWS, WARM_ROWS + ROWS)));
    mustBeAll((await client.query({ text: write.count, rowMode: 'array' })).rows[0]?.[0]);
    return rate;
  } finally {
    await client.end();
  }
}

function mustBeAll(count: unknown): void {
  if (Number(count) !== WARM_ROWS + ROWS) throw new Error(`${count} rows instead of ${WARM_ROWS + ROWS}`);
}

/** The rows for a bare loop, with ids as the library makes them. The library also makes the tables of `url`. */
async function makeRows(url: string): Promise<Row[]> {
  const application = await openApplication({ storage: { url } });
  const ids = application.get(Ids, { strict: false });
  const rows = Array.from({ length: WARM_ROWS + ROWS }, (_, index) => ({
    id: ids.next(),
    index,
    now: Date.now(),
  }));
  await application.close();
  return rows;
}

/** Runs `work` with a URL whose tables lie in a schema of their own, which is dropped afterwards. */
export async function withSchema<T>(
  url: string,
  work: (inSchema: string, client: pg.Client) => Promise<T>,
): Promise<T> {
  const schema = `gamification_bench_${process.pid}`;
  const inSchema = new URL(url);
  inSchema.searchParams.set('options', `-c search_path=${schema}`);
  const client = new pg.Client(inSchema.href);
  await client.connect();
  try {
    await client.query(`create schema ${schema}`);
    return await work(inSchema.href, client);
  } finally {
    await client.query(`drop schema if exists ${schema} cascade`);
    await client.end();
  }
}
