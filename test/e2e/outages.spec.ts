import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import Sqlite from 'better-sqlite3';
import {
  EventLog,
  EventTracker,
  GamificationHealthIndicator,
  StorageUnavailableError,
  Wallets,
} from 'nestjs-gamification';
import pg from 'pg';
import { createContext } from '../support/application.js';
import { PostgresServer } from '../support/postgres-server.mjs';
import { postgres, sqliteFile, type TestStorage } from '../support/storages.js';

jest.setTimeout(60_000);

const entry = { userId: 'alice', amount: 1, reason: 'x' };

describe('a SQLite file that another connection has locked', () => {
  let storage: TestStorage;
  let app: INestApplicationContext;
  let other: Sqlite.Database;

  beforeEach(async () => {
    storage = await sqliteFile.create();
    app = await createContext({ storage: { url: storage.url } });
    other = new Sqlite(storage.url.slice('file:'.length));
  });

  afterEach(async () => {
    other.close();
    await app.close();
    await storage.remove();
  });

  it('is waited for', async () => {
    other.exec('begin immediate');
    const write = app.get(Wallets).createEntry(entry);
    const event = app.get(EventTracker).track('e', { userId: 'alice' });
    expect((await app.get(Wallets).getWallets()).items).toEqual([]);
    other.exec('commit');

    await Promise.all([write, event]);
    expect((await app.get(Wallets).getWallets()).items).toMatchObject([{ total: 1 }]);
  });

  it('is reported when it stays locked; enqueued events are kept, and nothing needs a restart', async () => {
    const tracker = app.get(EventTracker);
    other.exec('begin immediate');
    tracker.enqueue('kept', { userId: 'alice' });
    const refusals = await Promise.allSettled([
      app.get(Wallets).createEntry(entry),
      tracker.track('refused', { userId: 'alice' }),
    ]);
    other.exec('commit');

    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        status: 'rejected',
        reason: { code: 'STORAGE_UNAVAILABLE', reason: 'locked' },
      });
    }
    const health = app.get(GamificationHealthIndicator);
    expect(await health.isHealthy('gamification')).toMatchObject({
      gamification: { status: 'down', message: 'events cannot be recorded (locked)' },
    });
    await tracker.flush();
    expect(await health.isHealthy('gamification')).toMatchObject({ gamification: { status: 'up' } });
    await app.get(Wallets).createEntry(entry);
    expect((await app.get(EventLog).list()).items.map(({ type }) => type)).toEqual(['kept']);
    expect((await app.get(Wallets).getWallets()).items).toMatchObject([{ total: 1 }]);
  });
});

describe('an outage that only callers noticed', () => {
  it('is over for the health check when the storage is back', async () => {
    const storage = await sqliteFile.create();
    const app = await createContext({ storage: { url: storage.url } });
    const other = new Sqlite(storage.url.slice('file:'.length));
    other.exec('begin immediate');
    await expect(app.get(EventTracker).track('e', { userId: 'alice' })).rejects.toThrow(
      StorageUnavailableError,
    );
    other.exec('commit');

    const health = await app.get(GamificationHealthIndicator).isHealthy('gamification');
    expect(health).toEqual({ gamification: { status: 'up', waiting: 0 } });
    other.close();
    await app.close();
    await storage.remove();
  });
});

describe('a shutdown with thousands of writes waiting', () => {
  it('leaves no write to be done after it', async () => {
    const storage = await sqliteFile.create();
    const app = await createContext({ storage: { url: storage.url }, tracking: { shutdownTimeout: 0 } });
    const wallets = app.get(Wallets);
    const writes = Array.from({ length: 5_000 }, () => wallets.createEntry(entry));
    await new Promise(setImmediate);
    await app.close();
    const results = await Promise.allSettled(writes);

    const written = results.filter(({ status }) => status === 'fulfilled').length;
    expect(written).toBeLessThan(5_000);
    const again = await createContext({ storage: { url: storage.url } });
    expect((await again.get(Wallets).getWallets()).items).toMatchObject([{ total: written }]);
    await again.close();
    await storage.remove();
  });
});

