import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventTracker, type MechanicsDefinition, Players, Replays } from 'nestjs-gamification';
import { Database } from '../../libs/gamification/src/database/database.js';
import { Statement } from '../../libs/gamification/src/database/statement.js';
import { createContext, TestClock } from '../support/application.js';
import { storages } from '../support/storages.js';
import { NaivePlayer } from './naive-model.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);
const EVENTS = 1_300;

const definition: MechanicsDefinition = {
  ratings: {
    sum: {
      name: 'Sum',
      rules: [{ on: 'a', value: 1, limit: { times: 3, per: 'day' } }],
      periods: ['all', 'day'],
    },
    best: { name: 'Best', rules: [{ on: 'a', value: 'event.n / 2' }], aggregate: 'max' },
  },
  streaks: { daily: { name: 'Daily', on: 'a', every: 'day', freezes: { every: 7, max: 2 } } },
  badges: { many: { name: 'Many', permanent: true, repeat: true, when: { on: 'a', times: 50 } } },
};

/** Far more events than are gone through again for a late one, so that checkpoints are made and left behind. */
describe.each(storages)('a player with a long history, on $name', (kind) => {
  it('has what the model says, whatever comes late', async () => {
    const storage = await kind.create();
    const clock = new TestClock(START + EVENTS * HOUR + 10 * DAY);
    const app = await createContext(
      { storage: { url: storage.url }, mechanics: definition, engine: { lateness: DAY } },
      clock,
    );
    try {
      const tracker = app.get(EventTracker);
      let stream = 0;
      const late = fc.record({
        place: fc.integer({ min: 0, max: EVENTS }),
        hours: fc.integer({ min: 1, max: 30 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(late, { minLength: 1, maxLength: 40 }), async (lates) => {
          const userId = `u${stream++}`;
          const model = new NaivePlayer(definition, DAY);
          const at = (index: number) => START + index * HOUR;
          const events = Array.from({ length: EVENTS }, (_, index) => ({
            at: at(index),
            n: index % 17,
          })).flatMap((event, index) => [
            event,
            ...lates
              .filter(({ place }) => place === index)
              .map(({ hours }) => ({ at: at(index) - hours * HOUR - 1, n: 40 + hours })),
          ]);
          for (let first = 0; first < events.length; first += 97) {
            const together = events.slice(first, first + 97);
            await tracker.trackMany(
              together.map(
                ({ at: time, n }) => ['a', { userId, traits: { n }, occurredAt: new Date(time) }] as const,
              ),
            );
          }
          for (const { at: time, n } of events) model.append({ type: 'a', traits: { n }, at: time });
          const fold = model.fold(clock.now());
          const player = await app.get(Players).get(userId);
          expect(player.ratings.map(({ ratingId, value }) => [ratingId, value])).toEqual([
            ['sum', fold.boards['sum/all']?.value],
            ['best', fold.boards['best/all']?.value],
          ]);
          expect(player.badges[0]?.count).toBe(fold.badges.many?.count);
          expect(player.streaks[0]?.longest).toBe(fold.streaks.daily?.longest);
          for await (const { differences } of app.get(Replays).run({ userIds: [userId] })) {
            expect(differences).toEqual([]);
          }
        }),
        { numRuns: 3 },
      );
      // Otherwise this would test what shorter histories do.
      const database = app.get(Database, { strict: false });
      const checkpoints = await database.read((sql) =>
        sql.rows<{ seq: number | string }>(new Statement('select seq from gamification_checkpoints').with()),
      );
      expect(checkpoints.length).toBeGreaterThan(0);
      for (const { seq } of checkpoints) expect(Number(seq)).toBeGreaterThan(500);
    } finally {
      await app.close();
      await storage.remove();
    }
  }, 120_000);
});
