import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pgTransaction } from 'nestjs-gamification';
import pg from 'pg';
import { SystemClock } from '../../libs/gamification/src/clock.js';
import type { Database } from '../../libs/gamification/src/database/database.js';
import type { WriteCommand } from '../../libs/gamification/src/database/group-commit.js';
import { Statement } from '../../libs/gamification/src/database/statement.js';
import { StorageOptions } from '../../libs/gamification/src/gamification.options.js';
import { balanceBoards } from '../../libs/gamification/src/leaderboards/balance-boards.js';
import {
  memberOf,
  membersAmong,
  membersAround,
  membersFrom,
  membersOfGroup,
  placesOf,
} from '../../libs/gamification/src/leaderboards/board-places.js';
import { type BoardChange, boardsOf, writeBoards } from '../../libs/gamification/src/leaderboards/boards.js';
import { openDatabase } from '../../libs/gamification/src/open-database.js';
import { storages, type TestStorage } from '../support/storages.js';

const BOARD = 'r/xp/all';
const MEMBERS = 3_072;

/** Writes changes as the engine does, several players in a transaction. */
const write: WriteCommand<readonly BoardChange[], void> = {
  name: 'boards-test',
  async run(sql, inputs) {
    writeBoards(sql, inputs.flat());
    return inputs.map(() => ({ ok: true, value: undefined }));
  },
};

interface Standing {
  readonly userId: string;
  readonly behind: number;
  readonly reachedAt: number;
}

