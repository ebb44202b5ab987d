import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** An empty database of one test's own. */
export interface TestStorage {
  readonly url: string;
  remove(): Promise<void>;
}

/** A kind of storage that the tests run on. */
export interface StorageKind {
  readonly name: string;
  create(): Promise<TestStorage>;
}

export const sqliteFile: StorageKind = {
  name: 'a SQLite file',
  async create() {
    const folder = mkdtempSync(join(tmpdir(), 'gamification-'));
    return {
      url: `file:${join(folder, 'test.db')}`,
      async remove() {
        rmSync(folder, { recursive: true });
      },
    };
  },
};

export const memory: StorageKind = {
  name: 'SQLite in memory',
  async create() {
    return { url: 'memory:', async remove() {} };
  },
};

export const postgres = {
  name: 'PostgreSQL',
  /** @param server the server's URL; that of all tests unless told */
  async create(server = process.env.TEST_POSTGRES_URL ?? ''): Promise<TestStorage> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await admin(server, `create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return { url: url.href, remove: () => admin(server, `drop database ${name} with (force)`) };
  },
};

/** The kinds that keep what they are given and that this machine has. */
export const durableStorages: readonly StorageKind[] = [
  sqliteFile,
  ...(process.env.TEST_POSTGRES_URL ? [postgres] : []),
];

/** All kinds that this machine has. */
export const storages: readonly StorageKind[] = [memory, ...durableStorages];

async function admin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
