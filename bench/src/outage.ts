import { withFile } from './application.js';
import { Child } from './child.js';
import { EVENTS, OUTAGE, TRACKED } from './outage-settings.js';
import { type Figure, report } from './report.js';

const MEMORY = 'ours, from memory';
const LOG = 'ours, from the log';
const CONTESTANTS = [MEMORY, LOG, 'mixpanel', 'posthog-node', '@segment/analytics-node'] as const;

interface Sunk {
  readonly different: number;
  readonly doubled: number;
}

interface Sample {
  readonly contestant: string;
  readonly lost: number;
  readonly doubled: number;
  /** What came with the next start only. */
  readonly afterwards: number;
  readonly closed: number;
}

/**
 * A sink that answers 503 for 45 seconds, while events are tracked at a steady rate, and then takes them; soon after,
 * the application is closed. All contestants run at the same time, each with a sink of its own.
 */
export async function outage(): Promise<void> {
  console.log(`\noutage: takes ${TRACKED / 1_000} s and as long as the slowest contestant takes to close`);
  const samples = await Promise.all(CONTESTANTS.map(measure));
  const figures = (metric: string, unit: string, pick: (sample: Sample) => number): Figure[] =>
    samples.map((sample) => ({
      bench: 'outage',
      contestant: sample.contestant,
      metric,
      unit,
      samples: [pick(sample)],
    }));
  report(`outage: ${EVENTS} events, of which the sink refused those of the first ${OUTAGE / 1_000} s`, [
    ...figures('lost', 'events', ({ lost }) => lost),
    ...figures('doubled', 'events', ({ doubled }) => doubled),
    ...figures('delivered at the next start', 'events', ({ afterwards }) => afterwards),
    ...figures('to close', 's', ({ closed }) => closed / 1_000),
  ]);
  for (const { contestant, lost, doubled } of samples) {
    const isOurs = contestant === MEMORY || contestant === LOG;
    if (isOurs && lost + doubled > 0) throw new Error(`${contestant}: ${lost} lost, ${doubled} doubled`);
  }
}

async function measure(contestant: (typeof CONTESTANTS)[number]): Promise<Sample> {
  const sink = await Child.start('delivery-sink.child.js', String(EVENTS), '0', String(OUTAGE));
  try {
    const url = await sink.ask<string>('url');
    const name = contestant === MEMORY || contestant === LOG ? 'ours' : contestant;
    return await withFile(async (file) => {
      // They complain of the outage, as they should.
      const child = await Child.startQuietly(
        'outage.child.js',
        name,
        url,
        contestant === LOG ? `file:${file}` : '',
      );
      try {
        await sink.ask('fail');
        const closed = await child.ask<number>('run');
        const atClose = await sink.ask<Sunk>('result');
        if (contestant === LOG) await child.ask('again');
        const { different, doubled } = await sink.ask<Sunk>('result');
        const afterwards = different - atClose.different;
        return { contestant, lost: EVENTS - different, doubled, afterwards, closed };
      } finally {
        await child.stop();
      }
    });
  } finally {
    await sink.stop();
  }
}
