import type { INestApplicationContext } from '@nestjs/common';
import type { GamificationModuleOptions } from 'nestjs-gamification';
import { createContext, TestClock } from '../support/application.js';
import { memory, type StorageKind } from '../support/storages.js';

/** Instances of an application on one storage of its own, which share a clock. */
export interface EmbeddedUnderTest {
  /** Two instances; of a storage in memory, one twice. */
  readonly apps: readonly [INestApplicationContext, INestApplicationContext];
  readonly clock: TestClock;
  close(): Promise<void>;
}

export async function openEmbedded(
  kind: StorageKind,
  options: GamificationModuleOptions = {},
): Promise<EmbeddedUnderTest> {
  const storage = await kind.create();
  const clock = new TestClock();
  const open = () => createContext({ ...options, storage: { url: storage.url } }, clock);
  const first = await open();
  const second = kind === memory ? first : await open();
  return {
    apps: [first, second],
    clock,
    async close() {
      for (const app of new Set([first, second])) await app.close();
      await storage.remove();
    },
  };
}
