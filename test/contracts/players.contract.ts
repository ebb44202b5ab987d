import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  eachOf,
  GamificationError,
  InvalidQueryError,
  type MechanicsDefinition,
  type Page,
  type PageRequest,
  type Player,
  type Players,
} from 'nestjs-gamification';
import type { TestClock } from '../support/application.js';

/** An event as every implementation can be told of it. */
export interface PlayerEvent {
  readonly userId: string;
  readonly action?: 'create' | 'remove';
  readonly idempotenceKey?: string;
  readonly traits?: Readonly<Record<string, unknown>>;
}

/** One who tells of events, and reads what they gave. */
export interface PlayersCaller {
  readonly players: Players;
  /** Resolves once the event has had its effects. */
  track(type: string, event: PlayerEvent): Promise<void>;
}

/** An implementation of `Players` under test, without players. */
export interface PlayersUnderTest {
  /** Two, of two instances where there can be two. */
  readonly callers: readonly [PlayersCaller, PlayersCaller];
  readonly clock: TestClock;
  close(): Promise<void>;
}

/** What an implementation may be unable to do, and what it does in its place. This is all that they may differ in. */
const FEATURES = {
  traits: (players: Players) => expectUnsupported(players.traits('ann')),
  erasing: async (players: Players): Promise<void> => {
    await expectUnsupported(players.erase('ann'));
    expect(await players.get('ann')).toMatchObject({ badges: [{ badgeId: 'first' }] });
  },
  exports: (players: Players) => expectUnsupported(players.export('ann').next()),
};

/** Without `engineFields`, players are without streaks, levels, periods, and whether challenges are completed. */
type Feature = keyof typeof FEATURES | 'engineFields';

async function expectUnsupported(call: Promise<unknown>): Promise<void> {
  await expect(call).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
  await expect(call).rejects.toThrow(GamificationError);
}

/** By which all implementations play. */
export const PLAYERS_MECHANICS: MechanicsDefinition = {
  ratings: {
    xp: {
      name: 'Experience',
      metaInfo: { icon: 'xp.png' },
      rules: [{ on: 'order', value: 'event.total' }],
      levels: [{ name: 'Guest', from: 10 }],
    },
    quick: {
      name: 'Quick',
      better: 'lower',
      aggregate: 'min',
      decimals: 1,
      rules: [{ on: 'order', value: 'event.total / 4' }],
    },
  },
  badges: {
    first: { name: 'First', description: 'Has ordered', metaInfo: { color: 'red' }, when: { on: 'order' } },
  },
  challenges: {
    early: {
      name: 'Early',
      limit: 2,
      metaInfo: { icon: 'early.png' },
      steps: [{ on: 'order' }, { on: 'visit', weight: 2 }],
      reward: { resource: 'coins', amount: 10 },
    },
  },
  features: { vip: { name: 'VIP', description: 'For regulars', when: 'ratings.xp >= 20' } },
  resources: { coins: { name: 'Coins', rules: [{ on: 'order', value: 1 }] } },
  streaks: { days: { name: 'Days', on: 'order', every: 'day' } },
};

/**
 * What every implementation of `Players` does.
 *
 * @param open makes an implementation that plays by {@link PLAYERS_MECHANICS}
 * @param cannot what this one is unable to do: its tests are replaced by tests of what comes in its place
 */
