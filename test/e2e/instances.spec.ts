import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { EventLog, EventTracker, ItemAlreadyUsedError, Wallets } from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { durableStorages, type TestStorage } from '../support/storages.js';

/** Several applications on one database, as behind a load balancer. */
describe.each(durableStorages)('three instances on $name', (kind) => {
  let storage: TestStorage;
  let apps: INestApplicationContext[];

  beforeEach(async () => {
    storage = await kind.create();
    apps = await Promise.all([1, 2, 3].map(() => createContext({ storage: { url: storage.url } })));
  });

  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await storage.remove();
  });

  const everywhere = <T>(work: (app: INestApplicationContext, n: number) => Promise<T>, times = 20) =>
    Promise.allSettled(apps.flatMap((app) => Array.from({ length: times }, (_, n) => work(app, n))));
  const fulfilled = (results: PromiseSettledResult<unknown>[]) =>
    results.filter(({ status }) => status === 'fulfilled').length;

  it('count an idempotence key once', async () => {
    await everywhere((app, n) =>
      app.get(EventTracker).track('e', { userId: 'alice', idempotenceKey: `${n}` }),
    );

    const { items } = (await apps[0]?.get(EventLog).list()) ?? {};
    expect(items?.map(({ idempotenceKey }) => Number(idempotenceKey)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it('never take a wallet below zero', async () => {
    await apps[0]?.get(Wallets).createEntry({ userId: 'alice', amount: 10, reason: 'x' });

    const results = await everywhere((app) =>
      app.get(Wallets).createEntry({ userId: 'alice', amount: -1, reason: 'x' }),
    );

    expect(fulfilled(results)).toBe(10);
    expect((await apps[1]?.get(Wallets).getWallets())?.items).toMatchObject([{ total: 0 }]);
  });

  it('make new wallets at the same time without losing an entry', async () => {
    const results = await everywhere((app, n) =>
      app.get(Wallets).createEntry({ userId: `user-${n}`, amount: 1, reason: 'x' }),
    );

    expect(fulfilled(results)).toBe(60);
    expect((await apps[2]?.get(Wallets).getWallets())?.items.map(({ total }) => total)).toEqual(
      Array.from({ length: 20 }, () => 3),
    );
  });

  it('write an idempotency key once', async () => {
    const results = await everywhere((app, n) =>
      app.get(Wallets).createEntry({ userId: 'alice', amount: 1, reason: 'x', idempotencyKey: `${n}` }),
    );

    expect(fulfilled(results)).toBe(60);
    expect((await apps[0]?.get(Wallets).getWallets())?.items).toMatchObject([{ total: 20 }]);
  });

  it('transfer in circles without blocking each other', async () => {
    const users = ['a', 'b', 'c', 'd'];
    for (const userId of users)
      await apps[0]?.get(Wallets).createEntry({ userId, amount: 1000, reason: 'x' });

    const results = await everywhere((app, n) => {
      const [from, to] = [users[n % 4], users[(n + 1 + (n % 3)) % 4]];
      return app.get(Wallets).transfer({ from: from ?? '', to: to ?? '', amount: 1, reason: 'x' });
    }, 40);

    expect(fulfilled(results)).toBe(120);
    const { items } = (await apps[0]?.get(Wallets).getWallets()) ?? { items: [] };
    expect(items.reduce((sum, { total }) => sum + total, 0)).toBe(4000);
  });

  it('use an item once', async () => {
    const entry = await apps[0]
      ?.get(Wallets)
      .createEntry({ userId: 'alice', amount: 1, reason: 'x', item: { name: 'Voucher' } });

    const results = await everywhere((app) => app.get(Wallets).useItem(entry?.entryId ?? ''));

    expect(fulfilled(results)).toBe(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ItemAlreadyUsedError);
    }
  });
});
