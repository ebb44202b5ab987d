/** One contestant of the benchmark `delivery`: `node delivery.child.js CONTESTANT SINK STORAGE`. */
import 'reflect-metadata';
import { setImmediate as turn } from 'node:timers/promises';
import type { GamificationModuleOptions } from 'nestjs-gamification';
import { answer } from './child.js';
import { type Client, openMixpanel, openOurs, openPlainQueue, openPostHog, openSegment } from './clients.js';
import { EVENTS, QUEUE, WARM } from './delivery-settings.js';
import { order } from './orders.js';

/** How many events a turn of the event loop brings. */
const PER_TURN = 500;
/** Events of one request, for all that can. */
const BATCH = 500;

const [contestant = '', sink = '', storage = ''] = process.argv.slice(2);

const OURS: GamificationModuleOptions = {
  storage: storage ? { url: storage } : false,
  tracking: { maxQueueSize: QUEUE, shutdownTimeout: 60_000 },
  delivery: { maxQueueSize: QUEUE, shutdownTimeout: 60_000 },
};

const open: Readonly<Record<string, () => Client | Promise<Client>>> = {
  queue: () => openPlainQueue(sink, QUEUE),
  'checked queue': () => openPlainQueue(sink, QUEUE, true),
  ours: () => openOurs(sink, OURS),
  'checked ours': () => openOurs(sink, OURS, true),
  // The destination is known to the log already, so it takes what was recorded meanwhile.
  unconnected: () => openOurs(sink, { ...OURS, gmfy: undefined }),
  'posthog-node': () =>
    openPostHog(sink, {
      flushAt: BATCH,
      maxBatchSize: BATCH,
      maxQueueSize: QUEUE,
      flushInterval: 60_000,
      requestTimeout: 60_000,
    }),
  '@segment/analytics-node': () =>
    openSegment(sink, { flushAt: BATCH, flushInterval: 60_000, httpRequestTimeout: 60_000 }),
  mixpanel: () => openMixpanel(sink, QUEUE),
};

async function opened(name: string): Promise<Client> {
  const make = open[name];
  if (!make) throw new Error(`unknown contestant ${name}`);
  return make();
}

let client: Client | undefined;

async function track(from: number, to: number): Promise<void> {
  client ??= await opened(contestant);
  for (let start = from; start < to; start += PER_TURN) {
    for (let number = start; number < Math.min(start + PER_TURN, to); number++) client.track(order(number));
    await turn();
  }
  await client.flush();
}

/** Milliseconds of a clock that all processes of the machine share. Linux only. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

answer({
  warm: () => track(0, WARM),

  /** Hands the events over, and waits until the client knows them delivered. */
  async run() {
    gc?.();
    const start = { at: now(), cpu: process.cpuUsage() };
    await track(WARM, WARM + EVENTS);
    const { user, system } = process.cpuUsage(start.cpu);
    return {
      startedAt: start.at,
      microseconds: (user + system) / EVENTS,
      rss: process.resourceUsage().maxRSS * 1024,
    };
  },

  /** Makes the destination known to the log, and records events while nothing delivers them. */
  async record() {
    await (await opened('ours')).close();
    client = await opened('unconnected');
    await track(0, WARM + EVENTS);
    await client.close();
    client = undefined;
  },

  /** Delivers what was recorded. */
  async drain() {
    gc?.();
    const start = process.cpuUsage();
    client = await opened('ours');
    await client.flush();
    const { user, system } = process.cpuUsage(start);
    return {
      startedAt: 0,
      microseconds: (user + system) / (WARM + EVENTS),
      rss: process.resourceUsage().maxRSS * 1024,
    };
  },

  close: () => client?.close(),
});
