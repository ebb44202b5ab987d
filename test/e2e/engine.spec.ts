import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import {
  EventTracker,
  Leaderboards,
  type MechanicsDefinition,
  NotEnoughFundsError,
  Players,
  Replays,
  Wallets,
} from 'nestjs-gamification';
import { createContext, TestClock } from '../support/application.js';
import { storages, type TestStorage } from '../support/storages.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const mechanics: MechanicsDefinition = {
  ratings: {
    xp: {
      name: 'Experience',
      rules: [
        { on: 'order', value: 'event.total / 10', limit: { times: 2, per: 'day' } },
        { on: 'like', value: 1 },
      ],
      periods: ['all', 'day'],
      levels: [
        { name: 'Bronze', from: 1 },
        { name: 'Silver', from: 100 },
      ],
    },
  },
  badges: {
    regular: { name: 'Regular', permanent: true, when: { on: 'order', times: 2 } },
    liked: { name: 'Liked', when: { on: 'like' } },
  },
  challenges: {
    start: {
      name: 'Start',
      steps: [{ on: 'register' }, { on: 'order', weight: 3 }],
      reward: { resource: 'coins', amount: 100 },
    },
    first: { name: 'First', steps: [{ on: 'order' }], limit: 1, reward: { resource: 'gems', amount: 1 } },
  },
  streaks: { daily: { name: 'Daily', on: 'order', every: 'day' } },
  features: { dark: { name: 'Dark mode', when: 'ratings.xp >= 50' } },
  resources: {
    coins: {
      name: 'Coins',
      rules: [
        { on: 'order', value: 2 },
        { on: 'like', value: 3 },
      ],
    },
    gems: { name: 'Gems' },
  },
};

