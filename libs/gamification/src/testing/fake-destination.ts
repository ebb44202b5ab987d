import type { Destination } from '../delivery/destination.js';
import type { RecordedEvent } from '../events/event.js';

/** Takes events in place of a remote system. */
export class FakeDestination implements Destination {
  readonly events: RecordedEvent[] = [];

  /** @param real the system in whose place it stands: it takes the same events */
  constructor(private readonly real: Destination) {}

  get name(): string {
    return this.real.name;
  }

  get maxBatchSize(): number {
    return this.real.maxBatchSize;
  }

  get concurrency(): number {
    return this.real.concurrency;
  }

  accepts(type: string): boolean {
    return this.real.accepts(type);
  }

  async deliver(events: readonly RecordedEvent[]): Promise<void> {
    this.events.push(...events);
  }
}
