import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  Get,
  Inject,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
  type OnModuleInit,
  UseGuards,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AccountLinks,
  EventLog,
  Friends,
  GamificationModule,
  type GamificationModuleOptions,
  Gifts,
  GloebitService,
  GmfyService,
  InteraktService,
  Leaderboards,
  NotConfiguredError,
  Notifications,
  Payments,
  PlayblazerService,
  Players,
  Replays,
  Shop,
  WalletServiceClient,
  Wallets,
} from 'nestjs-gamification';

type Providers = Parameters<typeof Test.createTestingModule>[0];

describe('what is injected and not configured', () => {
  let close: () => Promise<void>;

  afterEach(() => close());

  const start = async (metadata: Providers, options: GamificationModuleOptions = {}) => {
    const module = await Test.createTestingModule({
      ...metadata,
      imports: [GamificationModule.forRoot({ isGlobal: true, ...options }), ...(metadata.imports ?? [])],
    }).compile();
    module.useLogger(false);
    const app = module.createNestApplication();
    close = () => app.close();
    return app.init();
  };

  it.each(
    (
      [
        [Payments, '`gmfy` or `payments`'],
        [GmfyService, '`gmfy`'],
        [WalletServiceClient, '`wallet`'],
        [GloebitService, '`gloebit`'],
        [PlayblazerService, '`playblazer`'],
        [InteraktService, '`interakt`'],
      ] as const
    ).map(([wanted, remedy]) => ({ name: wanted.name, wanted, remedy })),
  )('stops the start, and says which option would serve $name', async ({ wanted, remedy }) => {
    const consumer = { provide: 'Consumer', useFactory: (given: unknown) => given, inject: [wanted] };

    const refusal = start({ providers: [consumer] });

    await expect(refusal).rejects.toThrow(NotConfiguredError);
    await expect(refusal).rejects.toThrow(`${wanted.name} is injected into Consumer`);
    await expect(refusal).rejects.toThrow(remedy);
  });

  it.each(
    [
      Wallets,
      EventLog,
      Players,
      Leaderboards,
      Notifications,
      Friends,
      Gifts,
      Shop,
      Replays,
      AccountLinks,
    ].map((wanted) => ({
      name: wanted.name,
      wanted,
    })),
  )('stops it without storage for $name', async ({ wanted }) => {
    const consumer = { provide: 'Consumer', useFactory: (given: unknown) => given, inject: [wanted] };

    await expect(start({ providers: [consumer] }, { storage: false })).rejects.toThrow('`storage`');
  });

  it('is found in a guard, a middleware and a property', async () => {
    @Injectable()
    class PaymentsGuard implements CanActivate {
      constructor(@Inject(Payments) readonly payments: Payments) {}

      canActivate(): boolean {
        return true;
      }
    }
    @Controller()
    @UseGuards(PaymentsGuard)
    class GuardedController {
      @Get() get(): void {}
    }
    await expect(start({ controllers: [GuardedController] })).rejects.toThrow('PaymentsGuard');

    @Injectable()
    class PaymentsMiddleware implements NestMiddleware {
      constructor(@Inject(Payments) readonly payments: Payments) {}

      use(_request: unknown, _response: unknown, next: () => void): void {
        next();
      }
    }
    @Module({})
    class MiddlewareModule implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        consumer.apply(PaymentsMiddleware).forRoutes('*path');
      }
    }
    await expect(start({ imports: [MiddlewareModule] })).rejects.toThrow('PaymentsMiddleware');

    @Injectable()
    class WithProperty {
      @Inject(Payments) readonly payments!: Payments;
    }
    await expect(start({ providers: [WithProperty] })).rejects.toThrow('WithProperty');
  });

  it('is told by the first call where it was got in another way', async () => {
    const app = await start({});

    expect(() => app.get(Payments).get('p')).toThrow(NotConfiguredError);
    expect(() => app.get(GmfyService).getUsers()).toThrow('`gmfy`');
    expect(() => app.get(InteraktService).waiting).toThrow('`interakt`');
  });

  it('does not disturb modules that look through all providers for decorated methods', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Scanner implements OnModuleInit {
      constructor(
        @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
        @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
      ) {}

      onModuleInit(): void {
        for (const { instance } of this.discovery.getProviders()) {
          if (typeof instance !== 'object' || instance === null) continue;
          seen.push(Reflect.getMetadata('some:class', instance.constructor));
          for (const name of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
            seen.push(Reflect.getMetadata('some:method', instance[name]));
          }
        }
      }
    }
    await start({ imports: [DiscoveryModule], providers: [Scanner] }, { storage: false });

    expect(seen.length).toBeGreaterThan(50);
  });
});
