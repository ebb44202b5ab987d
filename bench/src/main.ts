import 'reflect-metadata';
import { delivery } from './delivery.js';
import { engine, memory } from './engine.js';
import { enqueue } from './enqueue.js';
import { events } from './events.js';
import { handler } from './handler.js';
import { leaderboard } from './leaderboard.js';
import { mechanics } from './mechanics.js';
import { outage } from './outage.js';
import { server } from './server.js';
import { wallets } from './wallets.js';

const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = {
  enqueue,
  handler,
  events,
  wallets,
  mechanics,
  engine,
  leaderboard,
  memory,
  delivery,
  outage,
  server,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(1);
}
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (names.length === 0 || names.includes(name)) await run();
}
