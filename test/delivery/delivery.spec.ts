import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import {
  Deliveries,
  EventTracker,
  type GamificationModuleOptions,
  RemoteRefusalError,
  RemoteUnavailableError,
} from 'nestjs-gamification';
import { TestClock } from '../support/application.js';
import { storages } from '../support/storages.js';
import { createDelivering, eventually, Sink, shortenPauses, statusOf, trackMany } from './delivering.js';

const down = () =>
  new RemoteUnavailableError({ system: 'gmfy', operation: 'x' }, 'failing', 'it answered HTTP 503');
const refusal = () =>
  new RemoteRefusalError({ system: 'gmfy', operation: 'x', status: 400 }, 'it answered HTTP 400');

interface Mode {
  readonly name: string;
  create(): Promise<{ readonly options: GamificationModuleOptions; remove(): Promise<void> }>;
}

const modes: readonly Mode[] = [
  {
    name: 'memory, without storage',
    create: async () => ({ options: { storage: false }, async remove() {} }),
  },
  ...storages.map((kind) => ({
    name: `the log on ${kind.name}`,
    async create() {
      const storage = await kind.create();
      return { options: { storage: { url: storage.url } }, remove: () => storage.remove() };
    },
  })),
];

describe.each(modes)('deliveries from $name', (mode) => {
  let made: Awaited<ReturnType<Mode['create']>>;
  let clock: TestClock;
  let sink: Sink;
  let app: INestApplicationContext;

  beforeEach(async () => {
    made = await mode.create();
    clock = new TestClock();
    sink = new Sink();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
    await made.remove();
  });

  const start = async (options: GamificationModuleOptions = {}) => {
    app = await createDelivering([sink], { ...made.options, ...options }, clock);
    shortenPauses();
  };

  it('bring every event once, in batches, each user’s in order', async () => {
    await start();
    await trackMany(app, 1_000);
    await app.get(Deliveries).flush();

    expect(sink.taken).toHaveLength(1_000);
    expect(Math.max(...sink.batches)).toBe(50);
    expect(sink.of('user-3')).toEqual(Array.from({ length: 100 }, (_, index) => index * 10 + 3));
    await eventually(async () => (await statusOf(app)).delivered === 1_000);
    expect(await statusOf(app)).toEqual({
      destination: 'sink',
      delivered: 1_000,
      waiting: 0,
      retried: 0,
      dead: 0,
      lag: 0,
    });
  });

  it('leave out what a destination does not accept', async () => {
    await start();
    await app.get(EventTracker).identify('alice', { name: 'Alice' });
    await trackMany(app, 1);
    await app.get(Deliveries).flush();

    expect(sink.taken.map(({ type }) => type)).toEqual(['e']);
  });

  it('wait while the system is down, and lose and repeat nothing', async () => {
    let failures = 0;
    sink.before = () => {
      if (failures++ < 4) throw down();
    };
    await start();
    await trackMany(app, 300);
    await eventually(async () => (await statusOf(app)).problem === 'failing' || sink.taken.length === 300);
    await eventually(() => sink.taken.length === 300);

    expect(new Set(sink.taken.map(({ id }) => id)).size).toBe(300);
    expect(sink.of('user-3')).toEqual([...sink.of('user-3')].sort((a, b) => Number(a) - Number(b)));
    await eventually(async () => (await statusOf(app)).problem === undefined);
  }, 60_000);

  it('set a refused event aside, with nothing waiting for it, and send it again until it is dead', async () => {
    sink.before = (events) => {
      if (events.some(({ traits }) => traits.n === 7)) throw refusal();
    };
    const dead: unknown[] = [];
    await start({
      delivery: {
        retryDelays: [60_000, 86_400_000],
        onError: (_, event, destination) => void dead.push([event.traits.n, destination]),
      },
    });
    await trackMany(app, 100);
    await eventually(() => sink.taken.length === 99);

    expect(sink.of('user-7')).toEqual([17, 27, 37, 47, 57, 67, 77, 87, 97]);
    await eventually(async () => (await statusOf(app)).waiting === 1);
    clock.advance(60_000);
    await eventually(async () => (await statusOf(app)).retried === 1);
    expect(dead).toEqual([]);
    clock.advance(86_400_000);
    await eventually(async () => (await statusOf(app)).dead === 1);
    expect(dead).toEqual([[7, 'sink']]);
    const { items } = await app.get(Deliveries).deadLetters({ destination: 'sink' });
    expect(items).toMatchObject([
      {
        destination: 'sink',
        attempts: 3,
        reason: expect.stringContaining('HTTP 400'),
        event: { traits: { n: 7 } },
      },
    ]);

    sink.before = () => undefined;
    expect(
      await app.get(Deliveries).sendAgain({ destination: 'sink', eventIds: [items[0]?.event.id ?? ''] }),
    ).toBe(1);
    await eventually(() => sink.taken.length === 100);
    await eventually(async () => (await statusOf(app)).delivered === 100);
    expect(await statusOf(app)).toMatchObject({ waiting: 0, dead: 0 });
  }, 60_000);

  it('find the event that makes the system fail, while the others get through', async () => {
    sink.before = (events) => {
      if (events.some(({ traits }) => traits.n === 7)) throw down();
    };
    await start();
    await trackMany(app, 100);
    await eventually(() => sink.taken.length === 99);

    expect(new Set(sink.taken.map(({ id }) => id)).size).toBe(99);
    await eventually(async () => (await statusOf(app)).waiting === 1);
  }, 60_000);

  it('find it also where every event is sent alone', async () => {
    sink = new Sink(1, 2);
    sink.before = (events) => {
      if (events.some(({ traits }) => traits.n === 7)) throw down();
    };
    await start();
    await trackMany(app, 30);
    await eventually(() => sink.taken.length === 29);
    await eventually(async () => (await statusOf(app)).waiting === 1);
  }, 60_000);

  it('hold the events back, and none dies, while the system refuses the key', async () => {
    let isKnown = false;
    sink.before = () => {
      if (!isKnown)
        throw new RemoteRefusalError({ system: 'gmfy', operation: 'x', status: 401 }, 'it answered HTTP 401');
    };
    await start({ delivery: { retryDelays: [] } });
    await trackMany(app, 20);
    await eventually(
      async () => (await statusOf(app)).problem === 'unauthorized' || mode.name.startsWith('memory'),
    );
    isKnown = true;
    await eventually(() => sink.taken.length === 20);
    expect(await statusOf(app)).toMatchObject({ dead: 0 });
  }, 60_000);
});
