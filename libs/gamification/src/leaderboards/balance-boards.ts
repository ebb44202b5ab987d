import type { WriteCommand } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';

/** Buckets that are split, or merged, in one transaction. */
const MAX_AT_ONCE = 100;
/** Members of a bucket beyond which it is split, on small boards. */
const MIN_LIMIT = 256;

/**
 * While members are counted into buckets, nobody may change the bounds, or counts would go to the wrong one. On PostgreSQL,
 * who changes bounds does not wait until all who count have committed, because others would wait behind it, for as long
 * as an application's own transaction lasts: it leaves it to the next time. SQLite has one writer at a time.
 */
const LOCK_NUMBER = 0x67616d65;

const SHARED = new Statement({
  sqlite: 'select 1',
  postgres: `select pg_advisory_xact_lock_shared(${LOCK_NUMBER})`,
}).with();
const TRY_EXCLUSIVE = new Statement({
  sqlite: 'select 1 as locked',
  postgres: `select case when pg_try_advisory_xact_lock(${LOCK_NUMBER}) then 1 else 0 end as locked`,
}).with();

/** Queued by whoever counts members into buckets. */
export const SHARE_BUCKETS = {
  queue(sql: Sql): void {
    if (sql.dialect === 'postgres') sql.queue(SHARED);
  },
};

const SIZES = new Statement(`
  select k.board, sum(k.members) as size, max(k.members) as largest
  from each($1) join gamification_board_buckets k on k.board = each.value ->> 0
  group by k.board`);

const LARGE = new Statement(`
  select id, board, behind, reached_at, user_id, members from gamification_board_buckets
  where board = $1 and members > $2 order by members desc limit ${MAX_AT_ONCE}`);

const MIDDLE = new Statement(`
  select behind, reached_at, user_id from gamification_board_members
  where board = $1 and (behind, reached_at, user_id) >= ($2, $3, $4)
  order by behind, reached_at, user_id limit 1 offset $5`);

const ADD_BUCKET = new Statement(`
  insert into gamification_board_buckets (board, behind, reached_at, user_id, members)
  values ($1, $2, $3, $4, $5)`);

const SET_MEMBERS = new Statement('update gamification_board_buckets set members = $2 where id = $1');

/** Neighbours that are small enough to be one. */
const SMALL = new Statement(`
  select before, id, size from (
    select id, lag(id) over in_order as before, members + lag(members) over in_order as size
    from gamification_board_buckets where board = $1
    window in_order as (order by behind, reached_at, user_id)
  ) pairs
  where size < $2 order by size limit ${MAX_AT_ONCE}`);

const REMOVE_BUCKET = new Statement('delete from gamification_board_buckets where id = $1');

interface BucketRow {
  readonly id: number | string;
  readonly board: string;
  readonly behind: number | string;
  readonly reached_at: number | string;
  readonly user_id: string;
  readonly members: number | string;
}

/**
 * The boards, of some, that have buckets which are to be split. A rank is the sum of the buckets ahead and a part of one,
 * so it costs least when there are as many buckets as a bucket has members: the root of their product.
 */
export async function unbalanced(
  sql: Sql,
  boards: Iterable<string>,
): Promise<readonly { readonly board: string; readonly limit: number }[]> {
  const rows = await sql.rows<{ board: string; size: number | string; largest: number | string }>(
    SIZES.with([...boards].map((board) => [board])),
  );
  return rows.flatMap(({ board, size, largest }) => {
    const limit = Math.max(MIN_LIMIT, Math.ceil(Math.sqrt(Number(size))));
    return Number(largest) > limit ? [{ board, limit }] : [];
  });
}

/**
 * Splits the buckets of boards that have become large, and merges small ones: players move on and leave empty ones behind.
 */
export const balanceBoards: WriteCommand<readonly string[], void> = {
  name: 'boards-balance',

  async run(sql, inputs) {
    const [row] = await sql.rows<{ locked: number }>(TRY_EXCLUSIVE);
    const boards = row?.locked === 1 ? await unbalanced(sql, new Set(inputs.flat())) : [];
    for (const { board, limit } of boards) {
      for (const bucket of await sql.rows<BucketRow>(LARGE.with(board, limit))) await split(sql, bucket);
      await merge(sql, board, Math.floor(limit / 2));
    }
    return inputs.map(() => ({ ok: true, value: undefined }));
  },
};

async function split(
  sql: Sql,
  { id, board, behind, reached_at, user_id, members }: BucketRow,
): Promise<void> {
  const half = Math.floor(Number(members) / 2);
  const [middle] = await sql.rows<BucketRow>(
    MIDDLE.with(board, Number(behind), Number(reached_at), user_id, half),
  );
  if (!middle) return;
  const bound = [Number(middle.behind), Number(middle.reached_at), middle.user_id] as const;
  sql.queue(SET_MEMBERS.with(Number(id), half));
  sql.queue(ADD_BUCKET.with(board, ...bound, Number(members) - half));
}

/** @param limit members that two neighbours may have together to become one */
async function merge(sql: Sql, board: string, limit: number): Promise<void> {
  const pairs = await sql.rows<{ before: number | string; id: number | string; size: number | string }>(
    SMALL.with(board, limit),
  );
  const merged = new Set<number>();
  for (const pair of pairs) {
    const [before, id] = [Number(pair.before), Number(pair.id)];
    if (merged.has(before) || merged.has(id)) continue;
    merged.add(before).add(id);
    sql.queue(SET_MEMBERS.with(before, Number(pair.size)));
    sql.queue(REMOVE_BUCKET.with(id));
  }
}
