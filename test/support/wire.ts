import type { INestApplication, INestApplicationContext } from '@nestjs/common';
import type { GamificationModuleOptions } from 'nestjs-gamification';
import { type CreatedKey, ServerKeys } from 'nestjs-gamification-server';
import { createContext, TestClock } from './application.js';
import { serveProtocols } from './server-application.js';
import type { StorageKind } from './storages.js';

/** Two instances of a server on one storage, and a client of each. */
export interface WireUnderTest {
  readonly clients: readonly [INestApplicationContext, INestApplicationContext];
  /** The servers, which have the same key and the same clock. */
  readonly servers: readonly [INestApplication, INestApplication];
  readonly urls: readonly [string, string];
  readonly created: CreatedKey;
  readonly clock: TestClock;
  close(): Promise<void>;
}

/**
 * Opens servers of all protocols and their clients.
 *
 * @param kind a durable one, which two servers can share
 * @param client the options of a client, of where its server is and with the key made for it
 */
export async function openWire(
  kind: StorageKind,
  protocol: CreatedKey['key']['protocol'],
  options: GamificationModuleOptions,
  client: (url: string, created: CreatedKey) => GamificationModuleOptions,
): Promise<WireUnderTest> {
  const storage = await kind.create();
  const clock = new TestClock();
  const serve = () => serveProtocols({ ...options, storage: { url: storage.url } }, { clock });
  const first = await serve();
  const second = await serve();
  const created = await first.app.get(ServerKeys).create(protocol);
  const connect = (url: string) => createContext({ storage: false, ...client(url, created) });
  const clients = [await connect(first.url), await connect(second.url)] as const;
  return {
    clients,
    servers: [first.app, second.app],
    urls: [first.url, second.url],
    created,
    clock,
    async close() {
      for (const app of [...clients, first.app, second.app]) await app.close();
      await storage.remove();
    },
  };
}
