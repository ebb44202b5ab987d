import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Clock, GamificationModule, type GamificationModuleOptions } from 'nestjs-gamification';
import { FakeClock } from 'nestjs-gamification/testing';

/** The clock of most tests. */
export class TestClock extends FakeClock {
  constructor(time = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    super(time);
  }
}

/** An application without HTTP that has the library and nothing else. */
export async function createContext(
  options: GamificationModuleOptions,
  clock?: Clock,
): Promise<INestApplicationContext> {
  const builder = Test.createTestingModule({ imports: [GamificationModule.forRoot(options)] });
  if (clock) builder.overrideProvider(Clock).useValue(clock);
  const module = await builder.compile();
  module.useLogger(false);
  return module.init();
}
