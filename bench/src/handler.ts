import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { withFile } from './application.js';
import { Child } from './child.js';
import { alternate } from './measure.js';
import { type Figure, report } from './report.js';

const REPEATS = 5;
const WARM_MILLISECONDS = 1_000;
const MILLISECONDS = 1_500;
/** Pipelined, because otherwise the client, which has the other core, is the slower side on Fastify. */
const LOAD = { connections: 40, pipelining: 4 };
const USERS = 100;

const WITHOUT = 'without the module';
const NOOP = 'no-op interceptor';
const UNDECORATED = 'undecorated';
const DECORATED = 'decorated';
const PATHS = {
  [WITHOUT]: '/orders',
  [UNDECORATED]: '/orders',
  [NOOP]: '/no-op/orders',
  [DECORATED]: '/decorated/orders',
};
type Contestant = keyof typeof PATHS;
const CONTESTANTS: readonly Contestant[] = [WITHOUT, UNDECORATED, NOOP, DECORATED];

interface Sample {
  readonly perSecond: number;
  readonly mainMicroseconds: number;
  readonly allMicroseconds: number;
  readonly waiting: number;
}

/**
 * Requests a second of a decorated handler, of the same handler behind a no-op interceptor and bare, with and without
 * the module. The server of each repeat and contestant is a fresh process; the load comes from this one.
 */
export async function handler(): Promise<void> {
  for (const adapter of ['express', 'fastify']) {
    const samples = await alternate(REPEATS, CONTESTANTS, (contestant) => measure(adapter, contestant));
    const figure = (
      contestant: Contestant,
      metric: keyof Sample,
      unit: string,
      against?: Contestant,
      target?: number,
    ): Figure => {
      const of = (name: Contestant) => samples[name].map((sample) => sample[metric]);
      const lessIsBetter = metric !== 'perSecond';
      return {
        bench: 'handler',
        contestant: `${contestant}, ${adapter}`,
        metric: METRICS[metric],
        unit,
        samples: of(contestant),
        ...(against
          ? {
              against: {
                contestant: against,
                samples: of(against),
                lessIsBetter,
                ...(target ? { target } : {}),
              },
            }
          : {}),
      };
    };
    report(`handler: requests on ${adapter}`, [
      figure(WITHOUT, 'perSecond', '1/s'),
      figure(UNDECORATED, 'perSecond', '1/s', WITHOUT, 0.97),
      figure(NOOP, 'perSecond', '1/s', WITHOUT),
      figure(DECORATED, 'perSecond', '1/s', NOOP, 0.9),
      figure(DECORATED, 'perSecond', '1/s', WITHOUT),
      figure(WITHOUT, 'mainMicroseconds', 'us'),
      figure(UNDECORATED, 'mainMicroseconds', 'us', WITHOUT),
      figure(NOOP, 'mainMicroseconds', 'us', WITHOUT),
      figure(DECORATED, 'mainMicroseconds', 'us', NOOP),
      figure(NOOP, 'allMicroseconds', 'us', WITHOUT),
      figure(DECORATED, 'allMicroseconds', 'us', NOOP),
      figure(DECORATED, 'waiting', 'events'),
    ]);
  }
}

const METRICS: Readonly<Record<keyof Sample, string>> = {
  perSecond: 'requests a second',
  mainMicroseconds: 'CPU a request, main thread',
  allMicroseconds: 'CPU a request, all threads',
  waiting: 'events waiting at the end',
};

async function measure(adapter: string, contestant: Contestant): Promise<Sample> {
  return withFile(async (file) => {
    const server = await Child.start('handler.child.js', adapter, contestant, file);
    try {
      const port = await server.ask<number>('port');
      const load = startLoad(port, PATHS[contestant]);
      await delay(WARM_MILLISECONDS);
      await server.ask('begin');
      await delay(MILLISECONDS);
      const sample = await server.ask<Sample>('end');
      await load.stop();
      await server.ask('check');
      return sample;
    } finally {
      await server.stop();
    }
  });
}

/** Loads the server until it is stopped, which fails if a request did. */
function startLoad(port: number, path: string): { stop(): Promise<void> } {
  const users = Array.from({ length: USERS }, (_, user) => `user-${user}`);
  let load: autocannon.Instance | undefined;
  const ended = new Promise<autocannon.Result>((resolve, reject) => {
    load = autocannon(
      {
        url: `http://127.0.0.1:${port}`,
        ...LOAD,
        duration: 60,
        requests: users.map((user) => ({ path, headers: { 'x-user': user } })),
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
  return {
    async stop() {
      load?.stop();
      const { non2xx, errors } = await ended;
      if (non2xx + errors > 0) throw new Error(`${path}: ${non2xx} bad answers, ${errors} errors`);
    },
  };
}
