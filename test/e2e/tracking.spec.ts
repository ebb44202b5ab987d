import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  ForbiddenException,
  Get,
  type INestApplication,
  Injectable,
  NotFoundException,
  Param,
  Post,
  Res,
  Sse,
  UseGuards,
} from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { IsInt, IsString, Min } from 'class-validator';
import {
  ActionEvent,
  EventLog,
  EventTracker,
  GameEvent,
  GamificationModule,
  type GamificationModuleOptions,
  type RecordedEvent,
  type TrackContext,
  TrackEvent,
  type TrackingFailure,
  UniqueEvent,
} from 'nestjs-gamification';
import { delay, of, throwError } from 'rxjs';

class OrderPlaced extends GameEvent('order.placed') {
  @IsString() orderNumber!: string;
  @IsInt() @Min(0) total!: number;
}
class Like extends ActionEvent('like') {}
class VisitUser extends UniqueEvent('visit_user') {}

interface Order {
  readonly number: string;
  readonly total: number;
}

@Injectable()
class Closed implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException();
  }
}

@Controller()
class ShopController {
  static readonly order = { number: 'A1', total: 1200 };

  @Post('promise')
  @TrackEvent(OrderPlaced, {
    idempotenceKey: ({ result }) => result.number,
    traits: ({ result }) => ({ orderNumber: result.number, total: result.total }),
    occurredAt: new Date(0),
  })
  async promise(): Promise<Order> {
    return ShopController.order;
  }

  @Post('plain')
  @TrackEvent(OrderPlaced, {
    traits: ({ result }: TrackContext<Order>) => ({ orderNumber: result.number, total: result.total }),
  })
  plain(): Order {
    return ShopController.order;
  }

  @Post('observable')
  @TrackEvent(OrderPlaced, { traits: ({ result }) => ({ orderNumber: result.number, total: result.total }) })
  observable() {
    return of({ number: 'first', total: 1 }, ShopController.order).pipe(delay(1));
  }

  @Post('passthrough')
  @TrackEvent('passed', { traits: ({ result }) => ({ result }) })
  passthrough(@Res({ passthrough: true }) response: { status(code: number): unknown }) {
    response.status(202);
    return 'through';
  }

  @Post('fails')
  @TrackEvent('never')
  fails() {
    throw new NotFoundException();
  }

  @Post('fails-later')
  @TrackEvent('never')
  failsLater() {
    return throwError(() => new NotFoundException());
  }

  @Post('guarded')
  @UseGuards(Closed)
  @TrackEvent('never')
  guarded() {
    return 'unreachable';
  }

  @Post('likes/:drink')
  @TrackEvent(Like, { action: 'create', traits: {}, idempotenceKey: ({ request }) => request.params.drink })
  @TrackEvent('second', { user: async () => 'bob' })
  like(@Param('drink') drink: string) {
    return drink;
  }

  @Get('users/:id')
  @TrackEvent(VisitUser, {
    idempotenceKey: ({ request }) => request.params.id ?? '',
    when: ({ request }) => request.params.id !== 'alice',
  })
  visit(@Param('id') id: string) {
    return id;
  }

  @Post('sync/:user')
  @TrackEvent('synced', { sync: true, user: ({ request }) => request.params.user })
  sync() {
    return 'done';
  }

  @Post('throws')
  @TrackEvent('broken', {
    traits: () => {
      throw new Error('no traits today');
    },
  })
  throws() {
    return 'fine';
  }

  @Post('throws-twice')
  @TrackEvent('broken', {
    user: async () => {
      throw new Error('no user today');
    },
    traits: () => {
      throw Object.create(null);
    },
  })
  throwsTwice() {
    return 'fine';
  }

  @Post('late/:milliseconds')
  @TrackEvent('late', {
    user: ({ request }) =>
      new Promise((resolve) => {
        setTimeout(() => resolve('alice'), Number(request.params.milliseconds));
      }),
  })
  late() {
    return 'fine';
  }

