import { describe, expect, it } from '@jest/globals';
import { StorageVersionError, Wallets } from 'nestjs-gamification';
import { SystemClock } from '../../libs/gamification/src/clock.js';
import { Statement } from '../../libs/gamification/src/database/statement.js';
import { StorageOptions } from '../../libs/gamification/src/gamification.options.js';
import { migrations } from '../../libs/gamification/src/migrations.js';
import { openDatabase } from '../../libs/gamification/src/open-database.js';
import { createContext } from '../support/application.js';
import { durableStorages } from '../support/storages.js';

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
