import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  EventLog,
  EventTracker,
  type ExportedRecord,
  GamificationModule,
  GamificationOptionsError,
  InvalidQueryError,
  Leaderboards,
  type MechanicsDefinition,
  MechanicsError,
  Notifications,
  Players,
  Replays,
  RequiresFeature,
  Wallets,
} from 'nestjs-gamification';
import { createContext, TestClock } from '../support/application.js';
import { memory, storages, type TestStorage } from '../support/storages.js';

const DAY = 86_400_000;

const mechanics: MechanicsDefinition = {
  ratings: {
    xp: {
      name: 'Experience',
      metaInfo: { icon: 'xp.png' },
      rules: [{ on: 'order', value: 'event.total' }],
      periods: ['all', 'week', 'season'],
    },
    quick: {
      name: 'Quick',
      better: 'lower',
      aggregate: 'min',
      decimals: 1,
      rules: [{ on: 'order', value: 'event.total / 4' }],
    },
  },
  badges: { first: { name: 'First', when: { on: 'order' }, messages: { earned: 'You have {name}' } } },
  challenges: {
    early: { name: 'Early', limit: 2, steps: [{ on: 'order' }], reward: { resource: 'coins', amount: 10 } },
  },
  resources: { coins: { name: 'Coins', rules: [{ on: 'order', value: 1 }] } },
  features: { vip: { name: 'VIP', when: 'player.plan == "gold"' } },
  seasons: { winter: { from: '2026-01-01T00:00:00Z', until: '2026-01-04T00:00:00Z' } },
  groups: ['team'],
};

