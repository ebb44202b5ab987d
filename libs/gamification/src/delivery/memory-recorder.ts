import { StorageUnavailableError } from '../database/database.errors.js';
import type { Written } from '../database/group-commit.js';
import { type CheckedEvent, type Outcome, toRecorded } from '../events/event.js';
import { EventRecorder } from '../events/event-recorder.js';
import { NO_CHANGES } from '../mechanics/changes.js';
import { NotConfiguredError } from '../unserved.js';
import type { DeliveryRunner } from './delivery-runner.js';

/**
 * Records nothing, and hands events straight to the destinations. It remembers no idempotence keys, so an event that is
 * tracked twice is delivered twice, with its key.
 */
export class MemoryRecorder extends EventRecorder {
  constructor(private readonly deliveries: DeliveryRunner) {
    super();
  }

  /** @throws StorageUnavailableError when a destination has too many events waiting */
  async record(events: readonly CheckedEvent[]): Promise<readonly Written<Outcome>[]> {
    if (!(await this.deliveries.handOver(events.map(toRecorded)))) {
      throw new StorageUnavailableError(
        'overloaded',
        'more events wait for delivery than delivery.maxQueueSize',
      );
    }
    return events.map(({ id, receivedAt }) => ({
      ok: true,
      value: { eventId: id, receivedAt: new Date(receivedAt), replayed: false, ...NO_CHANGES },
    }));
  }

  async recordIn(): Promise<never> {
    throw new NotConfiguredError("A host's transaction", '`storage`');
  }
}
