import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import Sqlite from 'better-sqlite3';
import {
  betterSqliteTransaction,
  EventTracker,
  type MechanicsDefinition,
  Players,
  Replays,
  Wallets,
} from 'nestjs-gamification';
import { createContext, TestClock } from '../support/application.js';
import { durableStorages, type TestStorage } from '../support/storages.js';

const HOUR = 3_600_000;

/** Mechanics with one rating, which events of some types are worth something in. */
const xp = (worth: Readonly<Record<string, number>>, more: Partial<MechanicsDefinition> = {}) => ({
  ratings: { xp: { name: 'Experience', rules: Object.entries(worth).map(([on, value]) => ({ on, value })) } },
  ...more,
});

describe.each(durableStorages)('events and other mechanics than those of their time, on $name', (kind) => {
  let storage: TestStorage;
  let app: INestApplicationContext;
  const clock = new TestClock();

  beforeEach(async () => {
    storage = await kind.create();
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  /** Starts the application anew, with other mechanics. */
  async function start(mechanics?: MechanicsDefinition): Promise<void> {
    app = await createContext({ storage: { url: storage.url }, ...(mechanics && { mechanics }) }, clock);
  }
  async function restart(mechanics?: MechanicsDefinition): Promise<void> {
    await app.close();
    await start(mechanics);
  }
  const track = (type: string, fields: { action?: string; hoursAgo?: number; userId?: string } = {}) => {
    const { action, hoursAgo = 0, userId = 'ann' } = fields;
    return app
      .get(EventTracker)
      .track(type, { userId, action, occurredAt: new Date(clock.now() - hoursAgo * HOUR) });
  };
  const xpOf = async (userId = 'ann') => (await app.get(Players).get(userId)).ratings[0]?.value;
  const coinsOf = async (userId = 'ann') =>
    (await app.get(Wallets).getWallets({ userIds: [userId], resources: ['coins'] })).items[0]?.total ?? 0;
  async function replay(apply: boolean): Promise<readonly string[]> {
    const users: string[] = [];
    for await (const { differences } of app.get(Replays).run({ apply }))
      users.push(...differences.map(({ userId }) => userId));
    return users;
  }

  it('leave what was before mechanics as it is, also when an event comes late', async () => {
    await start();
    await track('order', { hoursAgo: 3 });
    await restart(xp({ order: 10 }));
    await track('order', { hoursAgo: 1 });
    await track('order', { hoursAgo: 2 });
    expect(await xpOf()).toBe(20);
  });

  it('give users what they did before there were mechanics, when that is asked for', async () => {
    await start();
    await track('order', { userId: 'bob' });
    await restart(xp({ order: 10 }));
    expect(await replay(false)).toEqual(['bob']);
    expect(await xpOf('bob')).toBeUndefined();
    expect(await replay(true)).toEqual(['bob']);
    expect(await xpOf('bob')).toBe(10);
    expect(await replay(false)).toEqual([]);
  });

  it('take back what an event gave, though its type gives nothing any more', async () => {
    const fan = { badges: { fan: { name: 'Fan', when: 'ratings.xp >= 5' } } };
    await start(xp({ like: 5, order: 1 }, fan));
    await track('like', { action: 'create' });
    expect((await app.get(Players).badges('ann')).map(({ badgeId }) => badgeId)).toEqual(['fan']);
    await restart(xp({ order: 1 }, fan));
    await track('order');
    await track('like', { action: 'remove' });
    expect(await xpOf()).toBe(1);
    expect(await app.get(Players).badges('ann')).toEqual([]);
  });

  it('count on under a limit that was lowered', async () => {
    const limited = (value: number): MechanicsDefinition => ({
      ratings: { xp: { name: 'XP', rules: [{ on: 'order', value: 4, limit: { value, per: 'day' } }] } },
    });
    await start(limited(10));
    for (let n = 0; n < 2; n++) await track('order');
    await restart(limited(4.5));
    await track('order');
    expect(await xpOf()).toBe(8);
  });

  it('begin no limit anew for who travels', async () => {
    await start({
      ratings: { xp: { name: 'XP', rules: [{ on: 'order', value: 1, limit: { times: 1, per: 'day' } }] } },
    });
    for (let n = 0; n < 3; n++) {
      for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Midway']) {
        await app.get(EventTracker).identify('ann', { timeZone });
        await track('order');
      }
    }
    expect(await xpOf()).toBe(1);
  });

  it('do not give back what there was not to take', async () => {
    const coins: MechanicsDefinition = {
      resources: {
        coins: {
          name: 'Coins',
          overdraft: 'partial',
          rules: [
            { on: 'work', value: 3 },
            { on: 'fine', value: -10 },
          ],
        },
      },
    };
    await start(coins);
    await track('work', { hoursAgo: 2 });
    expect((await track('fine', { action: 'create', hoursAgo: 1 })).balances).toMatchObject([{ amount: -3 }]);
    await track('fine', { action: 'remove' });
    expect(await coinsOf()).toBe(3);
    expect(await replay(true)).toEqual([]);

    // The same of an event that comes late.
    await track('fine', { action: 'create', hoursAgo: 0.5 });
    expect(await coinsOf()).toBe(0);
    await track('fine', { action: 'remove' });
    expect(await coinsOf()).toBe(3);
    expect(await replay(true)).toEqual([]);
  });

  it('owe what a replay could not take, and get no more than that back', async () => {
    const pays = (value: number): MechanicsDefinition => ({
      resources: { coins: { name: 'Coins', rules: [{ on: 'order', value }] } },
    });
    await start(pays(10));
    await track('order');
    await app.get(Wallets).createEntry({ userId: 'ann', amount: -7, reason: 'Spent', resource: 'coins' });
    await restart(pays(1));
    await replay(true);
    expect(await coinsOf()).toBe(0);
    await restart(pays(10));
    await replay(true);
    expect(await coinsOf()).toBe(3);
    expect(await replay(false)).toEqual([]);
  });
});

describe('a challenge for the first of all', () => {
  it('has its place again when the transaction that took it rolls back', async () => {
    const kind = durableStorages.find(({ name }) => name === 'a SQLite file');
    const storage = await kind?.create();
    if (!storage) throw new Error('SQLite is always there');
    const app = await createContext({
      storage: { url: storage.url },
      mechanics: {
        resources: { coins: { name: 'Coins' } },
        challenges: {
          first: {
            name: 'First',
            limit: 1,
            steps: [{ on: 'order' }],
            reward: { resource: 'coins', amount: 5 },
          },
        },
      },
    });
    const database = new Sqlite(storage.url.slice('file:'.length));
    try {
      const tracker = app.get(EventTracker);
      database.exec('begin immediate');
      const transaction = betterSqliteTransaction(database);
      const ann = await tracker.track('order', { userId: 'ann' }, { transaction });
      const bob = await tracker.track('order', { userId: 'bob' }, { transaction });
      expect([ann.balances.length, bob.balances.length]).toEqual([1, 0]);
      database.exec('rollback');

      expect((await tracker.track('order', { userId: 'cem' })).balances).toMatchObject([{ amount: 5 }]);
      expect((await tracker.track('order', { userId: 'dan' })).balances).toEqual([]);
    } finally {
      database.close();
      await app.close();
      await storage.remove();
    }
  });
});
