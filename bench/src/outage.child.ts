/** One contestant of the benchmark `outage`, with its defaults: `node outage.child.js CONTESTANT SINK STORAGE`. */
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from './child.js';
import { type Client, openMixpanel, openOurs, openPostHog, openSegment } from './clients.js';
import { order } from './orders.js';
import { EVENTS, TRACKED } from './outage-settings.js';

const [contestant = '', sink = '', storage = ''] = process.argv.slice(2);

const open: Readonly<Record<string, () => Client | Promise<Client>>> = {
  ours: () => openOurs(sink, { storage: storage ? { url: storage } : false }),
  'posthog-node': () => openPostHog(sink, {}),
  '@segment/analytics-node': () => openSegment(sink, {}),
  // It does not try again by itself: who uses it is told, and has lost the events.
  mixpanel: () => openMixpanel(sink, EVENTS, () => undefined),
};

async function opened(): Promise<Client> {
  const make = open[contestant];
  if (!make) throw new Error(`unknown contestant ${contestant}`);
  return make();
}

answer({
  /** Tracks events at a steady rate and closes. @returns how long closing took, in milliseconds */
  async run() {
    const client = await opened();
    const start = performance.now();
    for (let number = 0; number < EVENTS; number++) {
      await delay((number / EVENTS) * TRACKED - (performance.now() - start));
      client.track(order(number));
    }
    const closing = performance.now();
    await client.close();
    return performance.now() - closing;
  },

  /** The next start of the application, which delivers what is in the log. */
  async again() {
    const client = await opened();
    await client.flush();
    await client.close();
  },
});
