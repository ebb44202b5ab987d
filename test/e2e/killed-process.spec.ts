import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { EventLog } from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { durableStorages } from '../support/storages.js';

const SERVER = fileURLToPath(new URL('../support/tracking-server.mjs', import.meta.url));
const REQUESTS = 10_000;
const CALLERS = 32;

async function start(storageUrl: string): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = fork(SERVER, [storageUrl], { execArgv: [], stdio: 'inherit' });
  const [url] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
  ]);
  return { process: child, url: String(url) };
}

/** Posts the numbers, by 32 callers; tells of each that was answered. Stops when the server is gone. */
async function post(url: string, numbers: readonly number[], answered: (n: number) => void): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  const rest = numbers.values();
  const postOne = (n: number) =>
    new Promise<void>((resolve, reject) => {
      request(`${url}/hits/${n}`, { method: 'POST', agent }, (response) => {
        response
          .resume()
          .once('error', reject)
          .once('end', () => {
            if (response.statusCode === 201) answered(n);
            resolve();
          });
      })
        .once('error', reject)
        .end();
    });
  await Promise.allSettled(
    Array.from({ length: CALLERS }, async () => {
      for (const n of rest) await postOne(n);
    }),
  );
  agent.destroy();
}

async function hitsIn(storageUrl: string): Promise<number[]> {
  const app = await createContext({ storage: { url: storageUrl } });
  const hits: number[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await app.get(EventLog).list({ limit: 1000, ...(after ? { after } : {}) });
    hits.push(...page.items.map(({ idempotenceKey }) => Number(idempotenceKey)));
    after = page.next;
  }
  await app.close();
  return hits;
}

describe.each(durableStorages)('a process killed amid 10,000 sync requests, on $name', (kind) => {
  it('has lost none that it answered, and counts none twice when all are sent again', async () => {
    const storage = await kind.create();
    const all = Array.from({ length: REQUESTS }, (_, n) => n);
    const answered = new Set<number>();
    const first = await start(storage.url);
    await post(first.url, all, (n) => {
      answered.add(n);
      if (answered.size === REQUESTS / 4) first.process.kill('SIGKILL');
    });
    expect(answered.size).toBeLessThan(REQUESTS);

    const kept = new Set(await hitsIn(storage.url));
    expect([...answered].filter((n) => !kept.has(n))).toEqual([]);

    const second = await start(storage.url);
    const repeated = new Set<number>();
    await post(second.url, all, (n) => repeated.add(n));
    second.process.kill('SIGTERM');
    await once(second.process, 'exit');

    expect(repeated.size).toBe(REQUESTS);
    const hits = await hitsIn(storage.url);
    expect(hits).toHaveLength(REQUESTS);
    expect(new Set(hits).size).toBe(REQUESTS);
    await storage.remove();
  }, 120_000);
});
