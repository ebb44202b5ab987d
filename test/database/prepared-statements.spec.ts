import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventLog, EventTracker, Wallets } from 'nestjs-gamification';
import pg from 'pg';
import { createContext } from '../support/application.js';
import { durableStorages, postgres, type TestStorage } from '../support/storages.js';

const describeOnPostgres = durableStorages.includes(postgres) ? describe : describe.skip;

describeOnPostgres('PostgreSQL', () => {
  let storage: TestStorage;

  beforeEach(async () => {
    storage = await postgres.create();
  });

  afterEach(() => storage.remove());

  it.each([true, false])(
    'may get another schema from a newer instance while this one runs (prepared statements: %p)',
    async (preparedStatements) => {
      const app = await createContext({ storage: { url: storage.url, preparedStatements } });
      const client = new pg.Client(storage.url);
      await client.connect();
      try {
        const use = async () => {
          await app.get(EventTracker).track('e', { userId: 'ann', idempotenceKey: 'k' });
          await app.get(Wallets).createEntry({ userId: 'ann', amount: 1, reason: 'r', idempotencyKey: 'k' });
          return (await app.get(EventLog).list({ userId: 'ann' })).items.length;
        };
        // Several connections of the pool have prepared the statements.
        await Promise.all([use(), use(), use()]);
        await client.query('alter table gamification_events add column later text');
        await client.query('alter table gamification_entries add column later text');
        expect(await Promise.all([use(), use(), use()])).toEqual([1, 1, 1]);
      } finally {
        await client.end();
        await app.close();
      }
    },
  );
});