  @Post('when/:answer')
  @TrackEvent('asked', {
    when: async ({ request }) => JSON.parse(request.params.answer ?? ''),
    traits: ({ request }) => {
      if (request.params.answer !== 'true') throw new Error('asked all the same');
      return {};
    },
  })
  asked() {
    return 'fine';
  }

  @Post('invalid')
  @TrackEvent(OrderPlaced, { traits: { orderNumber: 'A1', total: -1 } })
  invalid() {
    return 'fine';
  }

  @Sse('stream')
  @TrackEvent('streamed')
  stream() {
    return of({ data: 'one' }, { data: 'two' });
  }

  @Get('bare')
  bare() {
    return 'bare';
  }
}

const adapters = [
  { name: 'Express', create: () => new ExpressAdapter() },
  { name: 'Fastify', create: () => new FastifyAdapter() },
];

describe.each(adapters)('@TrackEvent on $name', ({ create }) => {
  let app: INestApplication;
  let failures: TrackingFailure[];

  async function start(options: GamificationModuleOptions = { user: () => 'alice' }): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [GamificationModule.forRoot(options)],
      controllers: [ShopController],
    }).compile();
    app = module.createNestApplication(create());
    app.useLogger(false);
    await app.listen(0, '127.0.0.1');
    failures = [];
    app.get(EventTracker).errors$.subscribe((failure) => failures.push(failure));
  }

  afterEach(() => app.close());

  async function call(method: string, path: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`${await app.getUrl()}/${path}`, { method });
    return { status: response.status, body: await response.text() };
  }

  async function recorded(): Promise<readonly RecordedEvent[]> {
    await app.get(EventTracker).flush();
    return (await app.get(EventLog).list()).items;
  }

  it('records what a handler that returns a Promise did', async () => {
    await start();
    expect(await call('POST', 'promise')).toEqual({
      status: 201,
      body: JSON.stringify(ShopController.order),
    });

    expect(await recorded()).toEqual([
      {
        id: expect.any(String),
        userId: 'alice',
        type: 'order.placed',
        idempotenceKey: 'A1',
        traits: { orderNumber: 'A1', total: 1200 },
        occurredAt: new Date(0),
        receivedAt: expect.any(Date),
      },
    ]);
  });

  it.each(['plain', 'observable'])('records a %s result, of an Observable its last value', async (path) => {
    await start();
    expect(await call('POST', path)).toEqual({ status: 201, body: JSON.stringify(ShopController.order) });

    expect(await recorded()).toMatchObject([{ traits: { orderNumber: 'A1', total: 1200 } }]);
  });

  it('records a stream of server-sent events when it ends', async () => {
    await start();
    expect((await call('GET', 'stream')).body).toContain('data: two');

    expect(await recorded()).toMatchObject([{ type: 'streamed' }]);
  });

  it('works beside @Res({ passthrough })', async () => {
    await start();
    expect(await call('POST', 'passthrough')).toEqual({ status: 202, body: 'through' });

    expect(await recorded()).toMatchObject([{ type: 'passed', traits: { result: 'through' } }]);
  });

  it.each(['fails', 'fails-later', 'guarded'])(
    'records nothing when a handler does not succeed: %s',
    async (path) => {
      await start();
      expect((await call('POST', path)).status).toBeGreaterThanOrEqual(400);

      expect(await recorded()).toEqual([]);
    },
  );

  it('can stand on a handler more than once, with values and functions, also async ones', async () => {
    await start();
    await call('POST', 'likes/espresso');

    const events = await recorded();
    expect(events).toHaveLength(2);
    expect(events).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'like',
          action: 'create',
          idempotenceKey: 'espresso',
          userId: 'alice',
        }),
        expect.objectContaining({ type: 'second', userId: 'bob' }),
      ]),
    );
  });

  it('does not track when `when` says no, and a unique event once per key', async () => {
    await start();
    for (const id of ['alice', 'bob', 'bob', 'carol']) await call('GET', `users/${id}`);

    expect((await recorded()).map(({ idempotenceKey }) => idempotenceKey)).toEqual(['bob', 'carol']);
    expect(app.get(EventTracker).counters).toMatchObject({ recorded: 2, replayed: 1 });
  });

  it('with `sync` has recorded the event before it responds', async () => {
    await start();
    await call('POST', 'sync/alice');

    expect((await app.get(EventLog).list()).items).toHaveLength(1);
  });

  it('with `sync` fails the response where the event cannot be recorded', async () => {
    await start();

    expect((await call('POST', 'sync/%01')).status).toBe(500);
    expect(failures).toEqual([]);
  });

  it('reports an option that throws, with the handler, and leaves the response alone', async () => {
    await start();

    expect(await call('POST', 'throws')).toEqual({ status: 201, body: 'fine' });
    expect(failures).toMatchObject([
      { error: { code: 'EVENT_RESOLUTION', handler: 'ShopController.throws' } },
    ]);
    expect(failures[0]?.error.message).toContain('no traits today');
  });

  it('survives options that throw several times, synchronously and later, and even what has no text', async () => {
    await start();

    expect(await call('POST', 'throws-twice')).toEqual({ status: 201, body: 'fine' });
    await app.get(EventTracker).flush();
    expect(failures).toMatchObject([{ error: { code: 'EVENT_RESOLUTION' } }]);
  });

  it('counts an event as waiting while its options are being resolved', async () => {
    await start();
    await call('POST', 'late/200');
    expect(app.get(EventTracker).counters).toMatchObject({ accepted: 0, waiting: 1 });

    expect(await recorded()).toMatchObject([{ type: 'late', userId: 'alice' }]);
  });

  it.each([
    ['true', 1],
    ['false', 0],
    ['null', 0],
    ['0', 0],
  ])(
    'tracks %s of an asynchronous `when` %i time(s), and asks the other options only then',
    async (answer, times) => {
      await start();
      await call('POST', `when/${answer}`);

      expect(await recorded()).toHaveLength(times);
      expect(failures).toEqual([]);
    },
  );

  it('reports an invalid event and leaves the response alone', async () => {
    await start();

    expect(await call('POST', 'invalid')).toEqual({ status: 201, body: 'fine' });
    expect(await recorded()).toEqual([]);
    expect(failures).toMatchObject([
      {
        error: {
          code: 'EVENT_INVALID',
          problems: [{ path: 'traits.total', got: '-1', allowed: 'not less than 0' }],
        },
      },
    ]);
  });

  it('reports an event without a user', async () => {
    await start({});
    await call('POST', 'plain');

    expect(await recorded()).toEqual([]);
    expect(failures).toMatchObject([{ error: { problems: [{ path: 'userId', got: 'missing' }] } }]);
  });

  it('adds no interceptor to other handlers, and one however often it stands on one', async () => {
    await start();
    const interceptorsOf = (name: keyof ShopController): unknown[] | undefined =>
      Reflect.getMetadata(INTERCEPTORS_METADATA, ShopController.prototype[name]);

    expect((await call('GET', 'bare')).body).toBe('bare');
    expect(interceptorsOf('bare')).toBeUndefined();
    expect(interceptorsOf('like')).toHaveLength(1);
  });

  it('reports an event whose options were still being resolved when the time to shut down was over', async () => {
    const left: Error[] = [];
    await start({ tracking: { shutdownTimeout: 20, onError: (error) => void left.push(error) } });
    await call('POST', 'late/200');
    const tracker = app.get(EventTracker);
    await app.close();
    while (tracker.counters.waiting > 0) await new Promise(setImmediate);

    expect(left).toMatchObject([{ code: 'TRACKER_CLOSED' }]);
    expect(tracker.counters).toMatchObject({ recorded: 0, failed: 1 });
  });

  it('records what requests tracked just before the shutdown', async () => {
    await start();
    let atShutdown = 0;
    const tracker = app.get(EventTracker);
    tracker.events$.subscribe(() => atShutdown++);
    await Promise.all(Array.from({ length: 20 }, () => call('POST', 'plain')));

    await app.close();

    expect(atShutdown).toBe(20);
    expect(tracker.counters).toMatchObject({ recorded: 20, waiting: 0 });
    expect(tracker.enqueue('late', { userId: 'alice' })).toBe(false);
  });
});
