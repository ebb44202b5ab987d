import type { Provider } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { EventRecorder, LogRecorder } from '../events/event-recorder.js';
import { GamificationOptions } from '../gamification.options.js';
import { Deliveries } from './deliveries.js';
import { DeliveryRunner } from './delivery-runner.js';
import { DESTINATIONS, type Destination } from './destination.js';
import { MemoryRecorder } from './memory-recorder.js';

/** Where events are recorded, and how they get from there to the destinations. */
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
  {
    provide: EventRecorder,
    useFactory: ({ storage }: GamificationOptions, database: Database, runner: DeliveryRunner) =>
      storage ? new LogRecorder(database, () => runner.wake()) : new MemoryRecorder(runner),
    inject: [GamificationOptions, Database, DeliveryRunner],
  },
  Deliveries,
];