describe('a shutdown while the storage cannot be used', () => {
  it('takes no longer than it may, reports what was left, and is final', async () => {
    const storage = await sqliteFile.create();
    const left: unknown[] = [];
    const app = await createContext({
      storage: { url: storage.url },
      tracking: { shutdownTimeout: 200, onError: (error) => void left.push(error) },
    });
    const tracker = app.get(EventTracker);
    const wallets = app.get(Wallets);
    const other = new Sqlite(storage.url.slice('file:'.length));
    other.exec('begin immediate');
    tracker.enqueue('one', { userId: 'alice' });
    await new Promise(setImmediate);
    tracker.enqueue('two', { userId: 'alice' });

    const start = performance.now();
    await Promise.all([app.close(), app.close()]);
    expect(performance.now() - start).toBeLessThan(2_000);
    other.exec('commit');

    await expect(wallets.createEntry(entry)).rejects.toMatchObject({ reason: 'closed' });
    await expect(wallets.getWallets()).rejects.toMatchObject({ reason: 'closed' });
    expect(left).toHaveLength(2);
    expect(tracker.counters).toMatchObject({ recorded: 0, failed: 2, waiting: 0 });
    const events = other.prepare('select count(*) as n from gamification_events').get();
    expect(events).toEqual({ n: 0 });
    other.close();
    await storage.remove();
  });
});

describe('flush', () => {
  it('is not done because callers that came later have failed', async () => {
    const storage = await sqliteFile.create();
    const app = await createContext({ storage: { url: storage.url } });
    const tracker = app.get(EventTracker);
    const other = new Sqlite(storage.url.slice('file:'.length));
    other.exec('begin immediate');
    tracker.enqueue('one', { userId: 'alice' });
    tracker.enqueue('two', { userId: 'alice' });
    const flushed = tracker.flush(30_000).then(() => tracker.counters);
    await Promise.allSettled([1, 2].map(() => tracker.track('later', { userId: 'alice' })));
    other.exec('commit');

    expect(await flushed).toMatchObject({ recorded: 2, waiting: 0 });
    other.close();
    await app.close();
    await storage.remove();
  });
});

