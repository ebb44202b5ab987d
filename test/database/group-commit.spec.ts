import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StorageUnavailableError } from 'nestjs-gamification';
import { SystemClock } from '../../libs/gamification/src/clock.js';
import type { Database } from '../../libs/gamification/src/database/database.js';
import type { WriteCommand } from '../../libs/gamification/src/database/group-commit.js';
import { Statement } from '../../libs/gamification/src/database/statement.js';
import { StorageOptions } from '../../libs/gamification/src/gamification.options.js';
import { openDatabase } from '../../libs/gamification/src/open-database.js';
import { memory, postgres, storages, type TestStorage } from '../support/storages.js';

const INSERT = new Statement(
  'insert into numbers select cast(each.value ->> 0 as bigint) from each($1) order by each.key',
);
const ALL = new Statement('select n from numbers order by n');

describe.each(storages)('writes on $name', (kind) => {
  let storage: TestStorage;
  let database: Database;
  let batches: number[][];

  /** Writes numbers; refuses negative ones; breaks the transaction on 13. */
  const writeNumbers: WriteCommand<number, string> = {
    name: 'numbers',
    async run(sql, numbers) {
      batches.push([...numbers]);
      const good = numbers.filter((n) => n >= 0);
      await sql.rows(INSERT.with(good.map((n) => [n])));
      if (good.includes(13)) throw new Error('unlucky');
      return numbers.map((n) =>
        n >= 0 ? { ok: true, value: `wrote ${n}` } : { ok: false, error: new Error('negative') },
      );
    },
  };

  const write = (n: number, keys: readonly string[] = []) => database.write(writeNumbers, n, { keys });
  const written = async () =>
    (await database.read((sql) => sql.rows<{ n: number }>(ALL.with()))).map(({ n }) => Number(n));

  beforeEach(async () => {
    storage = await kind.create();
    const options = Object.assign(new StorageOptions(), { url: storage.url, maxPendingWrites: 100 });
    database = await openDatabase(options, new SystemClock());
    await database.write(
      {
        name: 'ddl',
        run: async (sql) => {
          await sql.rows(new Statement('create table numbers (n bigint primary key)').with());
          return [{ ok: true, value: undefined }];
        },
      },
      undefined,
      { keys: [] },
    );
    batches = [];
  });

  afterEach(async () => {
    await database.close(5_000);
    await storage.remove();
  });

  it('of one turn of the event loop share a transaction', async () => {
    expect(await Promise.all([write(1), write(2), write(3)])).toEqual(['wrote 1', 'wrote 2', 'wrote 3']);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('fail alone where the command refuses one', async () => {
    const results = await Promise.allSettled([write(1), write(-2), write(3)]);

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await written()).toEqual([1, 3]);
  });

  it('fail alone where one breaks the transaction', async () => {
    const results = await Promise.allSettled([write(1), write(13), write(3)]);

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await written()).toEqual([1, 3]);
  });

  it('fail together, and soon, where the storage fails while they are run one by one', async () => {
    let runs = 0;
    const outage: WriteCommand<number, void> = {
      name: 'outage',
      async run() {
        runs++;
        if (runs === 1) throw new Error('one of them broke it');
        throw new StorageUnavailableError('unreachable', 'the cable is out');
      },
    };
    const results = await Promise.allSettled([1, 2, 3].map((n) => database.write(outage, n, { keys: [] })));

    expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual(
      Array.from({ length: 3 }, () => 'STORAGE_UNAVAILABLE'),
    );
    expect(runs).toBe(2);
  });

  it('fail alone where one meets a row that is there already', async () => {
    await write(2);
    const results = await Promise.allSettled([write(1), write(2), write(3)]);

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await written()).toEqual([1, 2, 3]);
  });

  it('with a key in common are never under way at once, and keep their order', async () => {
    const order: number[] = [];
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const gated: WriteCommand<number, void> = {
      name: 'gated',
      async run(sql, numbers) {
        order.push(...numbers);
        await sql.rows(INSERT.with(numbers.map((n) => [n])));
        if (numbers.includes(1)) await gate;
        return numbers.map(() => ({ ok: true, value: undefined }));
      },
    };
    const first = database.write(gated, 1, { keys: ['a'] });
    while (order.length === 0) await new Promise(setImmediate);
    const others = [
      database.write(gated, 2, { keys: ['a', 'b'] }),
      database.write(gated, 3, { keys: ['b'] }),
    ];
    const free = database.write(gated, 4, { keys: ['c'] });
    // On PostgreSQL there is room for a second transaction, which takes what has other keys.
    if (kind === postgres) await free;
    expect(order).toEqual(kind === postgres ? [1, 4] : [1]);
    open();
    await Promise.all([first, ...others, free]);

    expect(order.filter((n) => n < 4)).toEqual([1, 2, 3]);
  });

  it('are refused when too many wait, and taken again afterwards', async () => {
    const results = await Promise.allSettled(Array.from({ length: 110 }, (_, n) => write(n + 100)));

    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(results[109]).toMatchObject({ reason: { code: 'STORAGE_UNAVAILABLE', reason: 'overloaded' } });
    await expect(write(1)).resolves.toBe('wrote 1');
  });

  it('are not seen by readers before they are committed', async () => {
    let reading: Promise<number[]> | undefined;
    const peek: WriteCommand<number, void> = {
      name: 'peek',
      async run(sql) {
        await sql.rows(INSERT.with([[1]]));
        reading = written();
        // In memory there is one connection, so the reader has to wait for the end of the transaction.
        if (kind !== memory) await reading;
        throw new Error('rolled back');
      },
    };

    await expect(database.write(peek, 0, { keys: [] })).rejects.toThrow('rolled back');
    expect(await reading).toEqual([]);
    expect(await written()).toEqual([]);
  });
});
