import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import fc from 'fast-check';
import {
  EventLog,
  EventTracker,
  eachOf,
  Leaderboards,
  type MechanicsDefinition,
  NotEnoughFundsError,
  type Outcome,
  Players,
  Replays,
  Wallets,
} from 'nestjs-gamification';
import { createContext, TestClock } from '../support/application.js';
import { durableStorages, memory, type StorageKind, type TestStorage } from '../support/storages.js';
import { type Folded, NaivePlayer } from './naive-model.js';
import { RICH_MECHANICS } from './rich-mechanics.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The night before clocks change in Europe, and in the last season day. */
const START = Date.UTC(2026, 2, 28, 18);
const LATENESS = 2 * DAY;
const NOW = START + 5 * DAY;

/** Streams on each storage and with each of the mechanics: 10,000 in all. */
const RUNS: Readonly<Record<string, number>> = {
  'SQLite in memory': 4_700,
  'a SQLite file': 200,
  PostgreSQL: 100,
};

/** Something that happens in a stream, by whom. */
type Step =
  | {
      readonly kind: 'event';
      readonly user: 0 | 1;
      readonly type: string;
      readonly action?: string;
      readonly key?: string;
      readonly n: number;
      readonly at: number;
    }
  | { readonly kind: 'identify'; readonly user: 0 | 1; readonly plan: string; readonly at: number }
  | { readonly kind: 'spend'; readonly user: 0 | 1; readonly amount: number };

const user = fc.constantFrom<(0 | 1)[]>(0, 1);
/** Mostly a little later than the last; sometimes the same time, far ahead, or late within and beyond the horizon. */
const pace = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 9 * 60 }).map((minutes) => minutes * MINUTE) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -30, max: 30 }).map((hours) => hours * HOUR) },
  { weight: 1, arbitrary: fc.integer({ min: -70, max: -40 }).map((hours) => hours * HOUR) },
  // When a cooldown or the time of a challenge is just over.
  { weight: 1, arbitrary: fc.constantFrom(2 * HOUR, DAY) },
);
const key = fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined });
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      user,
      type: fc.constantFrom('a', 'b', 'c'),
      action: fc.constantFrom(undefined, 'create', 'create', 'remove'),
      key,
      n: fc.integer({ min: 0, max: 6 }),
      pace,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('identify' as const),
      user,
      plan: fc.constantFrom('gold', 'free'),
      pace,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('spend' as const),
      user,
      amount: fc.integer({ min: 1, max: 6 }),
    }),
  },
);

const stream = fc.record({
  zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Los_Angeles'),
  /** How many steps are sent together. */
  together: fc.constantFrom(1, 3, 100, 100),
  steps: fc.array(step, { minLength: 1, maxLength: 22 }).map((list) => {
    let now = START;
    return list.map((each): Step => {
      if (each.kind === 'spend') return each;
      const { pace: change, ...rest } = each;
      const at = Math.min(Math.max(now + change, START - 4 * DAY), NOW);
      if (change > 0) now = at;
      return { ...rest, at };
    });
  }),
});

type Stream = typeof stream extends fc.Arbitrary<infer T> ? T : never;

