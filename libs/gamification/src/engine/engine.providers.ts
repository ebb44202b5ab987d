import type { Provider } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { DeliveryRunner } from '../delivery/delivery-runner.js';
import { MemoryRecorder } from '../delivery/memory-recorder.js';
import { EventRecorder } from '../events/event-recorder.js';
import { GamificationOptions } from '../gamification.options.js';
import { Ids } from '../ids.js';
import { compileMechanics } from '../mechanics/compile.js';
import type { MechanicsDefinition } from '../mechanics/definition.js';
import { MechanicsError } from '../mechanics/mechanics.errors.js';
import { loadMechanics } from '../mechanics-file.js';
import { NotificationStreams } from '../notifications/notification-streams.js';
import { unserved } from '../unserved.js';
import { Engine } from './engine.js';
import { LogRecorder } from './log-recorder.js';
import { Replays } from './replays.js';

/** The mechanics, what records events with them, and what applies them to the past. */
export const engineProviders: Provider[] = [
  {
    provide: Engine,
    useFactory: async (options: GamificationOptions, ids: Ids, clock: Clock) => {
      const { mechanics = {}, engine, authorityId, wallet } = options;
      const definition = await loadMechanics(mechanics);
      if (wallet) refuseResources(definition);
      return new Engine(compileMechanics(definition, engine), ids, clock, authorityId);
    },
    inject: [GamificationOptions, Ids, Clock],
  },
  {
    provide: EventRecorder,
    useFactory: (
      { storage }: GamificationOptions,
      database: Database,
      engine: Engine,
      deliveries: DeliveryRunner,
      streams: NotificationStreams,
    ) =>
      storage
        ? new LogRecorder(engine, database, (userIds) => {
            deliveries.wake();
            streams.wake(userIds);
          })
        : new MemoryRecorder(deliveries),
    inject: [GamificationOptions, Database, Engine, DeliveryRunner, NotificationStreams],
  },
  {
    provide: Replays,
    useFactory: ({ storage, gmfy }: GamificationOptions, database: Database, engine: Engine) =>
      storage && !gmfy ? new Replays(database, engine) : unserved(Replays, '`storage`'),
    inject: [GamificationOptions, Database, Engine],
  },
];

/** Rules pay into wallets in the transaction of their event, which a wallet service elsewhere cannot be part of. */
function refuseResources({ resources = {} }: MechanicsDefinition): void {
  const [resource] = Object.keys(resources);
  if (resource === undefined) return;
  const allowed = 'nothing while `wallet` is set: rules cannot pay into a wallet service';
  throw new MechanicsError([{ path: 'resources', got: `resources such as ${resource}`, allowed }]);
}