describe.each(storages)('boards on $name', (kind) => {
  let storage: TestStorage;
  let databases: Database[];

  const open = () =>
    openDatabase(Object.assign(new StorageOptions(), { url: storage.url }), new SystemClock());
  const database = () => databases[0] as Database;
  const put = (changes: readonly BoardChange[], through = database()) =>
    through.write(write, changes, { keys: changes.map(({ userId }) => userId) });
  const to = (userId: string, behind: number, reachedAt = 0): BoardChange => ({
    board: BOARD,
    userId,
    to: { behind, reachedAt },
  });

  beforeEach(async () => {
    storage = await kind.create();
    databases = [await open()];
  });

  afterEach(async () => {
    for (const each of databases) await each.close(5_000);
    await storage.remove();
  });

  /** The whole board, read in pages, and what its buckets add up to. */
  async function all(): Promise<{
    members: readonly Standing[];
    places: readonly number[];
    counted: number;
  }> {
    return database().read(async (sql) => {
      const members = await membersFrom(sql, BOARD, { offset: 0, limit: 1_000_000, sort: 'asc' });
      const places = await placesOf(
        sql,
        members.map(({ userId, behind, reachedAt }) => ({
          board: BOARD,
          userId,
          key: { behind, reachedAt },
        })),
      );
      const [row] = await sql.rows<{ n: number | string }>(
        new Statement('select coalesce(sum(members), 0) as n from gamification_board_buckets').with(),
      );
      return { members, places, counted: Number(row?.n) };
    });
  }

  const plain = (standings: Iterable<Standing>) =>
    [...standings].sort(
      (a, b) => a.behind - b.behind || a.reachedAt - b.reachedAt || (a.userId < b.userId ? -1 : 1),
    );

  async function expectExactly(standings: Iterable<Standing>): Promise<void> {
    const sorted = plain(standings);
    const { members, places, counted } = await all();
    expect(members.map(({ userId, behind, reachedAt }) => ({ userId, behind, reachedAt }))).toEqual(sorted);
    expect(places).toEqual(sorted.map((_, index) => index + 1));
    expect(counted).toBe(sorted.length);
  }

  it('orders by who is ahead, then who was there first, then the user id', async () => {
    await put([to('c', -5, 2), to('b', -5, 1), to('a', -5, 2), to('d', -9, 9), to('😀', 0), to('￿', 0)]);
    const { members } = await all();
    expect(members.map(({ userId }) => userId)).toEqual(['d', 'b', 'a', 'c', '￿', '😀']);
  });

  it('answers ranges from both ends, those around one, and those among some', async () => {
    await put(Array.from({ length: 20 }, (_, index) => to(`u${String(index).padStart(2, '0')}`, index)));
    await database().read(async (sql) => {
      const ids = (members: readonly { userId: string; place: number }[]) =>
        members.map(({ userId, place }) => `${place} ${userId}`);
      expect(ids(await membersFrom(sql, BOARD, { offset: 2, limit: 2, sort: 'asc' }))).toEqual([
        '3 u02',
        '4 u03',
      ]);
      expect(ids(await membersFrom(sql, BOARD, { offset: 1, limit: 2, sort: 'desc' }))).toEqual([
        '19 u18',
        '18 u17',
      ]);
      expect(await membersFrom(sql, BOARD, { offset: 20, limit: 5, sort: 'desc' })).toEqual([]);
      expect(ids(await membersAround(sql, BOARD, 'u00', 1))).toEqual(['1 u00', '2 u01']);
      expect(ids(await membersAround(sql, BOARD, 'u10', 1))).toEqual(['10 u09', '11 u10', '12 u11']);
      expect(await membersAround(sql, BOARD, 'nobody', 1)).toEqual([]);
      expect(await memberOf(sql, BOARD, 'u19')).toMatchObject({ place: 20 });
      const range = { offset: 0, limit: 2, sort: 'desc' } as const;
      expect(ids(await membersAmong(sql, BOARD, ['u03', 'u07', 'u05', 'nobody'], range))).toEqual([
        '3 u07',
        '2 u05',
      ]);
      expect(await membersOfGroup(sql, BOARD, { trait: 'team', value: 'red' }, range)).toEqual([]);
      expect([...(await boardsOf(sql, 'u03'))]).toEqual([[BOARD, { behind: 3, reachedAt: 0 }]]);
    });
  });

  it('splits what became large and merges what became small, and counts the same all the while', async () => {
    const standings = new Map<string, Standing>();
    const move = async (changes: readonly BoardChange[]) => {
      await put(changes);
      for (const { userId, to: key } of changes) if (key) standings.set(userId, { userId, ...key });
    };
    // All with the same value: only the order of their arrival tells them apart.
    for (let start = 0; start < MEMBERS; start += 512) {
      await move(Array.from({ length: 512 }, (_, index) => to(`u${start + index}`, 0, start + index)));
    }
    for (let round = 0; round < 3; round++) {
      await database().write(balanceBoards, [BOARD], { keys: [] });
    }
    await expectExactly(standings.values());
    // Everybody moves on, and leaves the buckets empty.
    for (let start = 0; start < MEMBERS; start += 512) {
      await move(Array.from({ length: 512 }, (_, index) => to(`u${start + index}`, -10, start + index)));
    }
    for (let round = 0; round < 5; round++) {
      await database().write(balanceBoards, [BOARD], { keys: [] });
    }
    await expectExactly(standings.values());
    const deep = await database().read((sql) =>
      membersFrom(sql, BOARD, { offset: 2_500, limit: 1, sort: 'asc' }),
    );
    expect(deep).toMatchObject([{ userId: 'u2500', place: 2_501 }]);
    const [row] = await database().read((sql) =>
      sql.rows<{ n: number | string }>(
        new Statement('select count(*) as n from gamification_board_buckets').with(),
      ),
    );
    expect(Number(row?.n)).toBeLessThan(32);
  });

  it('is exact after any moves of several instances at once', async () => {
    if (kind.name !== 'SQLite in memory') databases.push(await open(), await open());
    let round = 0;
    const moves = fc.array(
      fc.record({
        user: fc.integer({ min: 0, max: 12 }),
        behind: fc.option(fc.integer({ min: -4, max: 4 }), { nil: undefined }),
        reachedAt: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(moves, async (list) => {
        const prefix = `r${round++}-`;
        // A user's moves go through one instance, as the engine's lock on the player has it.
        const last = new Map<string, Standing | undefined>();
        const lanes = databases.map(async (through, lane) => {
          for (const { user, behind, reachedAt } of list) {
            if (user % databases.length !== lane) continue;
            const userId = `${prefix}${user}`;
            const key = behind === undefined ? undefined : { behind, reachedAt };
            await put([{ board: BOARD, userId, to: key }], through);
            last.set(userId, key && { userId, ...key });
          }
        });
        const balancing = database().write(balanceBoards, [BOARD], { keys: [] });
        await Promise.all([...lanes, balancing]);
        await expectExactly([...last.values()].flatMap((standing) => standing ?? []));
        await put([...last.keys()].map((userId) => ({ board: BOARD, userId, to: undefined })));
      }),
      { numRuns: 25 },
    );
  });

  if (kind.name === 'PostgreSQL') {
    it("are left as they are while an application's transaction counts, and hold up nobody", async () => {
      await put(Array.from({ length: 600 }, (_, index) => to(`u${index}`, index)));
      const client = new pg.Client({ connectionString: storage.url });
      await client.connect();
      try {
        await client.query('begin');
        await database().write(write, [to('h', 3)], { keys: [], transaction: pgTransaction(client) });
        const balanced = database().write(balanceBoards, [BOARD], { keys: [] });
        await put([{ ...to('u0', 700), board: 'r/other/all' }]);
        await balanced;
        await client.query('commit');
      } finally {
        await client.end();
      }
      const own = await database().read((sql) => memberOf(sql, BOARD, 'h'));
      expect(own?.place).toBe(4);
    });
  }
});