/** What is sent together depends on what came before in ways that streams by chance seldom have. */
const EXAMPLES: readonly Stream[] = [
  // A remove, which is refused where what it gave is spent, and behind it a late event.
  {
    zone: 'UTC',
    together: 100,
    steps: [
      { kind: 'event', user: 1, type: 'b', n: 0, at: START },
      { kind: 'event', user: 1, type: 'b', action: 'create', n: 0, at: START },
      { kind: 'spend', user: 1, amount: 3 },
      { kind: 'event', user: 1, type: 'b', action: 'remove', n: 0, at: START },
      { kind: 'event', user: 1, type: 'a', n: 0, at: START - HOUR },
    ],
  },
  // A late event that opens the board of another day, so that the first one is let go of.
  {
    zone: 'UTC',
    together: 1,
    steps: [
      { kind: 'event', user: 0, type: 'a', n: 2, at: START - 43 * HOUR },
      { kind: 'event', user: 0, type: 'a', n: 0, at: START + 25 * HOUR },
      { kind: 'identify', user: 0, plan: 'gold', at: START + 31 * HOUR },
      { kind: 'event', user: 0, type: 'a', n: 2, at: START + 30 * HOUR },
    ],
  },
  // A remove that is refused, and taken once there is enough again.
  {
    zone: 'UTC',
    together: 100,
    steps: [
      { kind: 'event', user: 1, type: 'b', action: 'create', n: 0, at: START },
      { kind: 'spend', user: 1, amount: 1 },
      { kind: 'event', user: 1, type: 'b', action: 'remove', n: 0, at: START },
      { kind: 'event', user: 1, type: 'b', n: 0, at: START },
      { kind: 'event', user: 1, type: 'b', action: 'remove', n: 0, at: START },
    ],
  },
  // A late event, which is refused where it takes what is not there, and behind it a remove.
  {
    zone: 'UTC',
    together: 100,
    steps: [
      { kind: 'event', user: 1, type: 'c', action: 'create', n: 3, at: START },
      { kind: 'spend', user: 0, amount: 1 },
      { kind: 'event', user: 1, type: 'c', n: 0, at: START - 40 * HOUR },
      { kind: 'event', user: 1, type: 'c', action: 'remove', n: 0, at: START },
    ],
  },
  // One of two who set a value is taken back, where another rating was written between them.
  {
    zone: 'UTC',
    together: 1,
    steps: [
      { kind: 'event', user: 0, type: 'b', action: 'create', key: 'k1', n: 0, at: START },
      { kind: 'event', user: 0, type: 'a', n: 0, at: START },
      { kind: 'event', user: 0, type: 'b', action: 'create', n: 0, at: START },
      { kind: 'event', user: 0, type: 'b', action: 'remove', key: 'k1', n: 0, at: START },
      { kind: 'event', user: 0, type: 'c', n: 0, at: START },
    ],
  },
];

/** An application on a storage, on which many streams run one after another, each with users of its own. */
class World {
  private streams = 0;
  private readonly tracker: EventTracker;
  private readonly players: Players;
  private readonly boards: Leaderboards;
  private readonly wallets: Wallets;
  private readonly replays: Replays;

  constructor(
    private readonly app: INestApplicationContext,
    private readonly definition: MechanicsDefinition,
    private readonly others: readonly INestApplicationContext[] = [],
  ) {
    this.tracker = app.get(EventTracker);
    this.players = app.get(Players);
    this.boards = app.get(Leaderboards);
    this.wallets = app.get(Wallets);
    this.replays = app.get(Replays);
  }

  /** Runs a stream, and holds what comes of it against the model. */
  async check({ zone, together, steps }: Stream): Promise<void> {
    const ids = this.newUsers();
    const models = ids.map(() => new NaivePlayer(this.definition, LATENESS));
    for (const [index, userId] of ids.entries()) {
      await this.identifyAt(userId, { timeZone: zone }, START - 10 * DAY);
      models[index]?.record({ type: '$identify', traits: { timeZone: zone }, at: START - 10 * DAY });
    }
    for (let start = 0; start < steps.length; start += together) {
      const group = steps.slice(start, start + together);
      const results = await this.send(group, ids, this.tracker);
      const expected = group.map((each) => expectOf(each, models));
      expect(results).toEqual(expected);
    }
    await this.compare(ids, models, true);
  }

