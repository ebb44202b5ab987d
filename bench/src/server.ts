import autocannon from 'autocannon';
import { withFile } from './application.js';
import { Child } from './child.js';
import { withSchema } from './durable.js';
import { alternate } from './measure.js';
import { type Figure, report } from './report.js';
import { type Access, type Counted, WALLETS } from './server-settings.js';

const REPEATS = 5;
const CONNECTIONS = [1, 32];
const BATCH = 100;
/** Requests by which the first guess of the rate is made. */
const FIRST = 32;
const WARM_SECONDS = 1;
const SECONDS = 1.5;

const EMPTY = 'empty handler';

interface Sample {
  readonly perSecond: number;
  /** Of the server's main thread, a request. */
  readonly mainMicroseconds: number;
}

/** What a call of a protocol is, with as many of its things as it has. */
interface Call {
  readonly title: string;
  readonly path: string;
  readonly things: keyof Counted;
  readonly perRequest: number;
  /** The n-th request. */
  request(n: number, access: Access): { readonly headers: Record<string, string>; readonly body: string };
}

const PLACE = '#';
/** A hundred batches of a hundred users each; only the number of the request is to be put in. */
const BATCHES = Array.from({ length: 100 }, (_, batch) =>
  JSON.stringify(
    Array.from({ length: BATCH }, (_, index) => ({
      userId: `user-${batch * BATCH + index}`,
      idempotenceKey: `order-${PLACE}-${index}`,
      type: 'order.placed',
      orderNumber: `order-${PLACE}-${index}`,
      total: index,
    })),
  ),
);

const EVENTS: Call = {
  title: `GMFY, batches of ${BATCH} events`,
  path: '/v1/events/batch/',
  things: 'events',
  perRequest: BATCH,
  request: (n, { apiKey }) => ({
    headers: { 'x-api-key': apiKey },
    body: (BATCHES[n % BATCHES.length] ?? '').replaceAll(PLACE, String(n)),
  }),
};

const ENTRIES: Call = {
  title: "a wallet service's entries",
  path: '/api/v1/entry',
  things: 'entries',
  perRequest: 1,
  request: (n, { tokens }) => ({
    headers: { authorization: tokens[n % tokens.length] ?? '' },
    body: JSON.stringify({
      user_id: WALLETS[n % WALLETS.length],
      amount: -1,
      reason: `order ${n}`,
      item: null,
    }),
  }),
};

/**
 * Requests a second of two protocols, beside a handler that parses the same bodies and does nothing. The server of each
 * repeat and contestant is a fresh process; the load comes from this one.
 */
export async function server(): Promise<void> {
  const url = process.env.BENCH_POSTGRES_URL;
  if (!url) console.log('\nserver on PostgreSQL: skipped, as BENCH_POSTGRES_URL is not set');
  const databases = url ? ['SQLite', 'PostgreSQL'] : ['SQLite'];
  for (const call of [EVENTS, ENTRIES]) {
    const rules = call === EVENTS ? databases.map((database) => `${database}, 100 rules`) : [];
    for (const connections of CONNECTIONS) {
      const contestants = [EMPTY, ...databases, ...rules];
      const samples = await alternate(REPEATS, contestants, (contestant) =>
        measure(call, connections, contestant),
      );
      report(
        `server: ${call.title}, connections: ${connections}`,
        contestants.flatMap((contestant) => {
          const figure = (metric: string, unit: string, pick: (sample: Sample) => number): Figure => ({
            bench: 'server',
            contestant,
            metric: `${metric}, ${call.things}, connections: ${connections}`,
            unit,
            samples: (samples[contestant] ?? []).map(pick),
            ...(contestant === EMPTY
              ? {}
              : {
                  against: {
                    contestant: EMPTY,
                    samples: (samples[EMPTY] ?? []).map(pick),
                    lessIsBetter: unit === 'us',
                  },
                }),
          });
          return [
            figure('requests a second', '1/s', ({ perSecond }) => perSecond),
            ...(call.perRequest > 1
              ? [figure('a second', '1/s', ({ perSecond }) => perSecond * call.perRequest)]
              : []),
            figure('CPU a request, main thread', 'us', ({ mainMicroseconds }) => mainMicroseconds),
          ];
        }),
      );
    }
  }
}

function measure(call: Call, connections: number, contestant: string): Promise<Sample> {
  if (contestant === EMPTY) return measureOne(call, connections, 'empty', '');
  const served = contestant.endsWith('rules') ? 'rules' : 'protocols';
  const url = process.env.BENCH_POSTGRES_URL ?? '';
  return contestant.startsWith('SQLite')
    ? withFile((file) => measureOne(call, connections, served, `file:${file}`))
    : withSchema(url, (inSchema) => measureOne(call, connections, served, inSchema));
}

/** Each load is as large as the rate of the one before it tells, and the last one counts. */
async function measureOne(call: Call, connections: number, served: string, storage: string): Promise<Sample> {
  const child = await Child.start('protocols.child.js', served, storage);
  try {
    const access = await child.ask<Access>('open');
    let sent = 0;
    const load = async (amount: number): Promise<number> => {
      const requests = Math.ceil(amount / connections) * connections;
      return send(call, access, connections, requests, () => sent++);
    };
    const first = await load(FIRST);
    const warm = await load(first * WARM_SECONDS);
    const before = sent;
    await child.ask('begin');
    const perSecond = await load(warm * SECONDS);
    const microseconds = await child.ask<number>('end');
    const counted = (await child.ask<Counted>('counted'))[call.things];
    if (counted !== sent * call.perRequest) {
      throw new Error(`${call.path}: ${sent} requests of ${call.perRequest}, but ${counted} ${call.things}`);
    }
    return { perSecond, mainMicroseconds: microseconds / (sent - before) };
  } finally {
    await child.stop();
  }
}

/**
 * Sends so many requests and waits for all answers.
 *
 * @param number gives each request its number
 * @returns answers a second, until the last one
 * @throws unless all answers were good
 */
async function send(
  { path, request }: Call,
  access: Access,
  connections: number,
  amount: number,
  number: () => number,
): Promise<number> {
  const start = performance.now();
  let end = start;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const load = autocannon(
      {
        url: `http://127.0.0.1:${access.port}`,
        connections,
        amount,
        timeout: 60,
        requests: [
          {
            method: 'POST',
            path,
            setupRequest: (common) => {
              const { headers, body } = request(number(), access);
              return { ...common, headers: { 'content-type': 'application/json', ...headers }, body };
            },
          },
        ],
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
    // It notices only at its next tick that it is done.
    load.on('response', () => {
      end = performance.now();
    });
  });
  const { '2xx': good, non2xx, errors } = result;
  if (good !== amount || non2xx + errors > 0) {
    throw new Error(
      `${path}: of ${amount} requests ${good} good answers, ${non2xx} bad ones, ${errors} errors`,
    );
  }
  return amount / ((end - start) / 1_000);
}