describe.each(storages)('the engine on $name', (kind) => {
  const clock = new TestClock();
  let storage: TestStorage;
  let app: INestApplicationContext;
  let tracker: EventTracker;
  let players: Players;

  beforeEach(async () => {
    storage = await kind.create();
    app = await createContext({ storage: { url: storage.url }, mechanics }, clock);
    tracker = app.get(EventTracker);
    players = app.get(Players);
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  const order = (userId: string, total: number, more: object = {}) =>
    tracker.track('order', { userId, traits: { total }, ...more });

  it('answers all that an event changed', async () => {
    await tracker.track('register', { userId: 'ann' });
    expect(await order('ann', 845)).toMatchObject({
      replayed: false,
      ratings: [
        { ratingId: 'xp', period: 'all', from: null, to: 84 },
        { ratingId: 'xp', from: null, to: 84 },
      ],
      levels: [{ ratingId: 'xp', from: null, to: 'Bronze' }],
      badges: [],
      challenges: [
        { challengeId: 'start', from: 1, to: 4, passed: ['2'], completed: true },
        { challengeId: 'first', from: 0, to: 1, completed: true },
      ],
      streaks: [{ streakId: 'daily', from: 0, to: 1 }],
      features: [{ featureId: 'dark', granted: true }],
      balances: [
        { resourceKey: 'coins', amount: 102, total: 102 },
        { resourceKey: 'gems', amount: 1, total: 1 },
      ],
      ranks: [
        { ratingId: 'xp', period: 'all', from: null, to: 1 },
        { ratingId: 'xp', from: null, to: 1 },
      ],
    });
    expect(await players.get('ann')).toMatchObject({
      ratings: [{ ratingId: 'xp', value: 84, position: 1, level: 'Bronze' }],
      challenges: [{ challengeId: 'start', progress: 4, completed: true }, { challengeId: 'first' }],
      features: [{ featureId: 'dark' }],
      balances: [
        { resourceKey: 'coins', amount: 102 },
        { resourceKey: 'gems', amount: 1 },
      ],
      streaks: [{ streakId: 'daily', length: 1 }],
    });
  });

  it('answers all but the places to who does not ask for them', async () => {
    const details = { userId: 'ann', traits: { total: 100 } };
    const many = await tracker.trackMany([['order', details]], { ranks: false });
    for (const outcome of [await tracker.track('order', details, { ranks: false }), ...many]) {
      expect(outcome).toMatchObject({ ratings: [{ ratingId: 'xp' }, { ratingId: 'xp' }], ranks: [] });
    }
    expect((await players.get('ann')).ratings[0]).toMatchObject({ value: 20, position: 1 });
  });

  it('answers a replay with the outcome of the first time', async () => {
    const first = await order('ann', 100, { idempotenceKey: 'o1' });
    await order('bob', 500);
    expect(await order('ann', 100, { idempotenceKey: 'o1' })).toEqual({ ...first, replayed: true });
    expect((await players.get('ann')).ratings[0]).toMatchObject({ value: 10, position: 2 });
  });

  it('takes back exactly what a create gave, and lets it be done again', async () => {
    const like = (action: string) =>
      tracker.track('like', { userId: 'ann', action, idempotenceKey: 'latte' });
    await order('ann', 100);
    await like('create');
    expect(await like('create')).toMatchObject({ replayed: true });
    const taken = await like('remove');
    expect(taken).toMatchObject({
      ratings: [{ from: 11, to: 10 }, {}],
      badges: [{ badgeId: 'liked', from: 1, to: 0 }],
      balances: [{ amount: -3, total: 2 }],
    });
    expect(await like('remove')).toEqual({ ...taken, replayed: true });
    expect(await like('create')).toMatchObject({ replayed: false, ratings: [{ from: 10, to: 11 }, {}] });
  });

  it('refuses to take back what was spent, and changes nothing', async () => {
    const wallets = app.get(Wallets);
    await tracker.track('like', { userId: 'ann', action: 'create' });
    await wallets.createEntry({ userId: 'ann', amount: -2, reason: 'spent', resource: 'coins' });
    const before = await players.get('ann');
    await expect(tracker.track('like', { userId: 'ann', action: 'remove' })).rejects.toThrow(
      NotEnoughFundsError,
    );
    expect(await players.get('ann')).toEqual(before);
    await wallets.createEntry({ userId: 'ann', amount: 5, reason: 'found', resource: 'coins' });
    expect(await tracker.track('like', { userId: 'ann', action: 'remove' })).toMatchObject({
      balances: [{ amount: -3, total: 3 }],
    });
  });

  it('refuses what a wallet cannot hold, and nothing else that comes with it', async () => {
    const wallets = app.get(Wallets);
    const most = Number.MAX_SAFE_INTEGER - 3;
    await wallets.createEntry({ userId: 'ada', resource: 'coins', amount: most, reason: 'rich' });

    const results = await Promise.allSettled([
      order('ada', 50, { idempotenceKey: 'o1' }),
      tracker.track('like', { userId: 'ada', action: 'create', idempotenceKey: 'song' }),
      order('ada', 50, { idempotenceKey: 'o1' }),
      tracker.track('like', { userId: 'bob', action: 'create', idempotenceKey: 'song' }),
    ]);

    expect(results.map((each) => (each.status === 'fulfilled' ? each.value.replayed : each.reason))).toEqual([
      false,
      expect.objectContaining({ code: 'BALANCE_OUT_OF_RANGE' }),
      true,
      false,
    ]);
    const { badges, ratings } = await players.get('ada');
    expect(badges).toEqual([]);
    expect(ratings).toEqual([expect.objectContaining({ value: 5 })]);
    for await (const { differences } of app.get(Replays).run()) expect(differences).toEqual([]);
  });

  it('gives late events their place in time', async () => {
    const at = (minutes: number) => ({ occurredAt: new Date(clock.now() - minutes * MINUTE) });
    await order('ann', 100, at(30));
    await order('ann', 200, at(20));
    // The limit of two a day now goes to this one and the first: the second gave nothing after all.
    expect(await order('ann', 1000, at(25))).toMatchObject({
      ratings: [
        { from: 30, to: 110 },
        { from: 30, to: 110 },
      ],
    });
    expect((await players.get('ann')).ratings[0]).toMatchObject({ value: 110, level: 'Silver' });
  });

  it('finds nothing to replay, also after late events and take-backs', async () => {
    const replays = app.get(Replays);
    await order('ann', 100, { occurredAt: new Date(clock.now() - DAY) });
    await tracker.track('like', { userId: 'ann', action: 'create', idempotenceKey: 'a' });
    await order('ann', 300, { occurredAt: new Date(clock.now() - 2 * DAY) });
    await tracker.track('like', { userId: 'ann', action: 'remove', idempotenceKey: 'a' });
    await order('bob', 300);
    const seen = [];
    for await (const progress of replays.run()) seen.push(progress);
    expect(seen).toEqual([{ players: 2, total: 2, differences: [] }]);
  });

  it('ranks whoever reached a value first higher, also after a take-back', async () => {
    const boards = app.get(Leaderboards);
    await order('ann', 100);
    clock.advance(1_000);
    await order('bob', 100);
    clock.advance(1_000);
    await tracker.track('like', { userId: 'ann', action: 'create' });
    await tracker.track('like', { userId: 'ann', action: 'remove' });
    expect((await boards.top('xp')).map(({ userId, position, value }) => [userId, position, value])).toEqual([
      ['ann', 1, 10],
      ['bob', 2, 10],
    ]);
    expect(await boards.rank('xp', 'bob')).toMatchObject({ position: 2 });
    expect((await boards.around('xp', 'bob', 1)).map(({ userId }) => userId)).toEqual(['ann', 'bob']);
    expect(await boards.topOfChallenge('first', { limit: 1 })).toMatchObject([{ userId: 'ann' }]);
  });
});
