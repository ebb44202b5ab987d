import { setTimeout as delay } from 'node:timers/promises';
import { withFile } from './application.js';
import { Child } from './child.js';
import { EVENTS, WARM } from './delivery-settings.js';
import { withSchema } from './durable.js';
import { alternate } from './measure.js';
import { type Figure, report } from './report.js';

const REPEATS = 5;
/** How long it is waited for events that a client believes to be delivered, in milliseconds. */
const GRACE = 2_000;

const QUEUE = 'plain queue over undici';
const CHECKED_QUEUE = 'plain queue, events checked';
const MEMORY = 'ours, from memory';
const CHECKED_MEMORY = 'ours, from memory, events checked';
const SQLITE = 'ours, from the log, SQLite';
const POSTGRES = 'ours, from the log, PostgreSQL';
const SQLITE_DRAIN = 'ours, the log drained, SQLite';
const POSTGRES_DRAIN = 'ours, the log drained, PostgreSQL';
const PEERS = ['mixpanel', 'posthog-node', '@segment/analytics-node'] as const;
type Contestant =
  | typeof QUEUE
  | typeof CHECKED_QUEUE
  | typeof MEMORY
  | typeof CHECKED_MEMORY
  | typeof SQLITE
  | typeof POSTGRES
  | typeof SQLITE_DRAIN
  | typeof POSTGRES_DRAIN
  | (typeof PEERS)[number];

/** What is asked for, as a part of the plain queue's rate. */
const TARGETS: Readonly<Record<string, number>> = {
  [MEMORY]: 0.7,
  [CHECKED_MEMORY]: 0.7,
  [SQLITE]: 0.4,
  [POSTGRES]: 0.4,
};

interface Sample {
  readonly perSecond: number;
  readonly microseconds: number;
  readonly rss: number;
  readonly sinkMicroseconds: number;
  readonly lost: number;
  readonly doubled: number;
}

interface Sunk {
  readonly different: number;
  readonly doubled: number;
  readonly markedAt: number;
  readonly lastAt: number;
  readonly cpu: NodeJS.CpuUsage;
}

interface Run {
  readonly startedAt: number;
  readonly microseconds: number;
  readonly rss: number;
}

/**
 * Events delivered a second, from the first call until the last event arrived, beside a plain queue in memory and the
 * clients of three analytics services. Each contestant runs in a fresh process, and the sink in yet another one.
 */
export async function delivery(): Promise<void> {
  const postgres = process.env.BENCH_POSTGRES_URL;
  if (!postgres) console.log('\ndelivery from PostgreSQL: skipped, as BENCH_POSTGRES_URL is not set');
  const ours: readonly Contestant[] = [
    MEMORY,
    CHECKED_MEMORY,
    SQLITE,
    SQLITE_DRAIN,
    ...(postgres ? ([POSTGRES, POSTGRES_DRAIN] as const) : []),
  ];
  const contestants: readonly Contestant[] = [QUEUE, CHECKED_QUEUE, ...ours, ...PEERS];
  const sink = await Child.start('delivery-sink.child.js', String(WARM + EVENTS), String(WARM));
  try {
    const samples = await alternate(REPEATS, contestants, (contestant) => measure(contestant, sink));
    for (const contestant of [QUEUE, CHECKED_QUEUE, ...ours] as const) {
      const bad = samples[contestant].find(({ lost, doubled }) => lost + doubled > 0);
      if (bad) throw new Error(`${contestant}: ${bad.lost} events lost, ${bad.doubled} doubled`);
    }
    const of = (contestant: Contestant, pick: (sample: Sample) => number) => samples[contestant].map(pick);
    const rate = ({ perSecond }: Sample) => perSecond;
    const microseconds = (sample: Sample) => sample.microseconds;
    const figures = (metric: string, unit: string, pick: (sample: Sample) => number): Figure[] =>
      contestants.map((contestant) => ({
        bench: 'delivery',
        contestant,
        metric,
        unit,
        samples: of(contestant, pick),
      }));
    const besideTheQueue = (pick: (sample: Sample) => number, lessIsBetter: boolean) => (figure: Figure) => {
      if (figure.contestant === QUEUE) return figure;
      const target = lessIsBetter ? undefined : TARGETS[figure.contestant];
      const beside = figure.contestant === CHECKED_MEMORY ? CHECKED_QUEUE : QUEUE;
      const against = { contestant: beside, samples: of(beside, pick), lessIsBetter };
      return { ...figure, against: target ? { ...against, target } : against };
    };
    const fastestPeer = Array.from({ length: REPEATS }, (_, repeat) =>
      Math.max(...PEERS.map((peer) => samples[peer][repeat]?.perSecond ?? 0)),
    );
    report(`delivery: ${EVENTS.toLocaleString('en')} events end to end, in batches of 500`, [
      ...figures('events a second', '1/s', rate).map(besideTheQueue(rate, false)),
      ...ours.map((contestant) => ({
        bench: 'delivery',
        contestant,
        metric: 'beside the peers',
        unit: '1/s',
        samples: of(contestant, rate),
        against: { contestant: 'the fastest peer', samples: fastestPeer, target: 1 },
      })),
      ...figures('CPU an event', 'us', microseconds).map(besideTheQueue(microseconds, true)),
      ...figures('CPU an event, sink', 'us', ({ sinkMicroseconds }) => sinkMicroseconds),
      ...figures('peak rss', 'MB', ({ rss }) => rss / 1e6),
      ...figures('lost', 'events', ({ lost }) => lost),
      ...figures('doubled', 'events', ({ doubled }) => doubled),
    ]);
  } finally {
    await sink.stop();
  }
}

