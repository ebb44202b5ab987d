import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import {
  Deliveries,
  EventTracker,
  type GamificationModuleOptions,
  InvalidQueryError,
  RemoteRefusalError,
  RemoteUnavailableError,
  StorageUnavailableError,
} from 'nestjs-gamification';
import { TestClock } from '../support/application.js';
import { createDelivering, eventually, Sink, statusOf, trackMany } from './delivering.js';

const down = () => {
  throw new RemoteUnavailableError({ system: 'gmfy', operation: 'x' }, 'failing', 'it answered HTTP 503');
};
const refuse = () => {
  throw new RemoteRefusalError({ system: 'gmfy', operation: 'x', status: 400 }, 'it answered HTTP 400');
};

/** A sink of another name. */
class OtherSink extends Sink {
  override readonly name = 'other';
}

describe('deliveries without storage', () => {
  let app: INestApplicationContext;
  const givenUp: unknown[] = [];

  afterEach(async () => {
    await app.close();
    givenUp.length = 0;
  });

  const start = async (
    sinks: readonly Sink[],
    delivery: GamificationModuleOptions['delivery'],
    clock = new TestClock(),
  ) => {
    const onError = (_: Error, event: { traits: Record<string, unknown> }, destination: string) => {
      givenUp.push([event.traits.n, destination]);
    };
    app = await createDelivering(sinks, { storage: false, delivery: { onError, ...delivery } }, clock);
    return clock;
  };

  it('are bounded: who waits for more is refused, and all that was taken arrives', async () => {
    const sink = new Sink();
    sink.before = down;
    await start([sink], { maxQueueSize: 20 });
    await trackMany(app, 20);

    await expect(trackMany(app, 1, { from: 20 })).rejects.toThrow(StorageUnavailableError);
    sink.before = () => undefined;
    await eventually(() => sink.taken.length === 20);
    await trackMany(app, 1, { from: 20 });
    await eventually(() => sink.taken.length === 21);
  });

  it('to a destination that is full do not hold up another one', async () => {
    const [full, other] = [new Sink(), new OtherSink()];
    full.before = down;
    await start([full, other], { maxQueueSize: 20, shutdownTimeout: 100 });
    await trackMany(app, 20);
    await trackMany(app, 5, { from: 20 });
    await eventually(() => other.taken.length === 25);

    expect(givenUp).toEqual([20, 21, 22, 23, 24].map((n) => [n, 'sink']));
  });

  it('are not stopped by dead letters, however many there are', async () => {
    const sink = new Sink(10, 1);
    sink.before = refuse;
    const clock = await start([sink], { maxQueueSize: 10, retryDelays: [1_000] });
    for (const from of [0, 10, 20]) await trackMany(app, 10, { from });
    // There is room for ten aside; the others are given up.
    await eventually(() => givenUp.length === 20);
    clock.advance(1_000);
    await eventually(async () => (await statusOf(app)).dead === 10);
    sink.before = () => undefined;
    await trackMany(app, 10, { from: 30 });
    await eventually(() => sink.taken.length === 10);

    expect(givenUp).toHaveLength(30);
  }, 60_000);

  it('tell of what waits how long it has, also of what was read', async () => {
    const sink = new Sink();
    sink.before = down;
    const clock = await start([sink], { shutdownTimeout: 100 });
    await trackMany(app, 5);
    clock.advance(60_000);

    expect(await statusOf(app)).toMatchObject({ waiting: 5, lag: 60 });
  });

  it('are made at the end, within the time there is', async () => {
    const sink = new Sink();
    let calls = 0;
    sink.before = () => {
      if (calls++ < 6) down();
    };
    await start([sink], { shutdownTimeout: 10_000 });
    app.get(EventTracker).enqueue('e', { userId: 'alice', traits: { n: 1 } });
    await app.close();

    expect(sink.taken).toHaveLength(1);
  });

  it('are given up at the end, and reported, where there is no time', async () => {
    const sink = new Sink();
    sink.before = down;
    await start([sink], { shutdownTimeout: 50 });
    // More than are read ahead.
    await trackMany(app, 1_500);
    await app.close();

    const numbers = givenUp.map((each) => Array.isArray(each) && Number(each[0]));
    expect(new Set(numbers).size).toBe(1_500);
    expect(numbers).toHaveLength(1_500);
  });

  it('page dead letters, and send only the named ones again', async () => {
    const [sink, other] = [new Sink(1, 1), new OtherSink(1, 1)];
    sink.before = refuse;
    other.before = refuse;
    await start([sink, other], { retryDelays: [], shutdownTimeout: 100 });
    await trackMany(app, 5);
    await eventually(async () => (await statusOf(app)).dead === 5);
    await eventually(async () => (await statusOf(app, 'other')).dead === 5);
    const deliveries = app.get(Deliveries);
    const first = await deliveries.deadLetters({ destination: 'sink', limit: 3 });
    const second = await deliveries.deadLetters({ destination: 'sink', limit: 3, after: first.next ?? '' });

    expect([...first.items, ...second.items].map(({ event }) => event.traits.n).sort()).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(second.next).toBeUndefined();
    sink.before = () => undefined;
    other.before = () => undefined;
    expect(await deliveries.sendAgain({ destination: 'sink' })).toBe(5);
    await eventually(() => sink.taken.length === 5);
    expect((await statusOf(app, 'other')).dead).toBe(5);
    await expect(deliveries.sendAgain({ destination: 'nobody' })).rejects.toThrow(InvalidQueryError);
    const wrong = null as unknown as string[];
    await expect(deliveries.sendAgain({ destination: 'other', eventIds: wrong })).rejects.toThrow(
      InvalidQueryError,
    );
  });
});
