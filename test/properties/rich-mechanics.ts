import type { MechanicsDefinition } from 'nestjs-gamification';
import type { Env } from './naive-model.js';

/** What the expressions of the mechanics below are, without CEL. */
export const EXPRESSIONS: Readonly<Record<string, (env: Env) => number | boolean>> = {
  'event.n / 2': ({ event }) => Number(event.n ?? 0) / 2,
  'event.n * 1.25': ({ event }) => Number(event.n ?? 0) * 1.25,
  'event.n - 3': ({ event }) => Number(event.n) - 3,
  'event.n > 2': ({ event }) => Number(event.n) > 2,
  'player.plan == "gold"': ({ player }) => player.plan === 'gold',
  'ratings.sum < 12': ({ ratings }) => ratings('sum') < 12,
  'ratings.sum >= 8': ({ ratings }) => ratings('sum') >= 8,
  'balances.coins >= 4': ({ balances }) => balances('coins') >= 4,
  'counts["b"] > 1 && ratings.sum > 3': ({ ratings, counts }) => counts('b') > 1 && ratings('sum') > 3,
  'streaks.daily >= 2': ({ streaks }) => streaks('daily') >= 2,
};

/** Two sets of mechanics that use, together, all there is, but for places of challenges, which are no player's own. */
export const RICH_MECHANICS: readonly MechanicsDefinition[] = [
  {
    ratings: {
      sum: {
        name: 'Sum',
        rules: [
          { on: 'a', value: 'event.n / 2', limit: { times: 2, per: 'day' } },
          { on: 'b', value: 3, if: 'ratings.sum < 12', cooldown: '2h' },
          { on: 'c', value: 'event.n * 1.25', limit: { value: 5, per: 'week' } },
        ],
        periods: ['all', 'day', 'season'],
        levels: [
          { name: 'one', from: 1 },
          { name: 'two', from: 5 },
          { name: 'three', from: 9 },
        ],
      },
      best: {
        name: 'Best',
        rules: [
          { on: 'a', value: 'event.n - 3' },
          { on: 'c', value: 1 },
        ],
        aggregate: 'max',
      },
    },
    badges: {
      some: { name: 'Some', when: { on: 'a', times: 2 } },
      many: { name: 'Many', permanent: true, repeat: true, when: { on: 'b', if: 'event.n > 2', times: 2 } },
      rich: { name: 'Rich', permanent: true, repeat: true, when: 'ratings.sum >= 8' },
      once: { name: 'Once', permanent: true, when: { rating: 'best', atLeast: 1 } },
    },
    challenges: {
      any: {
        name: 'Any',
        steps: [
          { on: 'a', times: 2 },
          { on: 'b', weight: 3 },
        ],
        reward: { resource: 'gems', amount: 2 },
      },
      strict: {
        name: 'Strict',
        order: 'strict',
        within: '1d',
        steps: [{ on: 'c' }, { on: 'a', if: 'event.n > 2' }, { on: 'c' }],
        reward: { resource: 'coins', amount: 5 },
      },
    },
    streaks: { daily: { name: 'Daily', on: ['a', 'b'], every: 'day', freezes: { every: 2, max: 1 } } },
    features: {
      f: { name: 'F', when: 'counts["b"] > 1 && ratings.sum > 3' },
      g: { name: 'G', when: 'player.plan == "gold"' },
    },
    resources: {
      coins: {
        name: 'Coins',
        rules: [
          { on: 'b', value: 2 },
          { on: 'a', value: 1, if: 'balances.coins >= 4' },
        ],
      },
      gems: { name: 'Gems', overdraft: 'negative', rules: [{ on: 'c', value: 1 }] },
    },
    seasons: { winter: { from: '2026-03-27T00:00:00Z', until: '2026-03-30T12:00:00Z' } },
  },
  {
    ratings: {
      sum: {
        name: 'Sum',
        rules: [
          { on: 'a', value: 'event.n - 3' },
          { on: 'b', value: 2 },
          { on: 'c', value: 1, limit: { times: 1, per: 'ever' } },
        ],
        decimals: 2,
        periods: ['week', 'all'],
        keepLevel: true,
        levels: [
          { name: 'one', from: 1 },
          { name: 'two', from: 2.5 },
          { name: 'three', from: 4 },
        ],
      },
      quickest: {
        name: 'Quickest',
        rules: [{ on: 'b', value: 'event.n * 1.25' }],
        aggregate: 'min',
        better: 'lower',
      },
      latest: {
        name: 'Latest',
        rules: [
          { on: 'a', value: 'event.n / 2' },
          { on: 'b', value: 7 },
        ],
        aggregate: 'last',
        decimals: 1,
      },
    },
    badges: {
      streaky: { name: 'Streaky', when: { streak: 'daily', length: 2 } },
      daily: { name: 'Daily', permanent: true, repeat: true, when: 'streaks.daily >= 2' },
      slow: { name: 'Slow', when: { rating: 'quickest', atMost: 3 } },
    },
    streaks: {
      daily: { name: 'Daily', on: 'b', every: 'day' },
      weekly: { name: 'Weekly', on: ['a', 'c'], every: 'week', if: 'event.n > 2' },
    },
    features: { f: { name: 'F', when: { on: 'c', times: 2 } } },
    challenges: {
      timed: {
        name: 'Timed',
        from: '2026-03-27T12:00:00Z',
        until: '2026-03-31T00:00:00Z',
        steps: [{ on: 'a' }, { on: 'b', times: 2 }],
        reward: [
          { resource: 'coins', amount: 1 },
          { resource: 'dust', amount: 3 },
        ],
      },
    },
    resources: {
      coins: {
        name: 'Coins',
        overdraft: 'partial',
        rules: [
          { on: 'b', value: 3, limit: { value: 7, per: 'day' } },
          { on: 'c', value: 'event.n - 3' },
        ],
      },
      dust: {
        name: 'Dust',
        rules: [
          { on: 'c', value: 'event.n - 3' },
          { on: 'b', value: 1 },
        ],
      },
    },
  },
];
