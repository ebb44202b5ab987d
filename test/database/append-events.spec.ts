import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../libs/gamification/src/clock.js';
import type { Database } from '../../libs/gamification/src/database/database.js';
import { appendEvents } from '../../libs/gamification/src/events/append-events.js';
import { checkEvent } from '../../libs/gamification/src/events/check-event.js';
import { StorageOptions } from '../../libs/gamification/src/gamification.options.js';
import { UuidV7Ids } from '../../libs/gamification/src/ids.js';
import { openDatabase } from '../../libs/gamification/src/open-database.js';
import { storages, type TestStorage } from '../support/storages.js';

/** A commit whose answer was lost is tried again with the same events, ids and all. */
describe.each(storages)('events that are appended again on $name', (kind) => {
  const ids = new UuidV7Ids();
  let storage: TestStorage;
  let database: Database;

  beforeEach(async () => {
    storage = await kind.create();
    database = await openDatabase(
      Object.assign(new StorageOptions(), { url: storage.url }),
      new SystemClock(),
    );
  });

  afterEach(async () => {
    await database.close(5_000);
    await storage.remove();
  });

  it.each([undefined, 'k'])('are there once and are no replays, with the key %p', async (idempotenceKey) => {
    const event = checkEvent({ type: 'e', userId: 'alice', idempotenceKey }, ids.next(), 0);
    const append = () => database.write(appendEvents, [event], { keys: [] });

    const first = await append();
    expect(first).toEqual([{ eventId: event.id, receivedAt: new Date(0), replayed: false }]);
    expect(await append()).toEqual(first);
  });

  it('among others leave those alone', async () => {
    const [one, two] = ['one', 'two'].map((type) => checkEvent({ type, userId: 'alice' }, ids.next(), 0));
    if (!one || !two) throw new Error('two events were made');
    await database.write(appendEvents, [one], { keys: [] });

    const outcomes = await database.write(appendEvents, [one, two], { keys: [] });
    expect(outcomes.map(({ eventId, replayed }) => ({ eventId, replayed }))).toEqual([
      { eventId: one.id, replayed: false },
      { eventId: two.id, replayed: false },
    ]);
  });
});
