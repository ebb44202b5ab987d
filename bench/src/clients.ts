/** What takes events in the benchmarks `delivery` and `outage`, each behind the same three functions. */
import { randomUUID } from 'node:crypto';
import { Analytics, type AnalyticsSettings } from '@segment/analytics-node';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import mixpanel from 'mixpanel';
import { Deliveries, EventTracker, type GamificationModuleOptions } from 'nestjs-gamification';
import { PostHog, type PostHogOptions } from 'posthog-node';
import { Pool } from 'undici';
import { OrderPlaced, openApplication } from './application.js';
import type { Order } from './orders.js';
import { PlainQueue } from './plain-queue.js';

const EVENT = 'order.placed';
/** How long anything may take at most, in milliseconds. */
const TIMEOUT = 120_000;

export interface Client {
  track(order: Order): void;
  /** Resolves when, as far as the client knows, all is delivered. */
  flush(): Promise<unknown>;
  /** The graceful end. */
  close(): Promise<unknown>;
}

/**
 * @param url where the sink is
 * @param check whether events have a class, whose traits are checked; the other clients check nothing
 */
export async function openOurs(
  url: string,
  options: GamificationModuleOptions,
  check = false,
): Promise<Client> {
  const application = await openApplication({ gmfy: { apiKey: 'key', url }, ...options });
  const tracker = application.get(EventTracker);
  const deliveries = application.get(Deliveries);
  return {
    track: (order) => (check ? tracker.enqueue(OrderPlaced, order) : tracker.enqueue(EVENT, order)),
    async flush() {
      await tracker.flush(TIMEOUT);
      await deliveries.flush(TIMEOUT);
    },
    close: () => application.close(),
  };
}

/**
 * The plain queue over undici: what GMFY takes, in the same batches and as many requests at a time as ours.
 *
 * @param check whether traits are checked with class-validator first, as those of an event class are
 */
export function openPlainQueue(url: string, capacity: number, check = false): Client {
  const pool = new Pool(url, { connections: 4 });
  const headers = { 'x-api-key': 'key', 'content-type': 'application/json' };
  const queue = new PlainQueue<object>(
    async (batch) => {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/events/batch/',
        headers,
        body: JSON.stringify(batch),
      });
      await body.dump();
      if (statusCode !== 201) throw new Error(`HTTP ${statusCode}`);
    },
    capacity,
    500,
    4,
  );
  return {
    track({ userId, traits }) {
      const sent = check ? plainToInstance(OrderPlaced, traits) : traits;
      if (check && validateSync(sent, { whitelist: true, forbidNonWhitelisted: true }).length > 0) {
        throw new Error('the event is not valid');
      }
      queue.push({ userId, idempotenceKey: randomUUID(), type: EVENT, ...sent });
    },
    flush: () => queue.drained(),
    close: () => pool.close(),
  };
}

/** Without what needs the service's answers, and without compression, as the sink looks into what is sent. */
export function openPostHog(host: string, options: PostHogOptions): Client {
  const client = new PostHog('key', {
    host,
    disableRemoteConfig: true,
    preloadFeatureFlags: false,
    disableCompression: true,
    ...options,
  });
  return {
    track: ({ userId, traits }) => client.capture({ distinctId: userId, event: EVENT, properties: traits }),
    flush: () => client.flush(),
    close: () => client.shutdown(TIMEOUT),
  };
}

export function openSegment(host: string, settings: Partial<AnalyticsSettings>): Client {
  const client = new Analytics({ writeKey: 'key', host, ...settings });
  return {
    track: ({ userId, traits }) => client.track({ userId, event: EVENT, properties: traits }),
    flush: () => client.flush({ timeout: TIMEOUT }),
    close: () => client.closeAndFlush({ timeout: TIMEOUT }),
  };
}

/**
 * The client has no queue, so the plain one stands before `track_batch`. It sends 50 events a request at most.
 *
 * @param onError instead of failing
 */
export function openMixpanel(url: string, capacity: number, onError?: (error: unknown) => void): Client {
  const client = mixpanel.init('key', { host: new URL(url).host, protocol: 'http' });
  const queue = new PlainQueue<mixpanel.Event>(
    (batch) =>
      new Promise<void>((resolve, reject) => {
        client.track_batch(batch, { max_concurrent_requests: 10 }, (errors) => {
          const [error] = errors?.filter((each) => each) ?? [];
          if (error && onError) onError(error);
          else if (error) return reject(error);
          resolve();
        });
      }),
    capacity,
    500,
    4,
  );
  return {
    track: ({ userId, traits }) =>
      queue.push({
        event: EVENT,
        properties: { distinct_id: userId, $insert_id: randomUUID(), time: Date.now(), ...traits },
      }),
    flush: () => queue.drained(),
    close: () => queue.drained(),
  };
}