  /** Several instances at once. Which order that gave is in the log. */
  async checkConcurrently({ zone, steps }: Stream): Promise<void> {
    const ids = this.newUsers();
    const trackers = [this.app, ...this.others].map((each) => each.get(EventTracker));
    for (const userId of ids) await this.identifyAt(userId, { timeZone: zone }, START - 10 * DAY);
    await Promise.all(
      trackers.map((tracker, lane) =>
        this.send(
          steps.filter((each, index) => each.kind !== 'spend' && index % trackers.length === lane),
          ids,
          tracker,
        ),
      ),
    );
    const models = await Promise.all(ids.map((userId) => this.modelFromLog(userId)));
    await this.compare(ids, models, false);
  }

  private newUsers(): readonly string[] {
    const stream = this.streams++;
    return [0, 1].map((index) => `s${stream}-${index}`);
  }

  private identifyAt(userId: string, traits: Record<string, unknown>, at: number): Promise<Outcome> {
    return this.tracker.identify(userId, traits, { occurredAt: new Date(at) });
  }

  private async send(
    steps: readonly Step[],
    ids: readonly string[],
    tracker: EventTracker,
  ): Promise<readonly string[]> {
    const results: (string | Promise<string>)[] = [];
    for (const each of steps) {
      const userId = ids[each.user] ?? '';
      if (each.kind === 'spend') {
        // The wallet is to hold what the events before gave.
        await Promise.all(results);
        results.push(await this.spend(userId, each.amount));
      } else if (each.kind === 'identify') {
        results.push(resultOf(this.identifyAt(userId, { plan: each.plan }, each.at)));
      } else {
        const { type, action, key: idempotenceKey, n, at } = each;
        results.push(
          resultOf(
            tracker.track(type, { userId, action, idempotenceKey, traits: { n }, occurredAt: new Date(at) }),
          ),
        );
      }
    }
    return Promise.all(results);
  }

  private async spend(userId: string, amount: number): Promise<string> {
    const spent = this.wallets.createEntry({ userId, amount: -amount, reason: 'spent', resource: 'coins' });
    return spent.then(
      () => 'spent',
      () => 'spent',
    );
  }

  private async modelFromLog(userId: string): Promise<NaivePlayer> {
    const model = new NaivePlayer(this.definition, LATENESS);
    const log = this.app.get(EventLog);
    for await (const event of eachOf((page) => log.list({ ...page, userId }))) {
      const { type, action, idempotenceKey, traits, occurredAt } = event;
      model.record({ type, action, key: idempotenceKey, traits, at: occurredAt.getTime() });
    }
    return model;
  }

  private async compare(
    ids: readonly string[],
    models: readonly NaivePlayer[],
    withWallets: boolean,
  ): Promise<void> {
    const folds = models.map((model) => model.fold(NOW));
    for (const [index, userId] of ids.entries()) {
      const fold = folds[index];
      if (fold) expect(await this.playerOf(userId)).toEqual(expectedPlayer(fold));
    }
    await this.compareBoards(ids, folds);
    if (withWallets) {
      for (const [index, userId] of ids.entries()) {
        const { items } = await this.wallets.getWallets({ userIds: [userId] });
        const held = Object.fromEntries(
          items.filter(({ total }) => total !== 0).map(({ resource, total }) => [resource, total]),
        );
        const expected = Object.entries(models[index]?.wallet ?? {}).filter(([, total]) => total !== 0);
        expect(held).toEqual(Object.fromEntries(expected));
      }
    }
    for await (const { differences } of this.replays.run({ userIds: ids })) expect(differences).toEqual([]);
  }

  private async playerOf(userId: string) {
    const { badges, challenges, features, streaks } = await this.players.get(userId);
    return {
      badges: Object.fromEntries(
        badges.map((each) => [each.badgeId, { count: each.count, at: each.acquisitionDate.getTime() }]),
      ),
      challenges: Object.fromEntries(
        challenges.map(({ challengeId, progress, passedSteps, completed }) => [
          challengeId,
          { progress, steps: passedSteps.map(({ challengeStepId }) => challengeStepId), completed },
        ]),
      ),
      features: Object.fromEntries(
        features.map(({ featureId, accessDate }) => [featureId, accessDate.getTime()]),
      ),
      streaks: Object.fromEntries(
        streaks.map(({ streakId, length, longest }) => [streakId, { length, longest }]),
      ),
    };
  }

