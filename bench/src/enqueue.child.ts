/** One contestant of the benchmark `enqueue`: `node enqueue.child.js CONTESTANT URL`. */
import 'reflect-metadata';
import { Analytics } from '@segment/analytics-node';
import { EventTracker } from 'nestjs-gamification';
import { PostHog } from 'posthog-node';
import { OrderPlaced, openApplication } from './application.js';
import { answer } from './child.js';

/** What the burst needs, and some room. */
const QUEUE = 60_000;
const BURST = 50_000;
/** Calls in one tick. All clients hold as many without sending. */
const CHUNK = 500;
const CHUNKS = 60;

interface Contestant {
  enqueue(userId: string, traits: { orderNumber: string; total: number }): void;
  /** Resolves when all is recorded or delivered. */
  flush(): Promise<unknown>;
  /** How many events it recorded, where it can tell. */
  recorded?(): number;
  close(): Promise<unknown>;
}

/** @param batch events after which a client sends by itself */
const contestants: Record<string, (target: string, batch: number) => Promise<Contestant>> = {
  async 'nestjs-gamification'(file) {
    const application = await openApplication({
      storage: { url: `file:${file}` },
      tracking: { maxQueueSize: QUEUE, shutdownTimeout: 60_000 },
    });
    const tracker = application.get(EventTracker);
    return {
      enqueue: (userId, traits) => tracker.enqueue(OrderPlaced, { userId, traits }),
      flush: () => tracker.flush(),
      recorded: () => tracker.counters.recorded,
      close: () => application.close(),
    };
  },

  async 'posthog-node'(host, batch) {
    const client = new PostHog('key', {
      host,
      flushAt: batch,
      maxBatchSize: batch,
      maxQueueSize: QUEUE,
      flushInterval: 60_000,
      requestTimeout: 60_000,
      disableCompression: true,
      disableRemoteConfig: true,
      preloadFeatureFlags: false,
    });
    return {
      enqueue: (distinctId, properties) => client.capture({ distinctId, event: 'order.placed', properties }),
      flush: () => client.flush(),
      close: () => client.shutdown(120_000),
    };
  },

  async '@segment/analytics-node'(host, batch) {
    const client = new Analytics({
      writeKey: 'key',
      host,
      flushAt: batch,
      flushInterval: 60_000,
      httpRequestTimeout: 60_000,
    });
    return {
      enqueue: (userId, properties) => client.track({ userId, event: 'order.placed', properties }),
      flush: () => client.flush({ timeout: 120_000 }),
      close: () => client.closeAndFlush({ timeout: 120_000 }),
    };
  },
};

/** Makes the calls in one tick. @returns milliseconds until the last returned, and until all they left to microtasks ran */
async function tick(contestant: Contestant, calls: number): Promise<{ calls: number; all: number }> {
  // Asked for first, so it comes before anything that a contestant puts off to the next turn.
  const over = new Promise<number>((resolve) => setImmediate(() => resolve(performance.now())));
  const start = performance.now();
  for (let call = 0; call < calls; call++) {
    contestant.enqueue(`user-${call % 100}`, { orderNumber: `order-${call}`, total: call });
  }
  const returned = performance.now();
  return { calls: returned - start, all: (await over) - start };
}

const [name = '', target = ''] = process.argv.slice(2);
const open = contestants[name];
if (!open) throw new Error(`unknown contestant ${name}`);

answer({
  /** Microseconds a call while the client keeps up: it is flushed after each chunk, and that time is not counted. */
  async calls() {
    const contestant = await open(target, CHUNK * 2);
    const total = { calls: 0, all: 0 };
    for (let chunk = -CHUNKS / 2; chunk < CHUNKS; chunk++) {
      const milliseconds = await tick(contestant, CHUNK);
      await contestant.flush();
      if (chunk < 0) continue; // warming up
      total.calls += milliseconds.calls;
      total.all += milliseconds.all;
    }
    await contestant.close();
    const perCall = 1_000 / (CHUNKS * CHUNK);
    return { calls: total.calls * perCall, all: total.all * perCall };
  },

  /** A burst in one tick, and then everything recorded or delivered. */
  async burst() {
    const contestant = await open(target, CHUNK);
    await tick(contestant, CHUNK);
    await contestant.flush();
    const before = contestant.recorded?.() ?? 0;
    gc?.();
    const heapBefore = process.memoryUsage().heapUsed;
    const { all: milliseconds } = await tick(contestant, BURST);
    const heap = process.memoryUsage().heapUsed - heapBefore;
    const flushStart = performance.now();
    await contestant.flush();
    const recorded = contestant.recorded && contestant.recorded() - before;
    await contestant.close();
    const flushMilliseconds = performance.now() - flushStart;
    return { milliseconds, flushMilliseconds, heap, rss: process.resourceUsage().maxRSS * 1024, recorded };
  },
});
