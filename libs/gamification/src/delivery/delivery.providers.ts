import type { Provider } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { GamificationOptions } from '../gamification.options.js';
import { Deliveries } from './deliveries.js';
import { DeliveryRunner } from './delivery-runner.js';
import { DESTINATIONS, type Destination } from './destination.js';

/** How events get to the destinations. */
export const deliveryProviders: Provider[] = [
  {
    provide: DeliveryRunner,
    useFactory: async (
      { storage, delivery }: GamificationOptions,
      destinations: readonly Destination[],
      database: Database,
      clock: Clock,
    ) =>
      storage
        ? DeliveryRunner.fromLog(destinations, database, delivery, clock)
        : DeliveryRunner.fromMemory(destinations, delivery, clock),
    inject: [GamificationOptions, DESTINATIONS, Database, Clock],
  },
  Deliveries,
];
