import {
  type BeforeApplicationShutdown,
  ConfigurableModuleBuilder,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule, ModulesContainer } from '@nestjs/core';
import { accountsProviders, accountsServices } from './accounts/accounts.providers.js';
import { MechanicsCatalog } from './api/mechanics-catalog.js';
import { Clock, SystemClock } from './clock.js';
import { consumersIn } from './consumers.js';
import { Database } from './database/database.js';
import { ExtensionStorage } from './database/extension-storage.js';
import { Deliveries } from './delivery/deliveries.js';
import { deliveryProviders } from './delivery/delivery.providers.js';
import { DeliveryRunner } from './delivery/delivery-runner.js';
import { catalogProvider, domainProviders, domains } from './domains.js';
import { engineProviders } from './engine/engine.providers.js';
import { Replays } from './engine/replays.js';
import { EventIntake } from './events/event-intake.js';
import { EventLog } from './events/event-log.js';
import { EventRecorder } from './events/event-recorder.js';
import { EventTracker } from './events/event-tracker.js';
import {
  type GamificationModuleOptions,
  GamificationOptions,
  resolveOptions,
} from './gamification.options.js';
import { DeliveryHealthIndicator } from './health/delivery-health.indicator.js';
import { GamificationHealthIndicator } from './health/gamification-health.indicator.js';
import { RemoteHealthIndicator } from './health/remote-health.indicator.js';
import { HttpTransports } from './http/http-transports.js';
import { Ids, UuidV7Ids } from './ids.js';
import { NotificationStreams } from './notifications/notification-streams.js';
import { openDatabase } from './open-database.js';
import { PaymentSettler } from './payments/payment-settler.js';
import { destinationsProvider } from './providers/destinations.js';
import { gloebitProviders, gloebitServices } from './providers/gloebit/gloebit.providers.js';
import { gmfyProviders, gmfyServices } from './providers/gmfy/gmfy.providers.js';
import { interaktProviders, interaktServices } from './providers/interakt/interakt.providers.js';
import { InteraktService } from './providers/interakt/interakt.service.js';
import { playblazerProviders, playblazerServices } from './providers/playblazer/playblazer.providers.js';
import {
  walletServiceProviders,
  walletServiceServices,
} from './providers/wallet-service/wallet-service.providers.js';
import { refuseUnserved, unserved } from './unserved.js';

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
  imports: [DiscoveryModule],
  providers: [
    { provide: GamificationOptions, useFactory: resolveOptions, inject: [MODULE_OPTIONS_TOKEN] },
    { provide: Clock, useClass: SystemClock },
    { provide: Ids, useClass: UuidV7Ids },
    {
      provide: Database,
      useFactory: async ({ storage }: GamificationOptions, clock: Clock) =>
        storage ? openDatabase(storage, clock) : unserved(Database, '`storage`'),
      inject: [GamificationOptions, Clock],
    },
    {
      provide: HttpTransports,
      useFactory: ({ http }: GamificationOptions, clock: Clock) =>
        new HttpTransports(clock, http.interceptor),
      inject: [GamificationOptions, Clock],
    },
    {
      provide: EventIntake,
      useFactory: (recorder: EventRecorder, clock: Clock, ids: Ids, { tracking }: GamificationOptions) =>
        new EventIntake(recorder, clock, ids, tracking),
      inject: [EventRecorder, Clock, Ids, GamificationOptions],
    },
    EventTracker,
    {
      provide: EventLog,
      useFactory: ({ storage }: GamificationOptions, database: Database) =>
        storage ? new EventLog(database) : unserved(EventLog, '`storage`'),
      inject: [GamificationOptions, Database],
    },
    {
      provide: ExtensionStorage,
      useFactory: ({ storage }: GamificationOptions, database: Database) =>
        storage ? new ExtensionStorage(database) : unserved(ExtensionStorage, '`storage`'),
      inject: [GamificationOptions, Database],
    },
    ...gmfyProviders,
    ...walletServiceProviders,
    ...accountsProviders,
    ...gloebitProviders,
    ...playblazerProviders,
    ...interaktProviders,
    destinationsProvider,
    ...deliveryProviders,
    {
      provide: NotificationStreams,
      useFactory: (database: Database, clock: Clock) => new NotificationStreams(database, clock),
      inject: [Database, Clock],
    },
    ...engineProviders,
    ...domainProviders,
    catalogProvider,
    GamificationHealthIndicator,
    DeliveryHealthIndicator,
    RemoteHealthIndicator,
  ],
  // The intake and the options are what the interceptor of a decorated handler needs in its controller's module.
  exports: [
    Clock,
    EventTracker,
    EventLog,
    ExtensionStorage,
    ...domains,
    MechanicsCatalog,
    ...accountsServices,
    ...gloebitServices,
    ...gmfyServices,
    ...playblazerServices,
    ...interaktServices,
    ...walletServiceServices,
    Deliveries,
    Replays,
    GamificationHealthIndicator,
    DeliveryHealthIndicator,
    RemoteHealthIndicator,
    EventIntake,
    GamificationOptions,
  ],
})
export class GamificationModule
  extends ConfigurableModuleClass
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    private readonly intake: EventIntake,
    private readonly database: Database,
    private readonly deliveries: DeliveryRunner,
    private readonly interakt: InteraktService,
    private readonly streams: NotificationStreams,
    private readonly payments: PaymentSettler,
    private readonly transports: HttpTransports,
    private readonly options: GamificationOptions,
    private readonly modules: ModulesContainer,
  ) {
    super();
  }

  /** @throws NotConfiguredError when something was injected that the options do not provide */
  onModuleInit(): void {
    refuseUnserved(consumersIn(this.modules, GamificationModule));
  }

  /** The application is complete: what an earlier run left undelivered or unsettled is gone on with from now on. */
  onApplicationBootstrap(): void {
    this.deliveries.start();
    if (this.options.payments) this.payments.start();
  }

  /** The server waits for its requests, and one for server-sent events would not end by itself. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.streams.close();
  }

  /** By now the server is closed: what its last requests tracked is recorded, and then the storage is let go. */
  async onApplicationShutdown(): Promise<void> {
    const { storage, tracking, delivery, interakt } = this.options;
    const start = performance.now();
    await this.intake.close(tracking.shutdownTimeout);
    await this.deliveries.close();
    if (this.options.payments) await this.payments.close();
    if (interakt) await this.interakt.close(delivery.shutdownTimeout);
    this.transports.close();
    if (storage) {
      await this.database.close(Math.max(0, tracking.shutdownTimeout - (performance.now() - start)));
    }
  }
}
