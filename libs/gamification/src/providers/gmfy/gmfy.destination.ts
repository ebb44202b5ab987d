import type { Destination } from '../../delivery/destination.js';
import { selects } from '../../delivery/event-selection.js';
import type { RecordedEvent } from '../../events/event.js';
import type { GmfyOptions } from './gmfy.options.js';
import type { GmfyService } from './gmfy.service.js';
import { toWireEvent } from './gmfy-wire-event.js';

/**
 * Delivers events to GMFY, in batches. Each goes with its own idempotence key, or else with its id as one, so that GMFY
 * can recognise it when it comes again.
 */
export class GmfyDestination implements Destination {
  readonly name = 'gmfy';
  readonly maxBatchSize = 500;
  readonly concurrency = 4;

  constructor(
    private readonly gmfy: GmfyService,
    private readonly options: GmfyOptions,
  ) {}

  /** All that the option `events` names, but not what the library records for itself, such as traits of users. */
  accepts(type: string): boolean {
    return !type.startsWith('$') && selects(this.options.events, type);
  }

  async deliver(events: readonly RecordedEvent[]): Promise<void> {
    const { sendEventType } = this.options;
    const wire = events.map(({ id, userId, type, action, idempotenceKey = id, traits }) =>
      toWireEvent({ userId, type, action, idempotenceKey, traits }, sendEventType),
    );
    await this.gmfy.deliver(wire);
  }
}
