import { describe, expect, it } from '@jest/globals';
import { PurchaseRefusedError, Shop, StorageVersionError, Wallets } from 'nestjs-gamification';
import { SystemClock } from '../../libs/gamification/src/clock.js';
import { Database } from '../../libs/gamification/src/database/database.js';
import { PostgresDriver } from '../../libs/gamification/src/database/postgres/postgres-driver.js';
import { SqliteDriver } from '../../libs/gamification/src/database/sqlite/sqlite-driver.js';
import { Statement } from '../../libs/gamification/src/database/statement.js';
import { GamificationOptions, StorageOptions } from '../../libs/gamification/src/gamification.options.js';
import { UuidV7Ids } from '../../libs/gamification/src/ids.js';
import { migrations } from '../../libs/gamification/src/migrations.js';
import { openDatabase } from '../../libs/gamification/src/open-database.js';
import { EmbeddedWallets } from '../../libs/gamification/src/wallets/embedded-wallets.js';
import { createContext } from '../support/application.js';
import { durableStorages } from '../support/storages.js';

const openPostgres = (url: string) => new PostgresDriver(url, 3, true, () => undefined);
const openSqlite = (url: string) => new SqliteDriver(url.slice('file:'.length));

describe.each(durableStorages)('migrations on $name', (kind) => {
  const open = (url: string) => openDatabase(Object.assign(new StorageOptions(), { url }), new SystemClock());
  const applied = new Statement('select name from gamification_migrations order by name');

  it('are each recorded once when many instances start together', async () => {
    const storage = await kind.create();
    const databases = await Promise.all(Array.from({ length: 8 }, () => open(storage.url)));

    const rows = await databases[0]?.read((sql) => sql.rows<{ name: string }>(applied.with()));
    expect(rows?.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name).sort());

    await Promise.all(databases.map((database) => database.close(5_000)));
    await storage.remove();
  });

  it('keep what is there when an application starts again', async () => {
    const storage = await kind.create();
    const first = await createContext({ storage: { url: storage.url } });
    await first.get(Wallets).createEntry({ userId: 'alice', amount: 5, reason: 'x' });
    await first.close();

    const second = await createContext({ storage: { url: storage.url } });
    expect((await second.get(Wallets).getWallets()).items).toMatchObject([{ userId: 'alice', total: 5 }]);

    await second.close();
    await storage.remove();
  });

  it('keep entries and their order where their table is made anew', async () => {
    const storage = await kind.create();
    const driver = kind.name === 'PostgreSQL' ? openPostgres(storage.url) : openSqlite(storage.url);
    const before = new Database(driver, 10);
    await before.migrate(
      migrations.filter(({ name }) => name !== 'ledger-3'),
      0,
    );
    const clock = new SystemClock();
    const wallets = new EmbeddedWallets(before, clock, new UuidV7Ids(), new GamificationOptions());
    for (const amount of [5, -2, 7]) await wallets.createEntry({ userId: 'alice', amount, reason: 'x' });
    const { items: written } = await wallets.entries({ userId: 'alice' });
    await before.close(5_000);

    const after = await createContext({ storage: { url: storage.url } });
    expect((await after.get(Wallets).entries({ userId: 'alice' })).items).toEqual(written);
    await after.get(Wallets).createEntry({ userId: 'alice', amount: 1, reason: 'y' });
    const { items } = await after.get(Wallets).entries({ userId: 'alice' });
    expect(items.map(({ amount }) => amount)).toEqual([1, 7, -2, 5]);

    await after.close();
    await storage.remove();
  });

  it('keep products and purchases where characters come to have some', async () => {
    const storage = await kind.create();
    const driver = kind.name === 'PostgreSQL' ? openPostgres(storage.url) : openSqlite(storage.url);
    const before = new Database(driver, 10);
    await before.migrate(
      migrations.filter(({ name }) => name !== 'shop-2'),
      0,
    );
    const clock = new SystemClock();
    const wallets = new EmbeddedWallets(before, clock, new UuidV7Ids(), new GamificationOptions());
    await wallets.createEntry({ userId: 'ada', amount: 20, reason: 'what is left' });
    const statements = [
      "insert into gamification_products (user_id, product, bought, count) values ('ada', 'mug', 3, 2)",
      `insert into gamification_purchases (user_id, idempotency_key, kind, name, quantity, price, balance, count)
       values ('ada', 'k', 'product', 'mug', 3, 30, 20, 3)`,
    ];
    await before.prepare(() => statements);
    await before.close(5_000);

    // It costs another price by now.
    const mechanics = { products: { mug: { name: 'Mug', price: 1, limit: 3 } } };
    const after = await createContext({ storage: { url: storage.url }, mechanics });
    const shop = after.get(Shop);
    expect(await shop.products('ada')).toEqual([{ product: 'mug', count: 2 }]);
    await expect(shop.purchaseProduct({ userId: 'ada', product: 'mug' })).rejects.toThrow(
      PurchaseRefusedError,
    );
    expect(await shop.refundProduct({ userId: 'ada', purchaseId: 'k' })).toEqual({
      quantity: 2,
      amount: 20,
      balance: 40,
    });

    await after.close();
    await storage.remove();
  });

  it('refuse a database that is newer than the code, and leave it alone', async () => {
    const storage = await kind.create();
    const newer = await open(storage.url);
    await newer.migrate(
      [...migrations, { name: 'future-1', statements: () => ['create table future (id integer)'] }],
      0,
    );
    await newer.close(5_000);

    await expect(open(storage.url)).rejects.toThrow(StorageVersionError);
    await expect(open(storage.url)).rejects.toThrow(/future-1/);

    await storage.remove();
  });

  it('happen whole or not at all', async () => {
    const storage = await kind.create();
    const database = await open(storage.url);
    const broken = { name: 'broken-1', statements: () => ['create table half (id integer)', 'create table'] };

    await expect(database.migrate([...migrations, broken], 0)).rejects.toThrow();
    await expect(
      database.read((sql) => sql.rows(new Statement('select * from half').with())),
    ).rejects.toThrow(/half/);

    await database.close(5_000);
    await storage.remove();
  });
});
