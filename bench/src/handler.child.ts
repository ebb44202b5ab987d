/** The server of one contestant of the benchmark `handler`: `node handler.child.js ADAPTER CONTESTANT FILE`. */
import 'reflect-metadata';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  type NestInterceptor,
  type Type,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { EventTracker, GamificationModule, type TrackContext, TrackEvent } from 'nestjs-gamification';
import { OrderPlaced } from './application.js';
import { answer, mainThreadTime } from './child.js';

interface Order {
  readonly id: string;
  readonly number: string;
  readonly total: number;
}

/** Room for a client that sends faster than events are recorded: how many wait in the end is reported. */
const QUEUE = 200_000;

let handled = 0;

/** What every contestant's handler does. */
function placeOrder(): Order {
  handled++;
  return { id: `order-${handled}`, number: `N${handled}`, total: handled % 100 };
}

@Injectable()
class NoopInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle();
  }
}

@Controller()
class BareController {
  @Get('orders')
  place(): Order {
    return placeOrder();
  }
}

@Controller('no-op')
class NoopController {
  @Get('orders')
  @UseInterceptors(NoopInterceptor)
  place(): Order {
    return placeOrder();
  }
}

@Controller('decorated')
class DecoratedController {
  @Get('orders')
  @TrackEvent(OrderPlaced, {
    idempotenceKey: ({ result }: TrackContext<Order>) => result.id,
    traits: ({ result }: TrackContext<Order>) => ({ orderNumber: result.number, total: result.total }),
  })
  place(): Order {
    return placeOrder();
  }
}

const [adapter, contestant = '', file = ''] = process.argv.slice(2);

@Module({ controllers: [BareController, NoopController] })
class WithoutModule {}

@Module({
  imports: [
    GamificationModule.forRoot({
      storage: { url: `file:${file}` },
      tracking: { maxQueueSize: QUEUE },
      user: ({ request }) => String(request.headers['x-user']),
    }),
  ],
  controllers: [BareController, NoopController, DecoratedController],
})
class WithModule {}

const roots: Readonly<Record<string, Type>> = {
  'without the module': WithoutModule,
  undecorated: WithModule,
  'no-op interceptor': WithoutModule,
  decorated: WithModule,
};
const root = roots[contestant];
if (!root) throw new Error(`unknown contestant ${contestant}`);

const application = await NestFactory.create(
  root,
  adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
  { logger: ['error', 'warn'] },
);
await application.listen(0, '127.0.0.1');
const tracker = root === WithModule ? application.get(EventTracker) : undefined;

let start = { handled, time: 0, main: 0, cpu: process.cpuUsage() };

answer(
  {
    port: async () => Number(new URL(await application.getUrl()).port),
    begin() {
      start = { handled, time: performance.now(), main: mainThreadTime(), cpu: process.cpuUsage() };
    },
    end() {
      const { user, system } = process.cpuUsage(start.cpu);
      const requests = handled - start.handled;
      return {
        perSecond: requests / ((performance.now() - start.time) / 1_000),
        mainMicroseconds: (mainThreadTime() - start.main) / 1_000 / requests,
        allMicroseconds: (user + system) / requests,
        waiting: tracker?.counters.waiting ?? 0,
      };
    },
    /** Fails unless every request's event is in the log, once. */
    async check() {
      if (contestant !== 'decorated' || !tracker) return;
      await tracker.flush(60_000);
      const { recorded, replayed, refused, failed } = tracker.counters;
      if (recorded !== handled || replayed + refused + failed > 0) {
        throw new Error(`${handled} requests, but ${JSON.stringify(tracker.counters)}`);
      }
    },
  },
  () => application.close(),
);
