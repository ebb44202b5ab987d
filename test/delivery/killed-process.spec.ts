import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EventLog } from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { LoopbackServer } from '../support/loopback-server.js';
import { durableStorages } from '../support/storages.js';
import { eventually } from './delivering.js';

const PROCESS = fileURLToPath(new URL('../support/delivering-process.mjs', import.meta.url));
const EVENTS = 20_000;

/** An event as it arrived, and with which request. */
interface Arrival {
  readonly n: number;
  readonly userId: string;
  readonly idempotenceKey: string;
  readonly request: number;
}

/** A GMFY that notes what arrives. */
async function startSink(): Promise<{ readonly server: LoopbackServer; readonly arrivals: Arrival[] }> {
  const arrivals: Arrival[] = [];
  let requests = 0;
  const server = await LoopbackServer.start(({ body }) => {
    const request = requests++;
    for (const event of JSON.parse(body)) arrivals.push({ ...event, request });
    return { status: 201, delay: 5 };
  });
  return { server, arrivals };
}

async function start(storageUrl: string, sinkUrl: string): Promise<ChildProcess> {
  const child = fork(PROCESS, [storageUrl, sinkUrl], { execArgv: [], stdio: 'inherit' });
  await once(child, 'message');
  return child;
}

async function track(child: ChildProcess): Promise<void> {
  for (let from = 0; from < EVENTS && child.connected; from += 5_000) {
    child.send([from, from + 5_000]);
    await once(child, 'message');
  }
}

async function idsIn(storageUrl: string): Promise<Set<string>> {
  const app = await createContext({ storage: { url: storageUrl } });
  const ids = new Set<string>();
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await app.get(EventLog).list({ limit: 1000, ...(after ? { after } : {}) });
    for (const { id } of page.items) ids.add(id);
    after = page.next;
  }
  await app.close();
  return ids;
}

describe.each(durableStorages)('a process killed while it delivers from $name', (kind) => {
  const closing: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('has lost nothing when another one goes on, and repeats only what was under way', async () => {
    const storage = await kind.create();
    closing.push(() => storage.remove());
    const { server, arrivals } = await startSink();
    closing.unshift(() => server.close());
    const first = await start(storage.url, server.url);
    closing.unshift(() => first.kill('SIGKILL'));
    // Ends with the process.
    void track(first).catch(() => undefined);
    await eventually(() => arrivals.length > EVENTS / 4);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const before = arrivals.length;
    expect(before).toBeLessThan(EVENTS);

    const second = await start(storage.url, server.url);
    closing.unshift(() => second.kill('SIGKILL'));
    second.send([EVENTS, EVENTS + 1]);
    await once(second, 'message');
    const recorded = await idsIn(storage.url);
    await eventually(
      () => new Set(arrivals.map(({ idempotenceKey }) => idempotenceKey)).size === recorded.size,
    );
    second.kill('SIGTERM');
    await once(second, 'exit');

    expect(new Set(arrivals.map(({ idempotenceKey }) => idempotenceKey))).toEqual(recorded);
    // Repeats are of the requests that were under way at the end, and of those whose answers were not kept yet: of the
    // four at a time, seven at most.
    const seen = new Map<string, number>();
    const repeated = new Set<number>();
    for (const { idempotenceKey, request } of arrivals) {
      const earlier = seen.get(idempotenceKey);
      if (earlier === undefined) seen.set(idempotenceKey, request);
      else repeated.add(earlier);
    }
    expect(repeated.size).toBeLessThanOrEqual(7);
    // Each user's events arrived in their order.
    const firsts = arrivals.filter(({ idempotenceKey, request }) => seen.get(idempotenceKey) === request);
    for (const user of ['user-0', 'user-7', 'user-49']) {
      const own = firsts.filter(({ userId }) => userId === user).map(({ n }) => n);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  }, 120_000);
});
