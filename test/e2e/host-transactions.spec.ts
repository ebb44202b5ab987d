import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import Sqlite from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import {
  BalanceOutOfRangeError,
  betterSqliteTransaction,
  EventLog,
  EventTracker,
  NotEnoughFundsError,
  pgTransaction,
  type SqlPort,
  Wallets,
} from 'nestjs-gamification';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { drizzleTransaction } from '../host-adapters/drizzle.js';
import { kyselyTransaction } from '../host-adapters/kysely.js';
import { typeOrmTransaction } from '../host-adapters/typeorm.js';
import { createContext } from '../support/application.js';
import { durableStorages, postgres, type StorageKind, type TestStorage } from '../support/storages.js';

/** A host's way to its own database. */
interface Host {
  /** Runs `work` in a transaction of the host's and commits, or rolls back when `work` rejects. */
  transaction(work: (transaction: SqlPort) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** A file of the storage's URL. */
const pathOf = (url: string) => url.slice('file:'.length);

const hosts: readonly { name: string; storage: string; open(url: string): Promise<Host> }[] = [
  {
    name: 'better-sqlite3',
    storage: 'a SQLite file',
    async open(url) {
      const database = new Sqlite(pathOf(url));
      return {
        async transaction(work) {
          database.exec('begin immediate');
          try {
            await work(betterSqliteTransaction(database));
            database.exec('commit');
          } catch (error) {
            database.exec('rollback');
            throw error;
          }
        },
        async close() {
          database.close();
        },
      };
    },
  },
  {
    name: 'pg',
    storage: 'PostgreSQL',
    async open(url) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return {
        async transaction(work) {
          await client.query('begin');
          try {
            await work(pgTransaction(client));
            await client.query('commit');
          } catch (error) {
            await client.query('rollback');
            throw error;
          }
        },
        close: () => client.end(),
      };
    },
  },
  ...[
    {
      storage: 'a SQLite file',
      dialect: (url: string) => new SqliteDialect({ database: new Sqlite(pathOf(url)) }),
    },
    {
      storage: 'PostgreSQL',
      dialect: (url: string) => new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
    },
  ].map(({ storage, dialect }) => ({
    name: 'Kysely',
    storage,
    async open(url: string): Promise<Host> {
      const kysely = new Kysely<unknown>({ dialect: dialect(url) });
      return {
        transaction: (work) =>
          kysely.transaction().execute((transaction) => work(kyselyTransaction(transaction))),
        close: () => kysely.destroy(),
      };
    },
  })),
  {
    name: 'Drizzle',
    storage: 'PostgreSQL',
    async open(url) {
      const pool = new pg.Pool({ connectionString: url });
      const database = drizzle(pool);
      return {
        transaction: (work) => database.transaction((transaction) => work(drizzleTransaction(transaction))),
        close: () => pool.end(),
      };
    },
  },
  ...[
    {
      storage: 'a SQLite file',
      source: (url: string) => new DataSource({ type: 'better-sqlite3', database: pathOf(url) }),
    },
    { storage: 'PostgreSQL', source: (url: string) => new DataSource({ type: 'postgres', url }) },
  ].map(({ storage, source }) => ({
    name: 'TypeORM',
    storage,
    async open(url: string): Promise<Host> {
      const dataSource = await source(url).initialize();
      return {
        transaction: (work) => dataSource.transaction((manager) => work(typeOrmTransaction(manager))),
        close: () => dataSource.destroy(),
      };
    },
  })),
];

const kindOf = new Map<string, StorageKind>(durableStorages.map((kind) => [kind.name, kind]));

describe.each(hosts.filter(({ storage }) => kindOf.has(storage)))(
  'a transaction of $name on $storage',
  (hostKind) => {
    let storage: TestStorage;
    let app: INestApplicationContext;
    let host: Host;
    let tracker: EventTracker;
    let wallets: Wallets;

    beforeEach(async () => {
      const created = await kindOf.get(hostKind.storage)?.create();
      if (!created) throw new Error('no storage');
      storage = created;
      app = await createContext({ storage: { url: storage.url } });
      tracker = app.get(EventTracker);
      wallets = app.get(Wallets);
      host = await hostKind.open(storage.url);
      await wallets.createEntry({ userId: 'alice', amount: 10, reason: 'start', item: { name: 'Voucher' } });
    });

    afterEach(async () => {
      await host.close();
      await app.close();
      await storage.remove();
    });

    const state = async () => ({
      events: (await app.get(EventLog).list()).items.length,
      totals: (await wallets.getWallets()).items.map(({ userId, total }) => `${userId} ${total}`),
      unused: (await wallets.getInventory()).items.length,
    });

    async function everything(transaction: SqlPort): Promise<void> {
      const [item] = (await wallets.getInventory()).items;
      await tracker.track('order.placed', { userId: 'alice', idempotenceKey: 'k' }, { transaction });
      await tracker.trackMany(
        [
          ['a', { userId: 'alice' }],
          ['b', { userId: 'bob' }],
        ],
        { transaction },
      );
      await tracker.identify('alice', { name: 'Alice' }, { transaction });
      await wallets.createEntry(
        { userId: 'alice', amount: -3, reason: 'x', idempotencyKey: 'k' },
        { transaction },
      );
      await wallets.transfer({ from: 'alice', to: 'bob', amount: 2, reason: 'x' }, { transaction });
      await wallets.useItem(item?.entryId ?? '', { transaction });
    }

    it('commits what is written in it', async () => {
      await host.transaction(everything);

      expect(await state()).toEqual({ events: 4, totals: ['alice 5', 'bob 2'], unused: 0 });
      expect(await tracker.track('order.placed', { userId: 'alice', idempotenceKey: 'k' })).toMatchObject({
        replayed: true,
      });
    });

    it('takes back what is written in it when it rolls back', async () => {
      await expect(
        host.transaction(async (transaction) => {
          await everything(transaction);
          throw new Error('the host changed its mind');
        }),
      ).rejects.toThrow('the host changed its mind');

      expect(await state()).toEqual({ events: 0, totals: ['alice 10'], unused: 1 });
    });

    it('goes on after a refused write, of which nothing is left', async () => {
      await host.transaction(async (transaction) => {
        await expect(
          wallets.createEntry({ userId: 'alice', amount: -11, reason: 'x' }, { transaction }),
        ).rejects.toThrow(NotEnoughFundsError);
        await wallets.createEntry({ userId: 'alice', amount: -10, reason: 'x' }, { transaction });
      });

      expect(await state()).toMatchObject({ totals: ['alice 0'] });
    });

    it('lets calls at once take turns', async () => {
      await host.transaction(async (transaction) => {
        const results = await Promise.allSettled(
          Array.from({ length: 15 }, () =>
            wallets.createEntry({ userId: 'alice', amount: -1, reason: 'x' }, { transaction }),
          ),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
      });

      expect(await state()).toMatchObject({ totals: ['alice 0'] });
    });

    it('holds up writes of the library only until it ends', async () => {
      let other: Promise<unknown> | undefined;
      await host.transaction(async (transaction) => {
        await wallets.createEntry({ userId: 'alice', amount: -4, reason: 'x' }, { transaction });
        other = wallets.createEntry({ userId: 'alice', amount: -6, reason: 'x' });
        // Reads go on meanwhile, and see what is committed.
        expect(await state()).toMatchObject({ totals: ['alice 10'] });
      });
      await other;

      expect(await state()).toMatchObject({ totals: ['alice 0'] });
    });
  },
);

/** Those whose host has more than one connection. */
const pooled = hosts.filter(
  ({ name, storage }) => kindOf.has(storage) && storage === postgres.name && name !== 'pg',
);

describe.each(pooled)('two transactions of $name on PostgreSQL', (hostKind) => {
  it('that write the same idempotency key at once write it once', async () => {
    const storage = await postgres.create();
    const app = await createContext({ storage: { url: storage.url } });
    const host = await hostKind.open(storage.url);
    const entries: unknown[] = [];
    const post = () =>
      host.transaction(async (transaction) => {
        const entry = { userId: 'alice', amount: 1, reason: 'a pool table', idempotencyKey: 'k' };
        const { entryId } = await app.get(Wallets).createEntry(entry, { transaction });
        entries.push(entryId);
      });
    await Promise.all([post(), post()]);

    expect(entries).toHaveLength(2);
    expect(new Set(entries).size).toBe(1);
    await host.close();
    await app.close();
    await storage.remove();
  });
});

describe.each(durableStorages.filter((kind) => kind === postgres))(
  'two transactions of a host on $name',
  (kind) => {
    let storage: TestStorage;
    let app: INestApplicationContext;
    let clients: pg.Client[];

    beforeEach(async () => {
      storage = await kind.create();
      app = await createContext({ storage: { url: storage.url } });
      clients = [1, 2].map(() => new pg.Client({ connectionString: storage.url }));
      for (const client of clients) {
        await client.connect();
        await client.query('begin');
      }
    });

    afterEach(async () => {
      for (const client of clients) await client.end();
      await app.close();
      await storage.remove();
    });

    it('through two adapters on one connection take turns', async () => {
      const wallets = app.get(Wallets);
      await wallets.createEntry({ userId: 'alice', amount: 10, reason: 'x' });
      const [client] = clients;
      const results = await Promise.allSettled(
        [1, 2].map(() =>
          wallets.createEntry(
            { userId: 'alice', amount: -8, reason: 'x' },
            { transaction: pgTransaction(client ?? new pg.Client()) },
          ),
        ),
      );
      await client?.query('commit');

      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect((await wallets.getWallets()).items).toMatchObject([{ total: 2 }]);
    });

    it("answer the library's own errors", async () => {
      const wallets = app.get(Wallets);
      const transaction = pgTransaction(clients[0] ?? new pg.Client());
      const write = (amount: number, authorityId: string) =>
        wallets.createEntry({ userId: 'alice', amount, reason: 'x', authorityId }, { transaction });
      await write(Number.MAX_SAFE_INTEGER, 'a');
      await write(-Number.MAX_SAFE_INTEGER, 'b');

      await expect(write(Number.MAX_SAFE_INTEGER, 'a')).rejects.toThrow(BalanceOutOfRangeError);
    });

    it("that hold an event's key hold up only that event", async () => {
      const tracker = app.get(EventTracker);
      const event = { userId: 'alice', idempotenceKey: 'k' };
      await tracker.track('e', event, { transaction: pgTransaction(clients[0] ?? new pg.Client()) });
      tracker.enqueue('e', event);
      tracker.enqueue('later', { userId: 'alice' });
      await Promise.all(['bob', 'carol'].map((userId) => tracker.track('e', { userId })));
      await clients[0]?.query('commit');
      await tracker.flush();

      const { items } = await app.get(EventLog).list({ userId: 'alice' });
      expect(items.map(({ type }) => type)).toEqual(['e', 'later']);
      expect(tracker.counters).toMatchObject({ recorded: 3, replayed: 1, waiting: 0 });
    });

    it('that make the same wallet both succeed', async () => {
      const wallets = app.get(Wallets);
      const [first, second] = clients.map(
        (client) => () =>
          wallets.createEntry(
            { userId: 'alice', amount: 1, reason: 'x' },
            { transaction: pgTransaction(client) },
          ),
      );
      await first?.();
      const waiting = second?.();
      await clients[0]?.query('commit');
      await waiting;
      await clients[1]?.query('commit');

      expect((await wallets.getWallets()).items).toMatchObject([{ total: 2 }]);
    });

    it('that stay open hold up only writes to the same wallet, and those are told', async () => {
      const wallets = app.get(Wallets);
      for (const userId of ['alice', 'bob']) await wallets.createEntry({ userId, amount: 5, reason: 'x' });
      const transaction = pgTransaction(clients[0] ?? new pg.Client());
      await wallets.createEntry({ userId: 'alice', amount: 1, reason: 'x' }, { transaction });

      const results = await Promise.allSettled(
        ['alice', 'bob', 'carol'].map((userId) => wallets.createEntry({ userId, amount: 1, reason: 'x' })),
      );

      expect(results).toMatchObject([
        { status: 'rejected', reason: { code: 'STORAGE_UNAVAILABLE', reason: 'locked' } },
        { status: 'fulfilled' },
        { status: 'fulfilled' },
      ]);
    });
  },
);