  /** Every board that the model knows, with the order of its players. */
  private async compareBoards(ids: readonly string[], folds: readonly Folded[]): Promise<void> {
    for (const board of new Set(folds.flatMap(({ boards }) => Object.keys(boards)))) {
      const [ratingId = '', period = ''] = board.split('/');
      const lower = this.definition.ratings?.[ratingId]?.better === 'lower';
      const expected = folds
        .flatMap(({ boards }, index) => {
          const standing = boards[board];
          return standing ? [{ userId: ids[index] ?? '', ...standing }] : [];
        })
        .sort(
          (a, b) =>
            (lower ? a.value - b.value : b.value - a.value) ||
            a.reachedAt - b.reachedAt ||
            (a.userId < b.userId ? -1 : 1),
        );
      const actual = await this.boards.top(ratingId, { users: ids, period });
      expect({ board, order: actual.map(({ userId, value }) => [userId, value]) }).toEqual({
        board,
        order: expected.map(({ userId, value }) => [userId, value]),
      });
    }
  }
}

function expectedPlayer({ badges, challenges, features, streaks }: Folded) {
  return {
    badges,
    challenges,
    features,
    // A streak without a day is not told.
    streaks: Object.fromEntries(Object.entries(streaks).filter(([, { longest }]) => longest > 0)),
  };
}

function expectOf(each: Step, models: readonly NaivePlayer[]): string {
  const model = models[each.user];
  if (!model) throw new Error('there are two users');
  if (each.kind === 'spend') {
    model.spend('coins', each.amount);
    return 'spent';
  }
  if (each.kind === 'identify')
    return model.record({ type: '$identify', traits: { plan: each.plan }, at: each.at });
  const { type, action, key: idempotenceKey, n, at } = each;
  return model.record({ type, action, key: idempotenceKey, traits: { n }, at });
}

function resultOf(outcome: Promise<Outcome>): Promise<string> {
  return outcome.then(
    ({ replayed }) => (replayed ? 'replayed' : 'recorded'),
    (error: unknown) => {
      if (error instanceof NotEnoughFundsError) return 'refused';
      throw error;
    },
  );
}

const kinds: readonly StorageKind[] = [memory, ...durableStorages];

describe.each(kinds)('the engine and the model, on $name', (kind) => {
  describe.each([0, 1])('with the mechanics %i', (mechanics) => {
    const definition = RICH_MECHANICS[mechanics] ?? {};
    let storage: TestStorage;
    let apps: INestApplicationContext[];

    const open = () =>
      createContext(
        {
          storage: { url: storage.url },
          mechanics: definition,
          engine: { lateness: LATENESS },
        },
        new TestClock(NOW),
      );

    beforeAll(async () => {
      storage = await kind.create();
      apps = [await open()];
      if (kind !== memory) apps.push(await open());
    });

    afterAll(async () => {
      for (const app of apps) await app.close();
      await storage.remove();
    });

    it('agree about any stream of events', async () => {
      const world = new World(apps[0] as INestApplicationContext, definition);
      await fc.assert(
        fc.asyncProperty(stream, (each) => world.check(each)),
        { numRuns: RUNS[kind.name] ?? 100, examples: EXAMPLES.map((each): [Stream] => [each]) },
      );
    }, 600_000);

    if (kind !== memory) {
      it('agree about what several instances recorded at once', async () => {
        const [app, ...others] = apps;
        const world = new World(app as INestApplicationContext, definition, others);
        await fc.assert(
          fc.asyncProperty(stream, (each) => world.checkConcurrently(each)),
          { numRuns: 30 },
        );
      }, 600_000);
    }
  });
});
