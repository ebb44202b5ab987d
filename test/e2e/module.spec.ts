import { afterEach, describe, expect, it } from '@jest/globals';
import { type DynamicModule, type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  EventLog,
  EventTracker,
  GamificationHealthIndicator,
  GamificationModule,
  type GamificationModuleOptions,
  GamificationOptionsError,
  StorageUnavailableError,
  Wallets,
} from 'nestjs-gamification';
import { createContext } from '../support/application.js';

@Injectable()
class Settings {
  readonly queueSize = 7;
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class OptionsFactory {
  createGamificationOptions(): GamificationModuleOptions {
    return { tracking: { maxQueueSize: 7 } };
  }
}

@Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsModule {}

@Injectable()
class Feature {
  constructor(
    readonly wallets: Wallets,
    readonly tracker: EventTracker,
  ) {}
}

@Module({ providers: [Feature] })
class FeatureModule {}

describe('GamificationModule', () => {
  const started: INestApplicationContext[] = [];

  async function start(...imports: NonNullable<DynamicModule['imports']>): Promise<INestApplicationContext> {
    const module = await Test.createTestingModule({ imports }).compile();
    module.useLogger(false);
    started.push(module);
    return module.init();
  }

  afterEach(async () => {
    for (const app of started.splice(0)) await app.close();
  });

  /** How many events the queue takes in one tick tells which options arrived. */
  function queueSize(app: INestApplicationContext): number {
    const tracker = app.get(EventTracker);
    let taken = 0;
    while (taken < 100 && tracker.enqueue('e', { userId: 'a' })) taken++;
    return taken;
  }

  it('works without any options', async () => {
    const app = await start(GamificationModule.forRoot({}));

    await app.get(EventTracker).track('e', { userId: 'alice' });
    expect((await app.get(EventLog).list()).items).toHaveLength(1);
  });

  it.each<[string, () => DynamicModule]>([
    [
      'useFactory',
      () =>
        GamificationModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: async (settings: Settings) => ({ tracking: { maxQueueSize: settings.queueSize } }),
        }),
    ],
    ['useClass', () => GamificationModule.forRootAsync({ useClass: OptionsFactory })],
    [
      'useExisting',
      () => GamificationModule.forRootAsync({ imports: [OptionsModule], useExisting: OptionsFactory }),
    ],
  ])('takes its options by %s', async (_, create) => {
    expect(queueSize(await start(create()))).toBe(7);
  });

  it.each([
    ['forRoot', () => GamificationModule.forRoot({ isGlobal: true })],
    ['forRootAsync', () => GamificationModule.forRootAsync({ isGlobal: true, useFactory: () => ({}) })],
  ])('can be global: %s', async (_, create) => {
    const app = await start(create(), FeatureModule);

    expect(app.get(Feature, { strict: false }).wallets).toBeInstanceOf(Wallets);
  });

  it('is not global unless told', async () => {
    await expect(start(GamificationModule.forRoot({}), FeatureModule)).rejects.toThrow(/Wallets/);
  });

  it('shares nothing between two applications of one process', async () => {
    const first = await start(
      GamificationModule.forRoot({ tracking: { maxQueueSize: 1 }, authorityId: 'first' }),
    );
    const second = await start(
      GamificationModule.forRoot({ tracking: { maxQueueSize: 2 }, authorityId: 'second' }),
    );

    const entry = await first.get(Wallets).createEntry({ userId: 'alice', amount: 1, reason: 'x' });

    expect(entry.authorityId).toBe('first');
    expect((await second.get(Wallets).getWallets()).items).toEqual([]);
    expect([queueSize(first), queueSize(second)]).toEqual([1, 2]);
  });

  it.each<[string, object, string]>([
    [
      'storage.url',
      { storage: { url: 'mysql://u:secret@h/d' } },
      'memory:, file:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    ],
    ['storage.maxConnections', { storage: { maxConnections: 2 } }, 'not less than 3'],
    ['storage.url', { storage: { url: 'postgres://u:secret@localhost:port/d' } }, 'memory:, file:PATH'],
    ['storage', { storage: 'postgres://u:secret@h/d' }, 'object'],
    ['storage', { storage: [] }, 'object'],
    ['storage.uri', { storage: { uri: 'postgres://u:secret@h/d' } }, 'nothing'],
    ['tracking.maxQueueSize', { tracking: { maxQueueSize: 0 } }, 'not less than 1'],
    ['tracking.shutdownTimeout', { tracking: { shutdownTimeout: 'soon' } }, 'an integer number'],
    ['tracking.onError', { tracking: { onError: 'log' } }, 'a function'],
    ['authorityId', { authorityId: '' }, 'a text of 1 to 255 bytes without control characters'],
    ['storrage', { storrage: {} }, 'nothing: there is no such property'],
    ['user', { user: 7 }, 'a text or a function'],
  ])('does not start with a wrong %s, and says what is allowed', async (path, options, allowed) => {
    const failure = start(GamificationModule.forRoot(options));

    await expect(failure).rejects.toThrow(GamificationOptionsError);
    await expect(failure).rejects.toThrow(
      new RegExp(`GamificationModule: ${path.replace('.', '\\.')} is .*allowed: .*`),
    );
    await expect(failure).rejects.toMatchObject({
      problems: [{ path, allowed: expect.stringContaining(allowed) }],
    });
    await expect(failure).rejects.not.toThrow(/secret/);
  });

  it('names every wrong option at once', async () => {
    const failure = start(GamificationModule.forRoot({ authorityId: '', tracking: { maxQueueSize: 0.5 } }));

    await expect(failure).rejects.toMatchObject({
      problems: [
        expect.objectContaining({ path: 'authorityId' }),
        expect.objectContaining({ path: 'tracking.maxQueueSize' }),
      ].reverse(),
    });
  });

  it('does not start where the storage cannot be used', async () => {
    await expect(
      start(GamificationModule.forRoot({ storage: { url: 'file:/dev/null/x.db' } })),
    ).rejects.toThrow(StorageUnavailableError);
    await expect(start(GamificationModule.forRoot({ storage: { url: 'file:/' } }))).rejects.toThrow(
      /unreachable/,
    );
    await expect(
      start(GamificationModule.forRoot({ storage: { url: 'postgres://user:secret@127.0.0.1:1/none' } })),
    ).rejects.toThrow(/unreachable.*ECONNREFUSED/);
  });

  describe('GamificationHealthIndicator', () => {
    it('is up while events can be recorded, and down while the queue is full', async () => {
      const app = await createContext({ tracking: { maxQueueSize: 1 } });
      started.push(app);
      const indicator = app.get(GamificationHealthIndicator);

      expect(await indicator.isHealthy('gamification')).toEqual({
        gamification: { status: 'up', waiting: 0 },
      });
      app.get(EventTracker).enqueue('e', { userId: 'a' });
      expect(await indicator.isHealthy('gamification')).toEqual({
        gamification: { status: 'down', waiting: 1, message: 'the queue is full: 1 event(s) wait' },
      });
    });
  });
});
