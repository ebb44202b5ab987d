import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { SqliteDriver } from '../database/sqlite/sqlite-driver.js';
import { DESTINATIONS, type Destination } from '../delivery/destination.js';
import { GamificationModule } from '../gamification.module.js';
import { type GamificationModuleOptions, GamificationOptions } from '../gamification.options.js';
import { migrateDatabase } from '../open-database.js';
import { destinationsOf } from '../providers/destinations.js';
import { GmfyDestination } from '../providers/gmfy/gmfy.destination.js';
import { InteraktDestination } from '../providers/interakt/interakt.destination.js';
import { unserved } from '../unserved.js';
import { FakeClock } from './fake-clock.js';
import { FakeDestination } from './fake-destination.js';

/** How a test's application is to be. */
export interface GamificationTestingOptions {
  /** Where the clock stands: 2026-01-01 at 12:00 UTC unless told. */
  readonly now?: Date | number;
}

/** What can be overridden in a module that is put together for a test: a `TestingModuleBuilder` of `@nestjs/testing`. */
export interface OverridableModule {
  overrideProvider(token: unknown): {
    useFactory(options: { factory: (...args: never[]) => unknown; inject?: unknown[] }): unknown;
  };
}

/** A provider of the library as tests have it. */
interface Replacement {
  readonly provide: unknown;
  readonly inject: unknown[];
  readonly factory: (...args: never[]) => unknown;
}

/**
 * The library as an application's own tests want it: everything is kept in memory, time stands still, and what would be
 * delivered to remote systems is kept to be asked for. `GamificationTester.of(app)` answers what happened.
 *
 * In place of `GamificationModule`, for a test of a part of an application:
 *
 * ```ts
 * const module = await Test.createTestingModule({
 *   imports: [GamificationTestingModule.forRoot({ mechanics }), OrdersModule],
 * }).compile();
 * ```
 *
 * Or of all of it, with the options that it has:
 *
 * ```ts
 * const builder = Test.createTestingModule({ imports: [AppModule] });
 * const module = await GamificationTestingModule.override(builder).compile();
 * ```
 */
@Module({})
export class GamificationTestingModule {
  /** @param options those of `GamificationModule.forRoot`; of `storage`, only whether it is `false` matters */
  static forRoot(
    options: GamificationModuleOptions = {},
    testing: GamificationTestingOptions = {},
  ): DynamicModule {
    const module = GamificationModule.forRoot({ ...options, isGlobal: true });
    const replaced = replacements(testing).map(
      ({ provide, inject, factory }) => ({ provide, inject, useFactory: factory }) as Provider,
    );
    return {
      module: GamificationTestingModule,
      // What a dynamic module provides takes the place of what its class does.
      imports: [{ ...module, providers: [...(module.providers ?? []), ...replaced] }],
    };
  }

  /** Replaces what has to be in a module that imports `GamificationModule`. @returns the builder */
  static override<Builder extends OverridableModule>(
    builder: Builder,
    testing: GamificationTestingOptions = {},
  ): Builder {
    for (const { provide, inject, factory } of replacements(testing)) {
      builder.overrideProvider(provide).useFactory({ factory, inject });
    }
    return builder;
  }
}

function replacements({ now }: GamificationTestingOptions): readonly Replacement[] {
  return [
    { provide: Clock, inject: [], factory: () => new FakeClock(now) },
    {
      provide: Database,
      inject: [GamificationOptions, Clock],
      factory: ({ storage }: GamificationOptions, clock: Clock) =>
        storage
          ? migrateDatabase(new Database(new SqliteDriver(':memory:'), storage.maxPendingWrites), clock)
          : unserved(Database, '`storage`'),
    },
    {
      provide: DESTINATIONS,
      inject: [GamificationOptions, GmfyDestination, InteraktDestination],
      factory: (
        options: GamificationOptions,
        gmfy: GmfyDestination,
        interakt: InteraktDestination,
      ): readonly Destination[] =>
        destinationsOf(options, gmfy, interakt).map((real) => new FakeDestination(real)),
    },
  ];
}
