import { jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  Clock,
  Deliveries,
  type DestinationStatus,
  EventTracker,
  GamificationModule,
  type GamificationModuleOptions,
  type RecordedEvent,
} from 'nestjs-gamification';
import { DESTINATIONS, type Destination } from '../../libs/gamification/src/delivery/destination.js';

/** How long a test waits for something, in milliseconds. */
const PATIENCE = 50_000;

/** A system in the process of the test: it keeps what it took, and fails as it is told. */
export class Sink implements Destination {
  readonly name: string = 'sink';
  readonly taken: RecordedEvent[] = [];
  readonly batches: number[] = [];
  /** Called with each batch before it is taken; what it throws is thrown instead. */
  before: (events: readonly RecordedEvent[]) => void | Promise<void> = () => undefined;
  /** Called with each batch after it was taken: what it throws makes an answer that was lost. */
  after: (events: readonly RecordedEvent[]) => void | Promise<void> = () => undefined;

  constructor(
    readonly maxBatchSize = 50,
    readonly concurrency = 4,
  ) {}

  accepts(type: string): boolean {
    return !type.startsWith('$');
  }

  async deliver(events: readonly RecordedEvent[]): Promise<void> {
    await this.before(events);
    this.batches.push(events.length);
    this.taken.push(...events);
    await this.after(events);
  }

  /** The `n` of the events of a user, in the order in which they were taken. */
  of(userId: string): unknown[] {
    return this.taken.filter((event) => event.userId === userId).map(({ traits }) => traits.n);
  }
}

/** An application that delivers to sinks. */
export async function createDelivering(
  sinks: readonly Destination[],
  options: GamificationModuleOptions,
  clock?: Clock,
): Promise<INestApplicationContext> {
  const builder = Test.createTestingModule({ imports: [GamificationModule.forRoot(options)] })
    .overrideProvider(DESTINATIONS)
    .useValue(sinks);
  if (clock) builder.overrideProvider(Clock).useValue(clock);
  const module = await builder.compile();
  module.useLogger(false);
  return module.init();
}

/**
 * Makes the random pauses of an application that has started as short as they can be. Before it has started, Nest takes
 * its ids from the same numbers.
 */
export function shortenPauses(): void {
  jest.spyOn(Math, 'random').mockReturnValue(0.002);
}

/** Tracks events numbered from `from` on, spread over users. */
export async function trackMany(
  app: INestApplicationContext,
  count: number,
  { users = 10, from = 0 }: { readonly users?: number; readonly from?: number } = {},
): Promise<void> {
  await app
    .get(EventTracker)
    .trackMany(
      Array.from(
        { length: count },
        (_, index) => ['e', { userId: `user-${index % users}`, traits: { n: from + index } }] as const,
      ),
    );
}

export async function statusOf(app: INestApplicationContext, name = 'sink'): Promise<DestinationStatus> {
  const status = (await app.get(Deliveries).status()).find(({ destination }) => destination === name);
  if (!status) throw new Error(`there is no destination ${name}`);
  return status;
}

/** Waits until something is so. Its own end lets the process end where a test was given up. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`it was not so within ${PATIENCE} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
