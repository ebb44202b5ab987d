import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestApplication, Module, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  Clock,
  EventTracker,
  GamificationModule,
  type GamificationModuleOptions,
  InvalidQueryError,
  Notifications,
  Players,
  TrackEvent,
} from 'nestjs-gamification';
import {
  FakeClock,
  GamificationTester,
  GamificationTestingModule,
  NotATestError,
} from 'nestjs-gamification/testing';

@Controller('orders')
class OrdersController {
  @Post()
  @TrackEvent('order.placed', { user: 'ada', traits: () => ({ total: 5 }) })
  place(): { readonly id: string } {
    return { id: '1' };
  }
}

const options: GamificationModuleOptions = {
  storage: { url: 'postgres://nobody@nowhere.invalid/none' },
  gmfy: { apiKey: 'k', url: 'https://gmfy.invalid', events: ['order.placed'] },
};

@Module({ imports: [GamificationModule.forRoot(options)], controllers: [OrdersController] })
class AppModule {}

describe('GamificationTestingModule', () => {
  let app: INestApplication;

  afterEach(() => app.close());

  const post = async () => {
    await app.listen(0, '127.0.0.1');
    const response = await fetch(`${await app.getUrl()}/orders`, { method: 'POST' });
    expect(response.status).toBe(201);
  };

  it('keeps all of an application in memory, and tells what it tracked and delivered', async () => {
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const module = await GamificationTestingModule.override(builder).compile();
    app = module.createNestApplication({ logger: false });
    await post();
    await app.get(EventTracker).track('other', { userId: 'bob' });

    const tester = GamificationTester.of(app);
    const order = expect.objectContaining({ type: 'order.placed', userId: 'ada', traits: { total: 5 } });
    expect(await tester.tracked()).toEqual([order, expect.objectContaining({ type: 'other' })]);
    expect(await tester.tracked('order.placed')).toEqual([order]);
    expect(await tester.delivered('gmfy')).toEqual([order]);
    await expect(tester.delivered('interakt')).rejects.toThrow(InvalidQueryError);
  });

  it('stands in for the module in a test of a part of an application, at a time of its own', async () => {
    const mechanics = {
      badges: { early: { name: 'Early', when: { on: 'order.placed', if: 'event.total > 4' } } },
    };
    const module = await Test.createTestingModule({
      imports: [GamificationTestingModule.forRoot({ mechanics }, { now: new Date('2026-05-01T00:00:00Z') })],
      controllers: [OrdersController],
    }).compile();
    app = module.createNestApplication({ logger: false });
    await post();

    const tester = GamificationTester.of(app);
    tester.clock.advance(60_000);
    expect(await tester.tracked()).toEqual([
      expect.objectContaining({ type: 'order.placed', occurredAt: new Date('2026-05-01T00:00:00Z') }),
    ]);
    expect(await app.get(Players).badges('ada')).toEqual([expect.objectContaining({ badgeId: 'early' })]);
    tester.clock.set(0);
    expect(app.get(Clock).now()).toBe(0);
    expect(app.get(Notifications)).toBeDefined();
    expect(app.get(Clock)).toBeInstanceOf(FakeClock);
  });

  it('is not taken for what it is not', async () => {
    const module = await Test.createTestingModule({ imports: [GamificationModule.forRoot({})] }).compile();
    app = module.createNestApplication({ logger: false });
    await app.init();
    expect(() => GamificationTester.of(app)).toThrow(NotATestError);
  });
});