describe.each(storages)('players on $name', (kind) => {
  let clock: TestClock;
  let storage: TestStorage;
  let app: INestApplicationContext;

  const open = (definition: MechanicsDefinition = mechanics) =>
    createContext({ storage: { url: storage.url }, mechanics: definition }, clock);

  beforeEach(async () => {
    clock = new TestClock();
    storage = await kind.create();
    app = await open();
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  const order = (userId: string, total: number) =>
    app.get(EventTracker).track('order', { userId, traits: { total } });
  const ids = (list: readonly { userId: string; position: number }[]) =>
    list.map(({ userId, position }) => `${position} ${userId}`);

  it('are the first only so often, and keep their places', async () => {
    for (const user of ['ann', 'bob', 'cid', 'ann']) await order(user, 1);
    const { items } = await app.get(Wallets).getWallets();
    expect(items.map(({ userId, total }) => [userId, total])).toEqual([
      ['ann', 12],
      ['bob', 11],
      ['cid', 1],
    ]);
    expect(await app.get(Leaderboards).topOfChallenge('early')).toMatchObject([
      { userId: 'ann', completed: true },
      { userId: 'bob' },
      { userId: 'cid' },
    ]);
  });

  it('stand on boards by week and season, of which finished ones are kept', async () => {
    const boards = app.get(Leaderboards);
    await order('ann', 10);
    clock.advance(7 * DAY);
    await order('bob', 5);
    expect(ids(await boards.top('xp', { period: 'week' }))).toEqual(['1 bob']);
    expect(ids(await boards.top('xp', { period: '2026-W01' }))).toEqual(['1 ann']);
    expect(ids(await boards.top('xp', { period: 'winter' }))).toEqual(['1 ann']);
    expect(await boards.top('xp', { period: 'season' })).toEqual([]);
    expect(ids(await boards.top('xp'))).toEqual(['1 ann', '2 bob']);
    expect(ids(await boards.top('quick'))).toEqual(['1 bob', '2 ann']);
    expect(ids(await boards.top('xp', { sort: 'desc', limit: 1 }))).toEqual(['2 bob']);
  });

  it('stand among some, or in their group, which they can change', async () => {
    const tracker = app.get(EventTracker);
    for (const [index, user] of ['ann', 'bob', 'cid'].entries()) {
      await tracker.identify(user, { team: index < 2 ? 'red' : 'blue' });
      await order(user, 10 - index);
    }
    const boards = app.get(Leaderboards);
    const group = { trait: 'team', value: 'red' };
    expect(ids(await boards.top('xp', { group }))).toEqual(['1 ann', '2 bob']);
    await tracker.identify('ann', { team: 'blue' });
    expect(ids(await boards.top('xp', { group }))).toEqual(['1 bob']);
    expect(ids(await boards.top('xp', { users: ['cid', 'bob', 'nobody'] }))).toEqual(['1 bob', '2 cid']);
  });

  it.each([
    ['an unknown rating', (boards: Leaderboards) => boards.top('nothing')],
    ['an unknown challenge', (boards: Leaderboards) => boards.topOfChallenge('nothing')],
    ['a board that the rating does not have', (boards: Leaderboards) => boards.top('xp', { period: 'day' })],
    ['a board by another name', (boards: Leaderboards) => boards.top('xp', { period: '2026-01-01' })],
    ['a negative offset', (boards: Leaderboards) => boards.top('xp', { offset: -1 })],
    [
      'a trait that is no group',
      (boards: Leaderboards) => boards.top('xp', { group: { trait: 'plan', value: 'x' } }),
    ],
    [
      'users and a group',
      (boards: Leaderboards) => boards.top('xp', { users: [], group: { trait: 'team', value: 'x' } }),
    ],
    ['too many around', (boards: Leaderboards) => boards.around('xp', 'ann', 101)],
  ])('are not asked for by %s', async (_, ask) => {
    await expect(ask(app.get(Leaderboards))).rejects.toThrow(InvalidQueryError);
  });

  it('are exported with all that is kept, and erased without a rest', async () => {
    const tracker = app.get(EventTracker);
    const players = app.get(Players);
    await tracker.identify('ann', { name: 'Ann', team: 'red' });
    for (const user of ['ann', 'bob']) await order(user, 10);
    await app.get(Wallets).transfer({ from: 'ann', to: 'bob', amount: 1, reason: 'gift', resource: 'coins' });
    const records: ExportedRecord[] = [];
    for await (const record of players.export('ann')) records.push(record);
    expect(records.map(({ kind: each }) => each)).toEqual([
      'player',
      'event',
      'event',
      'entry',
      'entry',
      'notification',
    ]);
    expect(records[0]).toMatchObject({ traits: { name: 'Ann' }, player: { userId: 'ann' } });

    expect(await players.erase('ann')).toBe(true);
    const left: ExportedRecord[] = [];
    for await (const record of players.export('ann')) left.push(record);
    expect(left).toMatchObject([
      { kind: 'player', traits: {}, player: { ratings: [], badges: [], balances: [] } },
    ]);
    expect(ids(await app.get(Leaderboards).top('xp'))).toEqual(['1 bob']);
    expect(await app.get(Leaderboards).top('xp', { group: { trait: 'team', value: 'red' } })).toEqual([]);
    expect((await app.get(EventLog).list()).items.every(({ userId }) => userId === 'bob')).toBe(true);
    expect((await app.get(Notifications).list()).items).toHaveLength(1);
    expect((await app.get(Wallets).getWallets()).items).toMatchObject([{ userId: 'bob', total: 12 }]);
    expect(await players.erase('ann')).toBe(false);
    // Who comes back is someone new.
    expect(await order('ann', 3)).toMatchObject({ ratings: [{ from: null, to: 3 }, {}, {}, {}] });
  });

  const itWhereKept = kind === memory ? it.skip : it;

  itWhereKept(
    'have from changed mechanics what later events give, and from a replay what all would have given',
    async () => {
      await order('ann', 10);
      await order('bob', 20);
      await app.close();
      const { xp, quick } = mechanics.ratings ?? {};
      if (!xp || !quick) throw new Error('both are there');
      const changed: MechanicsDefinition = {
        ...mechanics,
        ratings: { xp: { ...xp, rules: [{ on: 'order', value: 'event.total * 2' }] } },
        resources: { coins: { name: 'Coins', rules: [{ on: 'order', value: 5 }] } },
      };
      app = await open(changed);
      expect(await order('ann', 1)).toMatchObject({ ratings: [{ from: 10, to: 12 }, {}, {}] });

      const replays = app.get(Replays);
      const dry = [];
      for await (const { differences } of replays.run()) dry.push(...differences);
      expect(dry.map(({ userId, changes }) => [userId, changes.balances[0]?.amount])).toEqual([
        ['ann', 4],
        ['bob', 4],
      ]);
      expect(dry[1]?.changes.ratings).toContainEqual({ ratingId: 'xp', period: 'all', from: 20, to: 40 });
      expect(ids(await app.get(Leaderboards).top('xp'))).toEqual(['1 bob', '2 ann']);

      for await (const _ of replays.run({ apply: true }));
      expect((await app.get(Leaderboards).top('xp')).map(({ userId, value }) => [userId, value])).toEqual([
        ['bob', 40],
        ['ann', 22],
      ]);
      const { items } = await app.get(Wallets).getWallets();
      expect(items.map(({ total }) => total)).toEqual([20, 15]);
      for await (const { differences } of replays.run()) expect(differences).toEqual([]);
      expect(await order('ann', 1)).toMatchObject({ ratings: [{ from: 22, to: 24 }, {}, {}] });
    },
  );
});

describe('@RequiresFeature', () => {
  @Controller()
  class ThemeController {
    @RequiresFeature('vip')
    @Get('theme')
    theme() {
      return 'dark';
    }
  }
  @Controller('lounge')
  @RequiresFeature('vip')
  class LoungeController {
    @RequiresFeature('closed')
    @Get('cellar')
    cellar() {
      return 'wine';
    }
    @Get()
    lounge() {
      return 'tea';
    }
  }
  let app: INestApplication;

  beforeEach(async () => {
    const module = await Test.createTestingModule({
      imports: [
        GamificationModule.forRoot({
          mechanics,
          user: ({ request }) => [request.headers['x-user'] ?? []].flat()[0],
        }),
      ],
      controllers: [ThemeController, LoungeController],
    }).compile();
    module.useLogger(false);
    app = module.createNestApplication();
    await app.listen(0);
  });

  afterEach(() => app.close());

  it('lets through to whom the feature is open, and nobody else', async () => {
    const get = async (user?: string) =>
      (await fetch(`${await app.getUrl()}/theme`, { headers: user === undefined ? {} : { 'x-user': user } }))
        .status;
    await app.get(EventTracker).identify('ann', { plan: 'gold' });
    await app.get(EventTracker).identify('bob', { plan: 'free' });
    expect([await get('ann'), await get('bob'), await get('nobody'), await get()]).toEqual([
      200, 403, 403, 403,
    ]);
    await app.get(EventTracker).identify('ann', { plan: 'free' });
    expect(await get('ann')).toBe(403);
  });

  it('wants all that a handler and its controller require', async () => {
    const get = async (path: string) =>
      (await fetch(`${await app.getUrl()}${path}`, { headers: { 'x-user': 'ann' } })).status;
    await app.get(EventTracker).identify('ann', { plan: 'gold' });
    expect([await get('/lounge'), await get('/lounge/cellar')]).toEqual([200, 403]);
  });
});

describe('an application with mechanics', () => {
  it.each([
    ['without storage', { storage: false, mechanics }, GamificationOptionsError],
    ['with GMFY', { gmfy: { apiKey: 'k', url: 'http://localhost' }, mechanics }, GamificationOptionsError],
    ['that are wrong', { mechanics: { ratings: { xp: {} } } }, MechanicsError],
    ['with an unknown time zone', { engine: { timeZone: 'Mars/Olympus' } }, GamificationOptionsError],
  ])('does not start %s', async (_, options, error) => {
    await expect(createContext(options as Parameters<typeof createContext>[0])).rejects.toThrow(error);
  });
});
