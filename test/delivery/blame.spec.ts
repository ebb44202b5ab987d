import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import {
  Deliveries,
  EventTracker,
  type GamificationModuleOptions,
  RemoteRefusalError,
  RemoteUnavailableError,
} from 'nestjs-gamification';
import { createContext, TestClock } from '../support/application.js';
import { LoopbackServer } from '../support/loopback-server.js';
import { createDelivering, eventually, Sink, shortenPauses, statusOf, trackMany } from './delivering.js';

const failing = (retryAfter?: number) =>
  new RemoteUnavailableError(
    { system: 'gmfy', operation: 'x' },
    'failing',
    'it answered HTTP 503',
    retryAfter,
  );
const refusal = (status: number) =>
  new RemoteRefusalError({ system: 'gmfy', operation: 'x', status }, `it answered HTTP ${status}`);

describe('who is to blame', () => {
  let app: INestApplicationContext;
  const closing: (() => unknown)[] = [];

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
    for (const close of closing.splice(0)) await close();
  });

  const start = async (
    sink: Sink,
    options: Pick<GamificationModuleOptions, 'delivery'> = {},
    clock = new TestClock(),
  ) => {
    const delivery = { shutdownTimeout: 100, ...options.delivery };
    app = await createDelivering([sink], { storage: false, delivery }, clock);
    shortenPauses();
    return clock;
  };
  const isOneOf =
    (...bad: number[]) =>
    ({ traits }: { readonly traits: Readonly<Record<string, unknown>> }) =>
      bad.includes(Number(traits.n));

  it('finds an event that GMFY answers with HTTP 500, over the wire, however often it is asked', async () => {
    const arrived = new Set<number>();
    const server = await LoopbackServer.start(({ body }) => {
      const numbers: number[] = JSON.parse(body).map(({ n }: { n: number }) => n);
      if (numbers.includes(100)) return { status: 500 };
      for (const n of numbers) arrived.add(n);
      return { status: 201 };
    });
    closing.push(() => server.close());
    app = await createContext({ storage: false, gmfy: { apiKey: 'key', url: server.url } });
    shortenPauses();
    await trackMany(app, 400);
    await eventually(() => arrived.size === 399);

    expect(arrived).not.toContain(100);
  }, 60_000);

  it.each([
    { name: 'alone, one at a time', batch: 1, bad: [0] },
    { name: 'in a row, and all of one user', batch: 50, bad: [0, 1, 2, 3] },
  ])(
    'finds bad events where nothing else goes on: $name',
    async ({ batch, bad }) => {
      const sink = new Sink(batch, 1);
      sink.before = (events) => {
        if (events.some(isOneOf(...bad))) throw failing();
      };
      await start(sink);
      await trackMany(app, 20, { users: 1 });
      await eventually(() => sink.taken.length === 20 - bad.length);

      expect(sink.of('user-0')).toEqual(Array.from({ length: 20 }, (_, n) => n).slice(bad.length));
    },
    120_000,
  );

  it.each([403, 404, 302])(
    'finds an event that is answered with HTTP %p, which can also be about all of them',
    async (status) => {
      const sink = new Sink(50, 1);
      sink.before = (events) => {
        if (events.some(isOneOf(7))) throw refusal(status);
      };
      await start(sink);
      await trackMany(app, 40);
      await eventually(() => sink.taken.length === 39);
      await eventually(async () => (await statusOf(app)).waiting === 1);
    },
    60_000,
  );

  it('sets nothing aside while every event is answered with HTTP 404', async () => {
    const sink = new Sink(50, 2);
    let calls = 0;
    sink.before = () => {
      calls++;
      throw refusal(404);
    };
    await start(sink, { delivery: { retryDelays: [] } });
    await trackMany(app, 200);
    await eventually(() => calls > 20);

    expect(await statusOf(app)).toMatchObject({ dead: 0, delivered: 0, waiting: 200, problem: 'refused' });
    sink.before = () => undefined;
    await eventually(() => sink.taken.length === 200);
    expect(sink.of('user-3')).toEqual([...sink.of('user-3')].sort((a, b) => Number(a) - Number(b)));
  }, 60_000);

  it('does not blame events for an outage that begins after the first of them got through', async () => {
    const sink = new Sink(1, 4);
    let calls = 0;
    sink.before = () => {
      if (calls++ > 3) throw failing();
    };
    await start(sink, { delivery: { retryDelays: [] } });
    await trackMany(app, 50);
    await eventually(() => calls > 40);

    expect((await statusOf(app)).dead).toBe(0);
  }, 60_000);

  it('does not count failures in an outage against events that were set aside', async () => {
    const sink = new Sink(10, 1);
    sink.before = (events) => {
      if (events.some(isOneOf(0))) throw refusal(400);
    };
    const clock = await start(sink, { delivery: { retryDelays: [1_000, 1_000] } });
    await trackMany(app, 5);
    await eventually(async () => (await statusOf(app)).waiting === 1);
    let calls = 0;
    sink.before = () => {
      calls++;
      throw failing();
    };
    await trackMany(app, 1, { from: 5 });
    await eventually(() => calls > 3);
    clock.advance(1_000);
    await eventually(() => calls > 6);

    expect(await statusOf(app)).toMatchObject({ dead: 0, problem: 'failing' });
  }, 60_000);

  it('waits as long as the system asks for', async () => {
    const sink = new Sink();
    const times: number[] = [];
    sink.before = () => {
      times.push(performance.now());
      if (times.length === 1) throw failing(1_500);
    };
    await start(sink);
    await trackMany(app, 1);
    await eventually(() => sink.taken.length === 1);

    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_490);
  });

  it('asks with one batch at a time after a failure', async () => {
    const sink = new Sink(1, 8);
    let underWay = 0;
    let most = 0;
    sink.before = async () => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      throw failing();
    };
    await start(sink);
    await trackMany(app, 100, { users: 100 });
    await eventually(() => most > 1);
    await eventually(() => underWay === 0);
    most = 0;
    await eventually(() => most > 0);

    expect(most).toBe(1);
  });
});

describe('events that are to be delivered', () => {
  it('are those that the option names', async () => {
    const types: string[] = [];
    const server = await LoopbackServer.start(({ body }) => {
      types.push(...JSON.parse(body).map(({ type }: { type: string }) => type));
      return { status: 201 };
    });
    const app = await createContext({
      storage: { url: 'memory:' },
      gmfy: { apiKey: 'key', url: server.url, events: ['like', 'order'] },
    });
    const tracker = app.get(EventTracker);
    await tracker.track('visit', { userId: 'alice' });
    await tracker.track('like', { userId: 'alice', action: 'remove' });
    await tracker.track('order', { userId: 'alice' });
    await app.get(Deliveries).flush();
    await eventually(async () => (await statusOf(app, 'gmfy')).waiting === 0);
    await app.close();
    await server.close();

    expect(types).toEqual(['remove_like', 'order']);
  });

  it('are none where the option says so', async () => {
    const app = await createContext({
      storage: { url: 'memory:' },
      gmfy: { apiKey: 'key', url: 'http://127.0.0.1:9', events: false },
    });
    expect(await app.get(Deliveries).status()).toEqual([]);
    await app.close();
  });
});