function measure(contestant: Contestant, sink: Child): Promise<Sample> {
  const drains = contestant === SQLITE_DRAIN || contestant === POSTGRES_DRAIN;
  const run = (name: string, storage = '') => runChild(name, storage, drains, sink);
  switch (contestant) {
    case QUEUE:
      return run('queue');
    case CHECKED_QUEUE:
      return run('checked queue');
    case MEMORY:
      return run('ours');
    case CHECKED_MEMORY:
      return run('checked ours');
    case SQLITE:
    case SQLITE_DRAIN:
      return withFile((file) => run('ours', `file:${file}`));
    case POSTGRES:
    case POSTGRES_DRAIN:
      return withSchema(process.env.BENCH_POSTGRES_URL ?? '', (url) => run('ours', url));
    default:
      return run(contestant);
  }
}

/** @param drains whether all is recorded before anything is delivered */
async function runChild(name: string, storage: string, drains: boolean, sink: Child): Promise<Sample> {
  await sink.ask('reset');
  const child = await Child.start('delivery.child.js', name, await sink.ask<string>('url'), storage);
  try {
    await child.ask(drains ? 'record' : 'warm');
    if (!drains) await arrived(sink, WARM);
    const before = await sink.ask<Sunk>('result');
    const { startedAt, microseconds, rss } = await child.ask<Run>(drains ? 'drain' : 'run');
    const { different, markedAt, lastAt, cpu } = await arrived(sink, WARM + EVENTS);
    await child.ask('close');
    const { doubled } = await sink.ask<Sunk>('result');
    const sinkCpu = cpu.user + cpu.system - before.cpu.user - before.cpu.system;
    return {
      // Of a drained log, the first events make it warm.
      perSecond: EVENTS / ((lastAt - (drains ? markedAt : startedAt)) / 1_000),
      microseconds,
      rss,
      sinkMicroseconds: sinkCpu / (drains ? WARM + EVENTS : EVENTS),
      lost: WARM + EVENTS - different,
      doubled,
    };
  } finally {
    await child.stop();
  }
}

/** What arrived, once so many events did; those that are not there then are lost. */
async function arrived(sink: Child, count: number): Promise<Sunk> {
  const deadline = performance.now() + GRACE;
  for (;;) {
    const sunk = await sink.ask<Sunk>('result');
    if (sunk.different >= count || performance.now() > deadline) return sunk;
    await delay(20);
  }
}
