import type { INestApplicationContext } from '@nestjs/common';
import { EventTracker, Leaderboards, Wallets } from 'nestjs-gamification';
import { Database } from '../../libs/gamification/dist/database/database.js';
import type { WriteCommand } from '../../libs/gamification/dist/database/group-commit.js';
import { Insert, Statement } from '../../libs/gamification/dist/database/statement.js';
import { balanceBoards } from '../../libs/gamification/dist/leaderboards/balance-boards.js';
import { type BoardChange, writeBoards } from '../../libs/gamification/dist/leaderboards/boards.js';
import { openApplication, withFile } from './application.js';
import { withSchema } from './durable.js';
import { alternate, median, seconds } from './measure.js';
import { report } from './report.js';

const SIZES = [10_000, 100_000, 1_000_000];
const CALLS = 301;
const MOVES = 4_000;
const BOARD = 'r/xp/all';

const MECHANICS = { ratings: { xp: { name: 'Experience', rules: [{ on: 'order', value: 'event.n' }] } } };

/** A leaderboard while events are written: places, the top and those around one, by size; and what a move costs. */
export async function leaderboard(): Promise<void> {
  await withFile((file) => measure('SQLite', `file:${file}`, 1));
  const url = process.env.BENCH_POSTGRES_URL;
  if (url) await withSchema(url, (inSchema) => measure('PostgreSQL', inSchema, 1.5));
  else console.log('\nleaderboard on PostgreSQL: skipped, as BENCH_POSTGRES_URL is not set');
}

/** @param limit what a read may take beyond an empty query, in milliseconds */
async function measure(database: string, url: string, limit: number): Promise<void> {
  const application = await openApplication({ storage: { url }, mechanics: MECHANICS });
  try {
    let members = 0;
    for (const size of SIZES) {
      await fill(application, members, size);
      members = size;
      await measureReads(application, database, size, limit);
    }
    await measureMoves(application, database);
  } finally {
    await application.close();
  }
}

async function measureReads(
  application: INestApplicationContext,
  database: string,
  size: number,
  limit: number,
): Promise<void> {
  const boards = application.get(Leaderboards);
  const tracker = application.get(EventTracker);
  const wallets = application.get(Wallets);
  let writing = true;
  let written = 0;
  const writer = (async () => {
    while (writing) {
      await tracker.track('order', { userId: member((written * 7_919) % size), traits: { n: 3 } });
      written++;
    }
  })();
  const calls = {
    empty: () => wallets.checkHealth(),
    rank: (index: number) => boards.rank('xp', member((index * 104_729) % size)),
    top: () => boards.top('xp', { limit: 10 }),
    around: (index: number) => boards.around('xp', member((index * 15_485_863) % size), 5),
  };
  const times: Record<string, number[]> = { empty: [], rank: [], top: [], around: [] };
  for (let index = 0; index < CALLS; index++) {
    for (const [name, call] of Object.entries(calls)) {
      times[name]?.push((await seconds(() => call(index))) * 1_000);
    }
  }
  writing = false;
  await writer;
  const empty = median(times.empty ?? []);
  const common = { bench: 'leaderboard', contestant: 'nestjs-gamification', unit: 'ms' };
  report(`leaderboard: ${size.toLocaleString('en')} members, ${database}, while events are written`, [
    { ...common, metric: 'empty query', samples: [empty] },
    ...['rank', 'top', 'around'].map((name) => ({
      ...common,
      metric: `${name}, beyond an empty query`,
      samples: [Math.max(0.001, median(times[name] ?? []) - empty)],
      against: { contestant: `${limit} ms`, samples: [limit], lessIsBetter: true, target: 1 },
    })),
  ]);
}

/** Moves of one player at a time, beside an upsert of the same row without the numbers for ranks. */
async function measureMoves(application: INestApplicationContext, database: string): Promise<void> {
  const storage = application.get(Database, { strict: false });
  const upsert = new Insert(
    'gamification_board_members',
    { board: 'text', user_id: 'text', behind: 'bigint', reached_at: 'bigint' },
    'on conflict (board, user_id) do update set behind = excluded.behind, reached_at = excluded.reached_at',
  );
  const commands: Record<'ours' | 'plain', WriteCommand<BoardChange, void>> = {
    ours: {
      name: 'bench-ours',
      async run(sql, changes) {
        writeBoards(sql, changes);
        return changes.map(() => ({ ok: true, value: undefined }));
      },
    },
    plain: {
      name: 'bench-plain',
      async run(sql, changes) {
        sql.queue(
          upsert.with(
            changes.map(({ board, userId, to }) => [board, userId, to?.behind ?? 0, to?.reachedAt ?? 0]),
          ),
        );
        return changes.map(() => ({ ok: true, value: undefined }));
      },
    },
  };
  let round = 0;
  const { ours, plain } = await alternate(7, ['ours', 'plain'], async (name) => {
    round++;
    // Plain moves would leave the numbers wrong, so those go to another board.
    const board = name === 'ours' ? BOARD : 'plain';
    const changes = Array.from({ length: MOVES }, (_, index): BoardChange => {
      const user = (index * 104_729 + round) % 1_000_000;
      return { board, userId: member(user), to: { behind: -scoreOf(user) - round, reachedAt: user } };
    });
    return (
      MOVES /
      (await seconds(() =>
        Promise.all(
          changes.map((change) => storage.write(commands[name], change, { keys: [change.userId] })),
        ),
      ))
    );
  });
  const common = { bench: 'leaderboard', metric: `moves a second, ${database}`, unit: '1/s' };
  report(`leaderboard: moves among 1,000,000 members, ${database}`, [
    {
      ...common,
      contestant: 'nestjs-gamification',
      samples: ours,
      against: { contestant: 'plain upsert', samples: plain, target: 0.5 },
    },
    { ...common, contestant: 'plain upsert', samples: plain },
  ]);
}

/** Brings the board, and for the plain moves another one, to a size. */
async function fill(application: INestApplicationContext, from: number, to: number): Promise<void> {
  const storage = application.get(Database, { strict: false });
  const put: WriteCommand<readonly BoardChange[], void> = {
    name: 'bench-fill',
    async run(sql, inputs) {
      writeBoards(sql, inputs.flat());
      return inputs.map(() => ({ ok: true, value: undefined }));
    },
  };
  for (let start = from; start < to; start += 5_000) {
    const count = Math.min(5_000, to - start);
    const changes = Array.from({ length: count }, (_, index): BoardChange => {
      const user = start + index;
      return { board: BOARD, userId: member(user), to: { behind: -scoreOf(user), reachedAt: user } };
    });
    await storage.write(put, changes, { keys: [] });
    await storage.write(
      put,
      changes.map((change) => ({ ...change, board: 'plain' })),
      { keys: [] },
    );
    for (let again = 0; again < 12; again++) await storage.write(balanceBoards, [BOARD], { keys: [] });
  }
  const [row] = await storage.read((sql) =>
    sql.rows<{ n: number | string }>(
      new Statement('select count(*) as n from gamification_board_buckets where board = $1').with(BOARD),
    ),
  );
  console.log(`${to} members in ${row?.n} buckets`);
}

function member(index: number): string {
  return `user-${index}`;
}

/** Most players have little, and many have the same. */
function scoreOf(index: number): number {
  return Math.floor(1_000_000 / (1 + ((index * 7_919) % 99_991)));
}
