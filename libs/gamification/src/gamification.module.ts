import { ConfigurableModuleBuilder, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, SystemClock } from './clock.js';
import { Database } from './database/database.js';
import { EventIntake } from './events/event-intake.js';
import { EventLog } from './events/event-log.js';
import { EventTracker } from './events/event-tracker.js';
import {
  type GamificationModuleOptions,
  GamificationOptions,
  resolveOptions,
} from './gamification.options.js';
import { GamificationHealthIndicator } from './health/gamification-health.indicator.js';
import { Ids, UuidV7Ids } from './ids.js';
import { openDatabase } from './open-database.js';
import { EmbeddedWallets } from './wallets/embedded-wallets.js';
import { Wallets } from './wallets/wallets.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<GamificationModuleOptions>({
    moduleName: 'Gamification',
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createGamificationOptions')
    .setExtras({ isGlobal: false }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build();

/** Gamification for a NestJS application: `GamificationModule.forRoot(options)` or `forRootAsync`. */
@Module({
  providers: [
    { provide: GamificationOptions, useFactory: resolveOptions, inject: [MODULE_OPTIONS_TOKEN] },
    { provide: Clock, useClass: SystemClock },
    { provide: Ids, useClass: UuidV7Ids },
    {
      provide: Database,
      useFactory: ({ storage }: GamificationOptions, clock: Clock) => openDatabase(storage, clock),
      inject: [GamificationOptions, Clock],
    },
    {
      provide: EventIntake,
      useFactory: (database: Database, clock: Clock, ids: Ids, { tracking }: GamificationOptions) =>
        new EventIntake(database, clock, ids, tracking),
      inject: [Database, Clock, Ids, GamificationOptions],
    },
    EventTracker,
    EventLog,
    { provide: Wallets, useClass: EmbeddedWallets },
    GamificationHealthIndicator,
  ],
  // The intake and the options are what the interceptor of a decorated handler needs in its controller's module.
  exports: [EventTracker, EventLog, Wallets, GamificationHealthIndicator, EventIntake, GamificationOptions],
})
export class GamificationModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(
    private readonly intake: EventIntake,
    private readonly database: Database,
    private readonly options: GamificationOptions,
  ) {
    super();
  }

  /** By now the server is closed: what its last requests tracked is recorded, and then the storage is let go. */
  async onApplicationShutdown(): Promise<void> {
    const { shutdownTimeout } = this.options.tracking;
    const start = performance.now();
    await this.intake.close(shutdownTimeout);
    await this.database.close(Math.max(0, shutdownTimeout - (performance.now() - start)));
  }
}
