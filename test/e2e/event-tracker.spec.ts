import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsDate, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import {
  ActionEvent,
  EventLog,
  EventTracker,
  EventValidationError,
  FlushTimeoutError,
  GameEvent,
  type GamificationModuleOptions,
  QueueFullError,
  type Tracked,
  TrackerClosedError,
  UniqueEvent,
} from 'nestjs-gamification';
import { createContext, TestClock } from '../support/application.js';
import { storages, type TestStorage } from '../support/storages.js';

class Address {
  @IsString() city!: string;
}
class OrderPlaced extends GameEvent('order.placed') {
  @IsString() orderNumber!: string;
  @IsInt() @Min(0) total!: number;
}
class Delivered extends GameEvent('delivered') {
  @ValidateNested() @Type(() => Address) address!: Address;
  @IsDate() at!: Date;
}
class Like extends ActionEvent('like', 'boost') {}
class Visit extends UniqueEvent('visit') {}

const MINUTE = 60_000;

describe.each(storages)('EventTracker on $name', (kind) => {
  let storage: TestStorage;
  let app: INestApplicationContext;
  let tracker: EventTracker;
  let clock: TestClock;

  async function start(options: GamificationModuleOptions = {}): Promise<void> {
    clock = new TestClock();
    app = await createContext({ storage: { url: storage.url }, ...options }, clock);
    tracker = app.get(EventTracker);
  }

  const logged = async (userId?: string) =>
    (await app.get(EventLog).list({ limit: 1000, ...(userId ? { userId } : {}) })).items;

  beforeEach(async () => {
    storage = await kind.create();
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  describe('track', () => {
    it('answers the outcome once the event is recorded', async () => {
      await start();
      const outcome = await tracker.track(OrderPlaced, {
        userId: 'alice',
        traits: { orderNumber: 'A1', total: 12 },
        occurredAt: new Date(clock.now() - 1000),
      });

      expect(outcome).toMatchObject({
        eventId: expect.any(String),
        receivedAt: new Date(clock.now()),
        replayed: false,
        ratings: [],
        balances: [],
      });
      expect(await logged()).toEqual([
        {
          id: outcome.eventId,
          userId: 'alice',
          type: 'order.placed',
          traits: { orderNumber: 'A1', total: 12 },
          occurredAt: new Date(clock.now() - 1000),
          receivedAt: new Date(clock.now()),
        },
      ]);
    });

    it('takes a bare type with any traits and any action', async () => {
      await start();
      await tracker.track('post.read', {
        userId: 'alice',
        action: 'anything',
        traits: { deep: [{ text: 'a\0b 😀' }] },
      });

      expect(await logged()).toMatchObject([{ action: 'anything', traits: { deep: [{ text: 'a\0b 😀' }] } }]);
    });

    it('keeps nested and date traits as JSON does', async () => {
      await start();
      await tracker.track(Delivered, {
        userId: 'alice',
        traits: { address: { city: 'Riga' }, at: new Date(0) },
      });

      expect(await logged()).toMatchObject([
        { traits: { address: { city: 'Riga' }, at: '1970-01-01T00:00:00.000Z' } },
      ]);
    });

    it('answers a known idempotence key with the first outcome, whatever the traits', async () => {
      await start();
      const first = await tracker.track(Visit, { userId: 'alice', idempotenceKey: 'bob' });
      clock.advance(MINUTE);
      const second = await tracker.track('visit', {
        userId: 'alice',
        idempotenceKey: 'bob',
        traits: { other: 1 },
      });

      expect(second).toEqual({ ...first, replayed: true });
      expect(await logged()).toHaveLength(1);
    });

    it('keeps the keys of users, types and actions apart', async () => {
      await start();
      const outcomes = await Promise.all([
        tracker.track(Visit, { userId: 'alice', idempotenceKey: 'k' }),
        tracker.track(Visit, { userId: 'bob', idempotenceKey: 'k' }),
        tracker.track('other', { userId: 'alice', idempotenceKey: 'k' }),
        tracker.track(Like, { userId: 'alice', idempotenceKey: 'k', action: 'create' }),
        tracker.track(Like, { userId: 'alice', idempotenceKey: 'k', action: 'remove' }),
      ]);

      expect(outcomes.filter(({ replayed }) => replayed)).toEqual([]);
    });

    it('counts a key once when used many times at once', async () => {
      await start();
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => tracker.track(Visit, { userId: 'alice', idempotenceKey: 'k' })),
      );

      expect(new Set(outcomes.map(({ eventId }) => eventId)).size).toBe(1);
      expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(await logged()).toHaveLength(1);
    });

    it('refuses an event at the far end of the clock, and takes one of long ago', async () => {
      await start();
      const at = (time: number) => tracker.track('e', { userId: 'a', occurredAt: new Date(time) });

      await at(0);
      await at(clock.now() + 5 * MINUTE);
      await expect(at(clock.now() + 5 * MINUTE + 1)).rejects.toMatchObject({
        problems: [{ path: 'occurredAt' }],
      });
    });
  });

  describe('an event that is not as it must be', () => {
    // What TypeScript would not let pass, as a JavaScript caller may give it.
    const untyped = (type: unknown, details: object) =>
      tracker.track(type as string, details as { userId: string });
    const order = { orderNumber: 'A1', total: 1 };

    it.each([
      ['userId', OrderPlaced, { traits: order }],
      ['userId', OrderPlaced, { userId: 7, traits: order }],
      ['userId', 'e', { userId: '\ud800' }],
      ['traits.total', OrderPlaced, { userId: 'a', traits: { orderNumber: 'A1', total: -1 } }],
      ['traits.total', OrderPlaced, { userId: 'a', traits: { orderNumber: 'A1', total: 'x' } }],
      ['traits.extra', OrderPlaced, { userId: 'a', traits: { ...order, extra: 1 } }],
      ['traits.extra', Visit, { userId: 'a', idempotenceKey: 'k', traits: { extra: 1 } }],
      ['traits.address.city', Delivered, { userId: 'a', traits: { address: { city: 1 }, at: new Date() } }],
      ['traits', 'e', { userId: 'a', traits: [] }],
      ['traits', 'e', { userId: 'a', traits: { big: 'x'.repeat(65_536) } }],
      ['traits', 'e', { userId: 'a', traits: { big: 1n } }],
      ['action', Like, { userId: 'a' }],
      ['action', Like, { userId: 'a', action: 'destroy' }],
      ['action', OrderPlaced, { userId: 'a', action: 'create', traits: order }],
      ['idempotenceKey', Visit, { userId: 'a' }],
      ['idempotenceKey', Visit, { userId: 'a', idempotenceKey: '' }],
      ['occurredAt', 'e', { userId: 'a', occurredAt: '2026-01-01' }],
      ['occurredAt', 'e', { userId: 'a', occurredAt: new Date(Number.NaN) }],
      ['traits', 'e', { userId: 'a', traits: new Map() }],
      ['traits', 'e', { userId: 'a', traits: new Date() }],
      ['userId', 'e', { userId: '界'.repeat(86) }],
      ['type', '$identify', { userId: 'a' }],
      ['type', '$mine', { userId: 'a' }],
      ['type', '', { userId: 'a' }],
    ])('is refused for its %s, naming the event', async (path, type, details) => {
      await start();
      const refusal = untyped(type, details);

      await expect(refusal).rejects.toThrow(EventValidationError);
      await expect(refusal).rejects.toMatchObject({ problems: [expect.objectContaining({ path })] });
      expect(tracker.counters).toMatchObject({ accepted: 1, failed: 1, recorded: 0, waiting: 0 });
    });

    it('names every field at once', async () => {
      await start();
      await expect(untyped(OrderPlaced, { traits: { total: 0.5 } })).rejects.toThrow(
        'event "order.placed": userId is missing, allowed: a text of 1 to 255 bytes without control characters; ' +
          'traits.orderNumber is missing, allowed: a string; traits.total is 0.5, allowed: an integer number',
      );
    });

    it('fails alone among others', async () => {
      await start();
      const results = await Promise.allSettled([
        tracker.track('good', { userId: 'a' }),
        untyped('bad', {}),
        tracker.track('good', { userId: 'a' }),
      ]);

      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    });

    it('is reported by enqueue, as the caller does not wait', async () => {
      const onError = jest.fn<(error: Error, event: object) => void>();
      await start({ tracking: { onError } });

      expect(
        tracker.enqueue(OrderPlaced, { userId: 'alice', traits: { orderNumber: 'A1', total: -1 } }),
      ).toBe(true);
      await tracker.flush();

      expect(onError).toHaveBeenCalledTimes(1);
      expect(onError).toHaveBeenCalledWith(
        expect.any(EventValidationError),
        expect.objectContaining({ type: OrderPlaced, userId: 'alice' }),
      );
    });
  });

  it('takes the longest identifiers that are allowed, in any script', async () => {
    await start();
    const longest = () => '界'.repeat(84) + randomUUID().slice(0, 3);
    const outcome = await tracker.track(longest(), {
      userId: longest(),
      action: longest(),
      idempotenceKey: longest(),
    });

    expect(await logged()).toMatchObject([{ id: outcome.eventId }]);
  });

  describe('trackMany', () => {
    it('records all, in order, and answers each', async () => {
      await start();
      const outcomes = await tracker.trackMany([
        [OrderPlaced, { userId: 'alice', traits: { orderNumber: 'A1', total: 1 } }],
        [Like, { userId: 'alice', action: 'boost' }],
        ['post.read', { userId: 'bob' }],
      ]);

      expect((await logged()).map(({ id }) => id)).toEqual(outcomes.map(({ eventId }) => eventId));
    });

    it('records none where one is invalid', async () => {
      await start();
      await expect(
        tracker.trackMany([
          ['good', { userId: 'alice' }],
          ['bad', { userId: '' }],
        ]),
      ).rejects.toThrow(EventValidationError);
      expect(await logged()).toEqual([]);
    });

    it('records none where not all fit', async () => {
      await start({ tracking: { maxQueueSize: 1 } });
      const event = ['e', { userId: 'a' }] as const;

      await expect(tracker.trackMany([event, event])).rejects.toThrow(QueueFullError);
      expect(await tracker.trackMany([event])).toHaveLength(1);
    });
  });

  it('identify records traits of a user', async () => {
    await start();
    const { eventId } = await tracker.identify('alice', { name: 'Alice', timeZone: 'Europe/Riga' });

    expect(await logged()).toMatchObject([
      { id: eventId, userId: 'alice', type: '$identify', traits: { name: 'Alice', timeZone: 'Europe/Riga' } },
    ]);
  });

  describe('enqueue', () => {
    it('keeps the order in which events came, beside track', async () => {
      await start();
      for (let index = 0; index < 1200; index++)
        tracker.enqueue('e', { userId: `u${index % 7}`, traits: { index } });
      await tracker.track('e', { userId: 'u1', traits: { index: 1200 } });

      const { items, next } = await app.get(EventLog).list({ limit: 1000 });
      const rest = await app.get(EventLog).list({ limit: 1000, ...(next ? { after: next } : {}) });
      expect([...items, ...rest.items].map(({ traits }) => traits.index)).toEqual(
        Array.from({ length: 1201 }, (_, index) => index),
      );
    });

    it('records the traits as they were at the call', async () => {
      await start();
      const traits = { n: 1 };
      tracker.enqueue('e', { userId: 'a', traits });
      traits.n = 2;
      await tracker.flush();

      expect(await logged()).toMatchObject([{ traits: { n: 1 } }]);
    });

    it('refuses what does not fit, counts and reports it, and takes more once there is room', async () => {
      const onError = jest.fn<(error: Error, event: object) => void>();
      await start({ tracking: { maxQueueSize: 3, onError } });

      const taken = Array.from({ length: 5 }, (_, n) => tracker.enqueue('e', { userId: 'a', traits: { n } }));

      expect(taken).toEqual([true, true, true, false, false]);
      expect(tracker.counters).toMatchObject({ accepted: 3, refused: 2, waiting: 3 });
      expect(onError.mock.calls.map(([error]) => error)).toEqual([
        expect.any(QueueFullError),
        expect.any(QueueFullError),
      ]);
      await expect(tracker.track('e', { userId: 'a' })).rejects.toThrow(QueueFullError);
      await tracker.flush();
      expect(tracker.enqueue('e', { userId: 'a' })).toBe(true);
      await tracker.flush();
      expect((await logged()).map(({ traits }) => traits)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }, {}]);
    });

    it('logs refusals at most once a second, with how many there were', async () => {
      await start({ tracking: { maxQueueSize: 1 } });
      const lines: string[] = [];
      const error = jest.spyOn(Logger.prototype, 'error').mockImplementation((line) => lines.push(line));
      try {
        tracker.enqueue('e', { userId: 'a' });
        for (let count = 0; count < 1000; count++) tracker.enqueue('e', { userId: 'a' });
        clock.advance(1000);
        tracker.enqueue('e', { userId: 'a' });

        expect(lines).toEqual([
          'the event was refused: it would be more than 1 that wait (tracking.maxQueueSize)',
          expect.stringContaining('(1000 times since the last such line)'),
        ]);
      } finally {
        error.mockRestore();
      }
    });

    it.each([
      [
        'throws',
        () => {
          throw new Error('mine');
        },
      ],
      ['rejects', () => Promise.reject(new Error('mine'))],
    ])('is not disturbed by an onError that %s', async (_, onError) => {
      await start({ tracking: { onError } });
      tracker.enqueue('bad', { userId: '' });
      tracker.enqueue('good', { userId: 'a' });
      await tracker.flush();

      expect(await logged()).toMatchObject([{ type: 'good' }]);
    });
  });

  it('lists the log of one user, and of none for what cannot be an id', async () => {
    await start();
    for (const userId of ['alice', 'bob', 'alice']) await tracker.track('e', { userId });

    expect((await logged('alice')).map(({ userId }) => userId)).toEqual(['alice', 'alice']);
    expect(await logged('\0')).toEqual([]);
  });

  it('shows what was recorded, replayed and failed, and counts it', async () => {
    await start();
    const events: Tracked[] = [];
    const errors: string[] = [];
    tracker.events$.subscribe((tracked) => events.push(tracked));
    tracker.errors$.subscribe(({ error }) => errors.push(error.name));

    tracker.enqueue(Visit, { userId: 'a', idempotenceKey: 'k' });
    tracker.enqueue(Visit, { userId: 'a', idempotenceKey: 'k' });
    tracker.enqueue('bad', { userId: '' });
    await tracker.flush();

    expect(events).toMatchObject([
      { event: { type: 'visit', idempotenceKey: 'k' }, outcome: { replayed: false } },
      { event: { type: 'visit' }, outcome: { replayed: true } },
    ]);
    expect(errors).toEqual(['EventValidationError']);
    expect(tracker.counters).toEqual({
      accepted: 3,
      recorded: 1,
      replayed: 1,
      refused: 0,
      failed: 1,
      waiting: 0,
    });
  });

  it('flush waits for what was taken before it, and says how many are left when its time is over', async () => {
    await start();
    for (let count = 0; count < 5000; count++) tracker.enqueue('e', { userId: 'a' });
    await expect(tracker.flush(1)).rejects.toThrow(FlushTimeoutError);
    await tracker.flush();

    expect(tracker.counters).toMatchObject({ recorded: 5000, waiting: 0 });
    await expect(tracker.flush()).resolves.toBeUndefined();
  });

  it('records what is waiting at shutdown, and refuses what comes later', async () => {
    await start();
    for (let index = 0; index < 700; index++) tracker.enqueue('e', { userId: 'a' });
    await app.close();

    expect(tracker.counters).toMatchObject({ recorded: 700, waiting: 0 });
    expect(tracker.enqueue('e', { userId: 'a' })).toBe(false);
    await expect(tracker.track('e', { userId: 'a' })).rejects.toThrow(TrackerClosedError);
  });

  it("holds for random events at once: each is in the log once, a user's in the order they came", async () => {
    await start();
    const event = fc.record({
      user: fc.nat(3),
      key: fc.option(fc.nat(5), { nil: undefined }),
      waits: fc.boolean(),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 60 }), async (events) => {
        const prefix = `round-${round++}:`;
        const waiting: Promise<unknown>[] = [];
        for (const [n, { user, key, waits }] of events.entries()) {
          const details = {
            userId: `${prefix}${user}`,
            traits: { n },
            ...(key === undefined ? {} : { idempotenceKey: `${key}` }),
          };
          if (waits) waiting.push(tracker.track('e', details));
          else tracker.enqueue('e', details);
        }
        await Promise.all([...waiting, tracker.flush()]);

        for (const user of [0, 1, 2, 3]) {
          const expected = events
            .map(({ key }, n) => ({ key, n, user: events[n]?.user }))
            .filter((one) => one.user === user)
            .filter(
              ({ key, n }) =>
                key === undefined ||
                !events.slice(0, n).some((other) => other.user === user && other.key === key),
            )
            .map(({ n }) => n);
          expect((await logged(`${prefix}${user}`)).map(({ traits }) => traits.n)).toEqual(expected);
        }
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});
