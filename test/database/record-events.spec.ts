import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../libs/gamification/src/clock.js';
import type { Database } from '../../libs/gamification/src/database/database.js';
import { Engine } from '../../libs/gamification/src/engine/engine.js';
import { LogRecorder } from '../../libs/gamification/src/engine/log-recorder.js';
import { checkEvent } from '../../libs/gamification/src/events/check-event.js';
import { StorageOptions } from '../../libs/gamification/src/gamification.options.js';
import { UuidV7Ids } from '../../libs/gamification/src/ids.js';
import { compileMechanics } from '../../libs/gamification/src/mechanics/compile.js';
import { openDatabase } from '../../libs/gamification/src/open-database.js';
import { storages, type TestStorage } from '../support/storages.js';

/** A commit whose answer was lost is tried again with the same events, ids and all. */
describe.each(storages)('events that are recorded again on $name', (kind) => {
  const ids = new UuidV7Ids();
  const clock = new SystemClock();
  let storage: TestStorage;
  let database: Database;
  let recorder: LogRecorder;

  const event = (type: string, idempotenceKey?: string) =>
    checkEvent({ type, userId: 'alice', idempotenceKey }, ids.next(), 0, true);

  beforeEach(async () => {
    storage = await kind.create();
    database = await openDatabase(Object.assign(new StorageOptions(), { url: storage.url }), clock);
    const mechanics = compileMechanics(
      { resources: { coins: { name: 'Coins', rules: [{ on: 'paid', value: 5 }] } } },
      { timeZone: 'UTC', lateness: 0 },
    );
    recorder = new LogRecorder(new Engine(mechanics, ids, clock, 'tests'), database, () => undefined);
  });

  afterEach(async () => {
    await database.close(5_000);
    await storage.remove();
  });

  it.each([
    ['e', undefined],
    ['e', 'k'],
    ['paid', undefined],
    ['paid', 'k'],
  ])('are there once and are no replays: %p with the key %p', async (type, key) => {
    const first = event(type, key);
    const [one] = await recorder.record([first]);
    const [again] = await recorder.record([{ ...first, tried: true }]);

    expect(one).toMatchObject({ ok: true, value: { eventId: first.id, replayed: false } });
    expect(again).toMatchObject({ ok: true, value: { eventId: first.id, replayed: false } });
    expect(again).toEqual(one);
  });

  it('among others leave those alone', async () => {
    const [one, two] = [event('one'), event('two')];
    await recorder.record([one]);

    const outcomes = await recorder.record([{ ...one, tried: true }, two]);
    expect(outcomes).toMatchObject([
      { value: { eventId: one.id, replayed: false } },
      { value: { eventId: two.id, replayed: false } },
    ]);
  });
});
