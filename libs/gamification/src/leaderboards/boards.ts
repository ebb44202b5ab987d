import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import { SHARE_BUCKETS } from './balance-boards.js';

/** Where a member stands: the smaller `behind`, the further ahead; of equal ones, the smaller `reachedAt`. */
export interface BoardKey {
  /** A safe integer. */
  readonly behind: number;
  /** Milliseconds since 1970. */
  readonly reachedAt: number;
}

/** A player is to stand somewhere on a board, or (no `to`) is to leave it. */
export interface BoardChange {
  readonly board: string;
  readonly userId: string;
  readonly to: BoardKey | undefined;
}

/** The bound of a board's first bucket, below every key. */
const LOWEST = Number.MIN_SAFE_INTEGER;

const MAKE_BOARDS = new Insert(
  'gamification_board_buckets',
  { board: 'text', behind: 'bigint', reached_at: 'bigint', user_id: 'text', members: 'bigint' },
  'on conflict do nothing',
);

/**
 * How the numbers of members change: where players are now, there is one less, and where they will be, one more.
 * Why there are `+x` and `x || ''`, board-places.ts tells.
 */
const MOVES = `
  select bucket, sum(n) as n from (
    select -1 as n, (
      select k.id from gamification_board_buckets k
      where k.board = m.board and (k.behind, k.reached_at, k.user_id) <= (+m.behind, +m.reached_at, m.user_id || '')
      order by k.behind desc, k.reached_at desc, k.user_id desc limit 1) as bucket
    from each($1) join gamification_board_members m
      on m.board = each.value ->> 0 and m.user_id = each.value ->> 1
    union all
    select 1 as n, (
      select k.id from gamification_board_buckets k
      where k.board = each.value ->> 0 and (k.behind, k.reached_at, k.user_id)
        <= (+cast(each.value ->> 2 as bigint), +cast(each.value ->> 3 as bigint), (each.value ->> 1) || '')
      order by k.behind desc, k.reached_at desc, k.user_id desc limit 1) as bucket
    from each($1) where each.value ->> 2 is not null
  ) keys group by bucket having sum(n) <> 0`;

/** The buckets are locked in one order, so that transactions cannot wait for each other in a circle. */
const MOVE_NUMBERS = new Statement({
  sqlite: `
    update gamification_board_buckets set members = members + moves.n from (${MOVES}) moves
    where id = moves.bucket`,
  postgres: `
    update gamification_board_buckets b set members = b.members + locked.n
    from (
      select k.id, moves.n from gamification_board_buckets k join (${MOVES}) moves on k.id = moves.bucket
      order by k.id for update of k
    ) locked
    where b.id = locked.id`,
});

const SAVE_MEMBERS = new Insert(
  'gamification_board_members',
  { board: 'text', user_id: 'text', behind: 'bigint', reached_at: 'bigint' },
  'on conflict (board, user_id) do update set behind = excluded.behind, reached_at = excluded.reached_at',
);

const REMOVE_MEMBERS = new Statement(`
  delete from gamification_board_members
  where (board, user_id) in (select each.value ->> 0, each.value ->> 1 from each($1))`);

/** The boards are those of the buckets, of which there are few; members have no index by user alone. */
const BOARDS_OF = new Statement(`
  select m.board, m.behind, m.reached_at
  from (select distinct board from gamification_board_buckets) b
  join gamification_board_members m on m.board = b.board and m.user_id = $1`);

/**
 * Queues the statements that bring players to their places. The caller has locked the players, so that nobody else moves
 * them, and names each at most once per board.
 */
export function writeBoards(sql: Sql, changes: readonly BoardChange[]): void {
  if (changes.length === 0) return;
  SHARE_BUCKETS.queue(sql);
  const boards = new Set(changes.map(({ board }) => board));
  sql.queue(MAKE_BOARDS.with([...boards].sort().map((board) => [board, LOWEST, LOWEST, '', 0])));
  sql.queue(
    MOVE_NUMBERS.with(
      changes.map(({ board, userId, to }) => [board, userId, to?.behind ?? null, to?.reachedAt ?? null]),
    ),
  );
  const stay = changes.flatMap(({ board, userId, to }) =>
    to ? [[board, userId, to.behind, to.reachedAt]] : [],
  );
  const leave = changes.flatMap(({ board, userId, to }) => (to ? [] : [[board, userId]]));
  if (stay.length > 0) sql.queue(SAVE_MEMBERS.with(stay));
  if (leave.length > 0) sql.queue(REMOVE_MEMBERS.with(leave));
}

/** The boards that a user is on, and where. */
export async function boardsOf(sql: Sql, userId: string): Promise<ReadonlyMap<string, BoardKey>> {
  const rows = await sql.rows<{ board: string; behind: number | string; reached_at: number | string }>(
    BOARDS_OF.with(userId),
  );
  return new Map(
    rows.map(({ board, behind, reached_at }) => [
      board,
      { behind: Number(behind), reachedAt: Number(reached_at) },
    ]),
  );
}
