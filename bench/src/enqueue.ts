import { withFile } from './application.js';
import { Child } from './child.js';
import { alternate } from './measure.js';
import { type Figure, report } from './report.js';

const REPEATS = 5;
const BURST_REPEATS = 3;
const BURST = 50_000;
/** What every client sent before the burst, to be warm. */
const WARM = 500;
const OURS = 'nestjs-gamification';
const PEERS = ['posthog-node', '@segment/analytics-node'] as const;
const CONTESTANTS = [OURS, ...PEERS] as const;

/** Microseconds. */
interface Calls {
  /** Until the call returned. */
  readonly calls: number;
  /** With what it left to microtasks. */
  readonly all: number;
}

interface Burst {
  readonly milliseconds: number;
  readonly flushMilliseconds: number;
  readonly heap: number;
  readonly rss: number;
  readonly recorded?: number;
}

/**
 * What handing over one event costs the caller, and a burst of 50,000 in one tick, beside the clients of two analytics
 * services. Each contestant runs in a fresh process; what the clients send goes to a server in yet another one.
 */
export async function enqueue(): Promise<void> {
  const sink = await Child.start('sink.child.js');
  try {
    const url = await sink.ask<string>('url');
    const run = <T>(contestant: string, question: string): Promise<T> =>
      withFile(async (file) => {
        const child = await Child.start('enqueue.child.js', contestant, contestant === OURS ? file : url);
        const result = await child.ask<T>(question);
        await child.stop();
        return result;
      });

    const calls = await alternate(REPEATS, CONTESTANTS, (contestant) => run<Calls>(contestant, 'calls'));
    const bursts = await alternate(BURST_REPEATS, CONTESTANTS, async (contestant) => {
      await sink.ask('received');
      const burst = await run<Burst>(contestant, 'burst');
      const arrived = burst.recorded ?? (await sink.ask<number>('received')) - WARM;
      return { ...burst, lost: BURST - arrived };
    });
    if (bursts[OURS].some(({ lost }) => lost !== 0)) throw new Error('events of the burst were lost');

    type Samples = (contestant: (typeof CONTESTANTS)[number]) => readonly number[];
    const figures = (metric: string, unit: string, samples: Samples, compared = false): Figure[] =>
      CONTESTANTS.map((contestant) => ({
        bench: 'enqueue',
        contestant,
        metric,
        unit,
        samples: samples(contestant),
        ...(compared && contestant === OURS ? { against: fasterPeer(samples) } : {}),
      }));
    const ofBurst = (metric: string, unit: string, pick: (burst: Burst & { lost: number }) => number) =>
      figures(metric, unit, (contestant) => bursts[contestant].map(pick));
    report(`enqueue: one call, and a burst of ${BURST.toLocaleString('en')} in one tick`, [
      ...figures('call', 'us', (contestant) => calls[contestant].map((each) => each.calls), true),
      ...figures(
        'call and its microtasks',
        'us',
        (contestant) => calls[contestant].map(({ all }) => all),
        true,
      ),
      ...figures(
        'burst',
        'ms',
        (contestant) => bursts[contestant].map(({ milliseconds }) => milliseconds),
        true,
      ),
      ...ofBurst('burst: to flush', 'ms', ({ flushMilliseconds }) => flushMilliseconds),
      ...ofBurst('burst: lost', 'events', ({ lost }) => lost),
      ...ofBurst('burst: heap', 'MB', ({ heap }) => heap / 1e6),
      ...ofBurst('burst: peak rss', 'MB', ({ rss }) => rss / 1e6),
    ]);
  } finally {
    await sink.stop();
  }
}

/** The lower time in each repeat. */
function fasterPeer(samples: (peer: (typeof PEERS)[number]) => readonly number[]) {
  const [first, second] = [samples(PEERS[0]), samples(PEERS[1])];
  return {
    contestant: 'the faster peer',
    samples: first.map((time, repeat) => Math.min(time, second[repeat] ?? time)),
    lessIsBetter: true,
    target: 2,
  };
}
