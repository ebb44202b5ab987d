import { Logger } from '@nestjs/common';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import type { RecordedEvent } from '../events/event.js';
import type { DeliveryOptions } from '../gamification.options.js';
import { NotDeliveredError } from './deliveries.errors.js';
import type { DeliveryStore } from './delivery-store.js';
import type { Destination } from './destination.js';
import { DestinationWorker } from './destination-worker.js';
import { LogDeliveries } from './log-deliveries.js';
import { MemoryDeliveries } from './memory-deliveries.js';

/** How long it is waited for room in memory before an event is refused, in milliseconds. */
const ROOM_TIMEOUT = 1_000;

/** A destination with all that delivers to it. */
interface Delivered {
  readonly destination: Destination;
  readonly store: DeliveryStore;
  readonly worker: DestinationWorker;
  /** Where there is no storage. */
  readonly memory?: MemoryDeliveries;
}

/** Runs the deliveries to all destinations. */
export class DeliveryRunner {
  private readonly delivered: readonly Delivered[];
  private closing: Promise<void> | undefined;

  private constructor(
    delivered: readonly Omit<Delivered, 'worker'>[],
    private readonly options: DeliveryOptions,
    readonly clock: Clock,
  ) {
    const logger = new Logger('Gamification');
    this.delivered = delivered.map((each) => ({
      ...each,
      worker: new DestinationWorker(each.destination, each.store, options, clock, logger),
    }));
  }

  /** Delivers from the log. @param instance names this instance among those that share the log */
  static async fromLog(
    destinations: readonly Destination[],
    database: Database,
    instance: string,
    options: DeliveryOptions,
    clock: Clock,
  ): Promise<DeliveryRunner> {
    const delivered = destinations.map((destination) => ({
      destination,
      store: new LogDeliveries(database, destination.name, instance),
    }));
    for (const { store } of delivered) await store.register();
    return new DeliveryRunner(delivered, options, clock);
  }

  /** Delivers what it is handed over, and keeps it in memory. */
  static fromMemory(
    destinations: readonly Destination[],
    options: DeliveryOptions,
    clock: Clock,
  ): DeliveryRunner {
    const delivered = destinations.map((destination) => {
      const memory = new MemoryDeliveries(destination.name, options.maxQueueSize);
      return { destination, store: memory, memory };
    });
    return new DeliveryRunner(delivered, options, clock);
  }

  /** Where deliveries of each destination are kept, by its name. */
  get stores(): ReadonlyMap<string, DeliveryStore> {
    return new Map(this.delivered.map(({ destination, store }) => [destination.name, store]));
  }

  start(): void {
    for (const { worker } of this.delivered) worker.start();
  }

  /** The log has new events. */
  wake(): void {
    for (const { worker } of this.delivered) worker.wake();
  }

  /**
   * Hands events over, without storage.
   *
   * @returns whether there was room for all of them at every destination; otherwise none was taken
   */
  async handOver(events: readonly RecordedEvent[]): Promise<boolean> {
    const wanted = this.delivered.flatMap(({ destination, memory }) => {
      const accepted = events.filter((event) => destination.accepts(event));
      return memory && accepted.length > 0 ? [{ memory, accepted }] : [];
    });
    const deadline = performance.now() + ROOM_TIMEOUT;
    for (;;) {
      const full = wanted.find(({ memory, accepted }) => !memory.hasRoomFor(accepted.length));
      if (!full) break;
      if (!(await full.memory.moreRoom(deadline - performance.now()))) return false;
    }
    for (const { memory, accepted } of wanted) memory.add(accepted);
    this.wake();
    return true;
  }

  /** Resolves when everything recorded so far was delivered or set aside, or the time, in milliseconds, is over. */
  async flush(timeout: number): Promise<void> {
    await Promise.all(this.delivered.map(({ worker }) => worker.drained(timeout)));
  }

  /** Without storage, delivers what it can within the time; with it, only what is under way. */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    const { shutdownTimeout } = this.options;
    const start = performance.now();
    const inMemory = this.delivered.some(({ memory }) => memory);
    if (inMemory) await this.flush(shutdownTimeout);
    const left = Math.max(0, shutdownTimeout - (performance.now() - start));
    await Promise.all(this.delivered.map(({ worker }) => worker.close(left)));
    for (const { worker, memory } of this.delivered) {
      for (const event of memory ? [...worker.pendingEvents, ...memory.rest] : []) {
        worker.report(new NotDeliveredError(), event);
      }
    }
  }
}
