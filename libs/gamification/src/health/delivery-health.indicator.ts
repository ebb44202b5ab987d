import { Injectable } from '@nestjs/common';
import { Deliveries } from '../delivery/deliveries.js';
import type { DestinationStatus } from '../delivery/delivery-store.js';

/** What Terminus expects of an indicator: a result for each destination, under its name. */
export type DeliveryHealthResult = Record<
  string,
  Omit<DestinationStatus, 'destination'> & { readonly status: 'up' | 'down' }
>;

/** Tells whether events get to their destinations, for `@nestjs/terminus` or any other health check. */
@Injectable()
export class DeliveryHealthIndicator {
  constructor(private readonly deliveries: Deliveries) {}

  /**
   * The destinations with their counters. One is down while nothing can be delivered there. Events are kept meanwhile,
   * so this is something to be told of, rather than a reason to take an instance out of service.
   *
   * ```ts
   * this.health.check([() => this.delivery.isHealthy()]);
   * ```
   *
   * @throws StorageUnavailableError
   */
  async isHealthy(): Promise<DeliveryHealthResult> {
    const statuses = await this.deliveries.status();
    return Object.fromEntries(
      statuses.map(({ destination, ...status }) => [
        `${destination}-events`,
        { ...status, status: status.problem === undefined ? 'up' : 'down' },
      ]),
    );
  }
}
