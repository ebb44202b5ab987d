import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EventTracker } from 'nestjs-gamification';
import { openApplication, withFile } from './application.js';
import { measureDurable } from './durable.js';
import { recordingOrders } from './events.js';
import { HUNDRED_RULES } from './hundred-rules.js';
import { report } from './report.js';

const PLAYERS = 10_000;
const MEMORY_EVENTS = 1_000_000;
const MEMORY_CALLERS = 256;

/** Events with all their effects, beside a bare append of the same events. */
export async function engine(): Promise<void> {
  await measureDurable({
    bench: 'engine',
    title: `events with 100 rules, ${PLAYERS} players`,
    tables: [
      'gamification_events',
      'gamification_players',
      'gamification_outcomes',
      'gamification_board_members',
      'gamification_board_buckets',
      'gamification_entries',
      'gamification_balances',
      'gamification_authority_totals',
    ],
    targets: { sqlite: 0.2, postgres: 0.25 },
    options: { mechanics: HUNDRED_RULES },
    ...recordingOrders(PLAYERS),
  });
}

/** What a million events leave in memory. */
export async function memory(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };
  await withFile(async (file) => {
    const application = await openApplication({ storage: { url: `file:${file}` }, mechanics: HUNDRED_RULES });
    const tracker = application.get(EventTracker);
    const samples: number[] = [];
    for (let start = 0; start < MEMORY_EVENTS; start += MEMORY_CALLERS) {
      await Promise.all(
        Array.from({ length: MEMORY_CALLERS }, (_, index) =>
          tracker.track('order.placed', {
            userId: `user-${(start + index) % PLAYERS}`,
            traits: { orderNumber: `order-${start + index}`, total: index },
          }),
        ),
      );
      if ((start / MEMORY_CALLERS + 1) % 390 === 0) samples.push(heap());
    }
    await application.close();
    const [first = 0] = samples;
    report(`memory: heap in use, every 100,000 of ${MEMORY_EVENTS} events`, [
      { bench: 'memory', contestant: 'nestjs-gamification', metric: 'heap', unit: 'MiB', samples },
      {
        bench: 'memory',
        contestant: 'nestjs-gamification',
        metric: 'heap after all',
        unit: 'MiB',
        samples: [samples.at(-1) ?? 0],
        against: { contestant: 'after the first tenth', samples: [first], lessIsBetter: true, target: 0.9 },
      },
    ]);
  });
}
