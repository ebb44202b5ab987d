import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Deliveries, EventTracker, type GamificationModuleOptions } from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { type Answer, LoopbackServer } from '../support/loopback-server.js';
import { durableStorages } from '../support/storages.js';
import { eventually, trackMany } from './delivering.js';

/** What a system does with a request: whether it takes the events, and what it answers. */
interface Behaviour {
  readonly takes: boolean;
  readonly answer: Answer;
}

const GOOD: Behaviour = { takes: true, answer: { status: 201 } };
const BAD: readonly Behaviour[] = [
  { takes: false, answer: { status: 503 } },
  { takes: false, answer: { status: 429, headers: { 'retry-after': '0' } } },
  { takes: false, answer: { status: 500, body: '<h1>x</h1>' } },
  { takes: false, answer: { fault: 'drop-unread' } },
  { takes: false, answer: { fault: 'silence' } },
  // The events arrive, and the answer does not: nobody can tell that from the others.
  { takes: true, answer: { fault: 'drop' } },
  { takes: true, answer: { status: 201, body: 'x'.repeat(10), fault: 'stall' } },
];

const behaviours = fc.infiniteStream(
  fc.oneof({ arbitrary: fc.constant(GOOD), weight: 7 }, { arbitrary: fc.constantFrom(...BAD), weight: 3 }),
);

interface Mode {
  readonly name: string;
  create(): Promise<{ readonly options: GamificationModuleOptions; remove(): Promise<void> }>;
}

const modes: readonly Mode[] = [
  { name: 'memory', create: async () => ({ options: { storage: false }, async remove() {} }) },
  ...durableStorages.map((kind) => ({
    name: `the log on ${kind.name}`,
    async create() {
      const storage = await kind.create();
      return { options: { storage: { url: storage.url } }, remove: () => storage.remove() };
    },
  })),
];

describe.each(modes)('a system that fails at random, delivered to from $name', (mode) => {
  const closing: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('gets every event, each user’s in order, and twice only where its answer was lost', async () => {
    await fc.assert(
      fc.asyncProperty(behaviours, async (stream) => {
        const { options, remove } = await mode.create();
        const arrived: { readonly n: number; readonly userId: string; readonly lost: boolean }[] = [];
        const server = await LoopbackServer.start(({ body }) => {
          const behaviour = stream.next().value ?? GOOD;
          const lost = behaviour.answer.fault !== undefined;
          if (behaviour.takes) arrived.push(...JSON.parse(body).map((event: object) => ({ ...event, lost })));
          return behaviour.answer;
        });
        const app = await createContext({
          ...options,
          gmfy: { apiKey: 'key', url: server.url, timeout: 150 },
        });
        closing.push(
          () => app.close(),
          () => server.close(),
          remove,
        );
        for (let from = 0; from < 200; from += 10) {
          await trackMany(app, 10, { users: 5, from });
        }
        await eventually(() => new Set(arrived.map(({ n }) => n)).size === 200);
        await app.get(Deliveries).flush();
        await app.close();
        await server.close();
        await remove();
        closing.length = 0;

        const seen = new Set<number>();
        const repeatable = new Set<number>();
        const firsts = new Map<string, number[]>();
        for (const { n, userId, lost } of arrived) {
          if (seen.has(n)) expect(repeatable).toContain(n);
          else firsts.set(userId, [...(firsts.get(userId) ?? []), n]);
          seen.add(n);
          if (lost) repeatable.add(n);
          else repeatable.delete(n);
        }
        for (const numbers of firsts.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect(app.get(EventTracker).counters.failed).toBe(0);
      }),
      { numRuns: 5 },
    );
  }, 180_000);
});