/** A file system of 2 MiB, where this process may mount one. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'gamification-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

const smallDisk = mountSmallDisk();
(smallDisk ? describe : describe.skip)('a disk that is full', () => {
  const folder = smallDisk ?? '';

  it('is reported, leaves no half batch, and is recovered from when there is room again', async () => {
    const app = await createContext({ storage: { url: `file:${join(folder, 'small.db')}` } });
    const tracker = app.get(EventTracker);
    const traits = { filler: 'x'.repeat(20_000) };
    let recorded = 0;
    let refusal: unknown;
    while (refusal === undefined) {
      const results = await Promise.allSettled(
        Array.from({ length: 4 }, () => tracker.track('e', { userId: 'a', traits })),
      );
      const good = results.filter(({ status }) => status === 'fulfilled').length;
      expect([0, 4]).toContain(good);
      recorded += good;
      refusal = results.find((result) => result.status === 'rejected')?.reason;
    }

    expect(refusal).toMatchObject({ code: 'STORAGE_UNAVAILABLE', reason: 'full' });
    expect((await app.get(EventLog).list({ limit: 1000 })).items).toHaveLength(recorded);
    execFileSync('mount', ['-o', 'remount,size=16m', folder]);
    await tracker.track('e', { userId: 'a', traits });
    expect((await app.get(EventLog).list({ limit: 1000 })).items).toHaveLength(recorded + 1);

    await app.close();
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
});

const server = PostgresServer.find();
for (const [missing, what] of [
  [!smallDisk, 'a full disk (this process may not mount one)'],
  [!server, 'a PostgreSQL that restarts (initdb was not found)'],
] as const) {
  if (missing && process.env.CI) throw new Error(`in CI nothing is skipped: ${what}`);
  if (missing) process.stdout.write(`skipped: ${what}\n`);
}
(server ? describe : describe.skip)('a PostgreSQL that restarts', () => {
  let app: INestApplicationContext;
  let url: string;

  beforeAll(() => server?.start());
  afterAll(() => server?.remove());

  beforeEach(async () => {
    ({ url } = await postgres.create(server?.url));
    app = await createContext({ storage: { url } });
  });

  afterEach(() => app.close());

  it('is reported to who waits, loses no enqueued event, and is recovered from', async () => {
    const tracker = app.get(EventTracker);
    const health = app.get(GamificationHealthIndicator);
    await tracker.track('before', { userId: 'alice' });
    server?.stop();

    await expect(tracker.track('refused', { userId: 'alice' })).rejects.toThrow(StorageUnavailableError);
    await expect(app.get(Wallets).createEntry(entry)).rejects.toMatchObject({ reason: 'unreachable' });
    for (let n = 0; n < 1500; n++)
      expect(tracker.enqueue('during', { userId: `u${n % 5}`, traits: { n } })).toBe(true);
    await expect(tracker.flush(100)).rejects.toThrow(/1500 event/);
    expect(await health.isHealthy('gamification')).toMatchObject({
      gamification: { status: 'down', waiting: 1500 },
    });

    await server?.start();
    await tracker.flush();
    await app.get(Wallets).createEntry(entry);

    expect(await health.isHealthy('gamification')).toMatchObject({
      gamification: { status: 'up', waiting: 0 },
    });
    const first = await app.get(EventLog).list({ limit: 1000 });
    const rest = await app.get(EventLog).list({ limit: 1000, after: first.next ?? '' });
    const numbers = [...first.items, ...rest.items]
      .filter(({ type }) => type === 'during')
      .map(({ traits }) => traits.n);
    expect(numbers).toEqual(Array.from({ length: 1500 }, (_, n) => n));
  });

  it('or refuses to write for a while, as a standby does, loses no enqueued event', async () => {
    const tracker = app.get(EventTracker);
    const admin = new pg.Client({ connectionString: server?.url });
    await admin.connect();
    const database = new URL(url).pathname.slice(1);
    const disconnect = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`;
    const change = async (setting: string) => {
      await admin.query(`alter database ${database} ${setting}`);
      await admin.query(disconnect);
    };
    await tracker.track('before', { userId: 'alice' });
    await change('set default_transaction_read_only = on');
    tracker.enqueue('read only', { userId: 'alice' });
    await expect(tracker.flush(300)).rejects.toThrow(/1 event/);
    await change('allow_connections false');
    tracker.enqueue('no connections', { userId: 'alice' });
    await expect(tracker.flush(1_000)).rejects.toThrow(/2 event/);
    await change('allow_connections true');
    await change('reset default_transaction_read_only');
    await tracker.flush();

    const { items } = await app.get(EventLog).list();
    expect(items.map(({ type }) => type)).toEqual(['before', 'read only', 'no connections']);
    await admin.end();
  });

  it('while writes are under way leaves each event once or not at all', async () => {
    const tracker = app.get(EventTracker);
    const answered: number[] = [];
    const tracking = Array.from({ length: 3000 }, (_, n) => n).map((n) =>
      tracker.track('e', { userId: `u${n % 7}`, traits: { n } }).then(
        () => answered.push(n),
        (error) => expect(error).toBeInstanceOf(StorageUnavailableError),
      ),
    );
    for (let n = 3000; n < 6000; n++) tracker.enqueue('e', { userId: `u${n % 7}`, traits: { n } });
    while (tracker.counters.recorded === 0) await new Promise(setImmediate);
    server?.stop();
    await server?.start();
    await Promise.all(tracking);
    await tracker.flush();

    const logged: unknown[] = [];
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page = await app.get(EventLog).list({ limit: 1000, ...(after ? { after } : {}) });
      logged.push(...page.items.map(({ traits }) => traits.n));
      after = page.next;
    }
    const known = new Set(logged);
    const enqueued = Array.from({ length: 3000 }, (_, n) => n + 3000);
    expect(known.size).toBe(logged.length);
    expect([...answered, ...enqueued].filter((n) => !known.has(n))).toEqual([]);
  });
});
