import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import type { RecordedEvent } from '../events/event.js';
import { InvalidQueryError } from '../gamification.errors.js';
import type { DeliveryOptions } from '../gamification.options.js';
import { inShort } from '../validation.js';
import { NotDeliveredError } from './deliveries.errors.js';
import type { DeliveryStore } from './delivery-store.js';
import type { Destination } from './destination.js';
import { DestinationWorker } from './destination-worker.js';
import { LogDeliveries } from './log-deliveries.js';
import { MemoryDeliveries } from './memory-deliveries.js';

/** How long it is waited for room in memory before an event is refused, in milliseconds. */
const ROOM_TIMEOUT = 1_000;

/** A destination with all that delivers to it. */
interface Route {
  readonly destination: Destination;
  readonly store: DeliveryStore;
  readonly worker: DestinationWorker;
  /** Where there is no storage. */
  readonly memory?: MemoryDeliveries;
}

/** Runs the deliveries to all destinations. */
export class DeliveryRunner {
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly routes: readonly Route[],
    private readonly options: DeliveryOptions,
    readonly clock: Clock,
  ) {}

  /** Delivers from the log. */
  static async fromLog(
    destinations: readonly Destination[],
    database: Database,
    options: DeliveryOptions,
    clock: Clock,
  ): Promise<DeliveryRunner> {
    // Not from `Ids`: instances must have different names even where a test gives all of them the same ids.
    const instance = randomUUID();
    const logger = new Logger('Gamification');
    const routes: Route[] = [];
    for (const destination of destinations) {
      const store = new LogDeliveries(database, destination, instance);
      await store.register();
      const worker = new DestinationWorker(destination, store, options, clock, logger);
      routes.push({ destination, store, worker });
    }
    return new DeliveryRunner(routes, options, clock);
  }

  /** Delivers what it is handed over, and keeps it in memory. */
  static fromMemory(
    destinations: readonly Destination[],
    options: DeliveryOptions,
    clock: Clock,
  ): DeliveryRunner {
    const logger = new Logger('Gamification');
    const routes = destinations.map((destination): Route => {
      const memory = new MemoryDeliveries(destination.name, options.maxQueueSize, (event) =>
        worker.died(new NotDeliveredError('too many events are set aside'), event),
      );
      const worker = new DestinationWorker(destination, memory, options, clock, logger);
      return { destination, store: memory, memory, worker };
    });
    return new DeliveryRunner(routes, options, clock);
  }

  /** Where deliveries to each destination are kept. */
  get stores(): readonly DeliveryStore[] {
    return this.routes.map(({ store }) => store);
  }

  /** @throws InvalidQueryError when there is no such destination */
  storeOf(destination: string): DeliveryStore {
    const route = this.routes.find((each) => each.destination.name === destination);
    if (route) return route.store;
    const names = this.routes.map((each) => JSON.stringify(each.destination.name));
    const allowed = names.join(', ') || 'none: no system that takes events is configured';
    throw new InvalidQueryError(`destination is ${inShort(destination)}, allowed: ${allowed}`);
  }

  start(): void {
    for (const { worker } of this.routes) worker.start();
  }

  /** The log has new events. */
  wake(): void {
    for (const { worker } of this.routes) worker.wake();
  }

  /**
   * Hands events over, without storage. A destination that has no room while another has some does not hold it up: it
   * goes without them, which is reported.
   *
   * @returns whether they were taken; not when no destination that wants them has room
   */
  async handOver(events: readonly RecordedEvent[]): Promise<boolean> {
    const wanted = this.routes.flatMap(({ destination, memory, worker }) => {
      const accepted = events.filter(({ type }) => destination.accepts(type));
      return memory && accepted.length > 0 ? [{ memory, worker, accepted }] : [];
    });
    const hasRoom = () => wanted.some(({ memory }) => memory.hasRoom);
    const deadline = performance.now() + ROOM_TIMEOUT;
    while (wanted.length > 0 && !hasRoom()) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await Promise.race(wanted.map(({ memory }) => memory.moreRoom(left)));
    }
    for (const { memory, worker, accepted } of wanted) {
      if (memory.hasRoom) memory.add(accepted);
      else for (const event of accepted) worker.died(new NotDeliveredError('too many events wait'), event);
    }
    this.wake();
    return true;
  }

  /** Resolves when everything recorded so far was delivered or set aside, or the time, in milliseconds, is over. */
  async flush(timeout: number): Promise<void> {
    await Promise.all(this.routes.map(({ worker }) => worker.drained(timeout)));
  }

  /** Without storage, delivers what it can within the time; with it, only what is under way. */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    const { shutdownTimeout } = this.options;
    const start = performance.now();
    if (this.routes.some(({ memory }) => memory)) {
      for (const { worker } of this.routes) worker.hurry();
      await this.flush(shutdownTimeout);
    }
    const left = Math.max(0, shutdownTimeout - (performance.now() - start));
    await Promise.all(this.routes.map(({ worker }) => worker.close(left)));
    for (const { worker, memory } of this.routes) {
      if (!memory) continue;
      for (const event of [...memory.retrying, ...worker.pendingEvents, ...memory.unread]) {
        worker.died(new NotDeliveredError('the application has ended'), event);
      }
    }
  }
}