export function describePlayers(
  name: string,
  open: () => Promise<PlayersUnderTest>,
  { cannot = [] }: { readonly cannot?: readonly Feature[] } = {},
): void {
  describe(`Players on ${name}`, () => {
    let underTest: PlayersUnderTest;
    let players: Players;

    const can = (feature: Feature): boolean => !cannot.includes(feature);

    /** A test of what needs a feature. Where it is missing, a test of what comes in its place, of a player `ann`. */
    function itNeeds(feature: keyof typeof FEATURES, what: string, test: () => Promise<void>): void {
      if (can(feature)) it(what, test);
      else {
        it(`${what}: cannot, it has no ${feature}`, async () => {
          await order('ann', 10);
          await FEATURES[feature](players);
        });
      }
    }

    beforeEach(async () => {
      underTest = await open();
      ({ players } = underTest.callers[0]);
    });

    afterEach(() => underTest.close());

    const order = (
      userId: string,
      total: number,
      more: Omit<PlayerEvent, 'userId'> = {},
      caller: 0 | 1 = 0,
    ) => underTest.callers[caller].track('order', { ...more, userId, traits: { total } });

    const coinsOf = async (userId: string) => (await players.get(userId)).balances[0]?.amount ?? 0;

    /** What the fields are that only the engine has. */
    const engineFields = (fields: object) => (can('engineFields') ? fields : {});

    const nothing = { ratings: [], challenges: [], badges: [], features: [], balances: [], streaks: [] };

    it('have what their events gave', async () => {
      const ordered = new Date(underTest.clock.now());
      await order('ann', 10);
      await order('bob', 30);
      underTest.clock.advance(60_000);
      const visited = new Date(underTest.clock.now());
      await underTest.callers[0].track('visit', { userId: 'ann' });
      await order('ann', 10);

      const ann = { userId: 'ann' };
      expect(await players.get('ann')).toEqual({
        userId: 'ann',
        ratings: [
          {
            ...ann,
            ratingId: 'xp',
            name: 'Experience',
            value: 20,
            position: 2,
            metaInfo: { icon: 'xp.png' },
            ...engineFields({ period: 'all', level: 'Guest' }),
          },
          {
            ...ann,
            ratingId: 'quick',
            name: 'Quick',
            value: 2.5,
            position: 1,
            metaInfo: {},
            ...engineFields({ period: 'all' }),
          },
        ],
        challenges: [
          {
            ...ann,
            challengeId: 'early',
            name: 'Early',
            progress: 3,
            passedSteps: [
              { challengeStepId: '1', order: 1, weight: 1, dateComplete: ordered },
              { challengeStepId: '2', order: 2, weight: 2, dateComplete: visited },
            ],
            metaInfo: { icon: 'early.png' },
            ...engineFields({ completed: true }),
          },
        ],
        badges: [
          {
            ...ann,
            badgeId: 'first',
            name: 'First',
            description: 'Has ordered',
            permanent: false,
            count: 1,
            acquisitionDate: ordered,
            metaInfo: { color: 'red' },
          },
        ],
        features: [
          {
            ...ann,
            featureId: 'vip',
            name: 'VIP',
            description: 'For regulars',
            accessDate: visited,
            metaInfo: {},
          },
        ],
        balances: [{ ...ann, resourceKey: 'coins', amount: 12 }],
        streaks: can('engineFields') ? [expect.objectContaining({ streakId: 'days', length: 1 })] : [],
      });
    });

    it('have nothing before their first event', async () => {
      await order('ann', 10);
      expect(await players.get('nobody')).toEqual({ userId: 'nobody', ...nothing });
      expect(await players.badges('nobody')).toEqual([]);
      expect(await players.hasFeature('nobody', 'vip')).toBe(false);
      expect((await players.list()).items.map(({ userId }) => userId)).toEqual(['ann']);
    });

    it('have badges and features by themselves, too', async () => {
      await order('ann', 10);
      expect(await players.badges('ann')).toEqual((await players.get('ann')).badges);
      expect(await players.badges('ann')).toHaveLength(1);
      expect(await players.hasFeature('ann', 'vip')).toBe(false);
      await order('ann', 10);
      expect(await players.hasFeature('ann', 'vip')).toBe(true);
      expect(await players.hasFeature('ann', 'none')).toBe(false);
    });

    it('are listed by user id, page by page, as each is by itself', async () => {
      const users = ['cid', 'Ann', 'ann', '\u{1f600}', '\uffee', 'Ömer', 'bob'];
      for (const [index, user] of users.entries()) await order(user, 10 + index);
      const sorted = ['Ann', 'ann', 'bob', 'cid', 'Ömer', '\uffee', '\u{1f600}'];

      for (const limit of [1, 3, 7, 100]) {
        const listed: Player[] = [];
        for await (const player of eachOf(pages(limit), limit)) listed.push(player);
        expect(listed.map(({ userId }) => userId)).toEqual(sorted);
        for (const player of listed) expect(player).toEqual(await players.get(player.userId));
      }
      expect(await players.list({ limit: 7 })).not.toHaveProperty('next');
    });

    it('are nobody when nobody played', async () => {
      expect(await players.list()).toEqual({ items: [] });
    });

    it('have places on ratings, which others can take', async () => {
      await order('ann', 10);
      await order('bob', 20);
      const placesOf = async (userId: string) =>
        (await players.get(userId)).ratings.map(({ position }) => position);
      expect([await placesOf('ann'), await placesOf('bob')]).toEqual([
        [2, 1],
        [1, 2],
      ]);
      await order('ann', 11);
      expect([await placesOf('ann'), await placesOf('bob')]).toEqual([
        [1, 1],
        [2, 2],
      ]);
    });

    it('lose what an event gave that is taken back', async () => {
      await order('ann', 30, { action: 'create', idempotenceKey: 'a' });
      await order('ann', 5, { action: 'create', idempotenceKey: 'b' });
      expect(await players.hasFeature('ann', 'vip')).toBe(true);
      await order('ann', 30, { action: 'remove', idempotenceKey: 'a' });

      expect(await players.get('ann')).toMatchObject({
        ratings: [
          { ratingId: 'xp', value: 5 },
          { ratingId: 'quick', value: 1.2 },
        ],
        badges: [{ count: 1 }],
        features: [],
        balances: [{ amount: 1 }],
      });
      await order('ann', 5, { action: 'remove', idempotenceKey: 'b' });
      expect(await players.get('ann')).toMatchObject({ badges: [], features: [] });
      expect(await coinsOf('ann')).toBe(0);
    });

    it('have of an event with a key what it gave once, however often and wherever it comes', async () => {
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          order('ann', 10, { idempotenceKey: 'k' }, index % 2 === 0 ? 0 : 1),
        ),
      );
      await order('ann', 10, { idempotenceKey: 'k' });
      expect(await coinsOf('ann')).toBe(1);
      await order('bob', 10, { idempotenceKey: 'k' });
      expect(await coinsOf('bob')).toBe(1);
    });

    it('have what all of their events gave, also of those that come at once', async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => order('ann', 1, {}, index % 2 === 0 ? 0 : 1)),
      );
      expect(await players.get('ann')).toMatchObject({
        ratings: [{ value: 20 }, { value: 0.2 }],
        badges: [{ count: 1 }],
        features: [{ featureId: 'vip' }],
        balances: [{ amount: 20 }],
      });
    });

    it('are the first exactly so often, also when they come at once', async () => {
      await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const caller = underTest.callers[index % 2 === 0 ? 0 : 1];
          await order(`u${index}`, 1, {}, index % 2 === 0 ? 0 : 1);
          await caller.track('visit', { userId: `u${index}` });
        }),
      );
      const { items } = await players.list();
      expect(items.map(({ balances }) => balances[0]?.amount).sort()).toEqual([...Array(8).fill(1), 11, 11]);
    });

    it('have any ids', async () => {
      for (const user of ['a b/c?d#e', '50%41', '..\\x', 'unread', 'x'.repeat(255), '<"&\'>']) {
        await order(user, 10);
        expect(await players.get(user)).toMatchObject({
          userId: user,
          balances: [{ userId: user, amount: 1 }],
        });
        expect(await players.badges(user)).toMatchObject([{ userId: user }]);
      }
    });

    it('are not asked for by what cannot be', async () => {
      for (const id of ['', 'x'.repeat(256)]) {
        await expect(players.get(id)).rejects.toThrow(InvalidQueryError);
        await expect(players.badges(id)).rejects.toThrow(InvalidQueryError);
        await expect(players.hasFeature(id, 'vip')).rejects.toThrow(InvalidQueryError);
      }
      for (const wrong of [{ limit: 0 }, { limit: 1_001 }, { limit: 1.5 }, { after: 'x' }]) {
        await expect(players.list(wrong)).rejects.toThrow(InvalidQueryError);
      }
    });

    itNeeds('traits', 'tell what they said of themselves', async () => {
      expect(await players.traits('ann')).toEqual({});
    });

    itNeeds('exports', 'are exported', async () => {
      await order('ann', 10);
      const kinds: string[] = [];
      for await (const { kind } of players.export('ann')) kinds.push(kind);
      expect(kinds).toEqual(['player', 'event', 'entry']);
    });

    itNeeds('erasing', 'are erased, and then nobody', async () => {
      await order('ann', 10);
      expect(await players.erase('ann')).toBe(true);
      expect(await players.erase('ann')).toBe(false);
      expect(await players.get('ann')).toEqual({ userId: 'ann', ...nothing });
      expect(await players.list()).toEqual({ items: [] });
    });

    /** Pages of the list, none of which may be larger than it should be. */
    function pages(limit: number) {
      return async (request: PageRequest): Promise<Page<Player>> => {
        const page = await players.list(request);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        return page;
      };
    }
  });
}
