import type { Sql } from '../database/sql.js';
import { type Dialect, Statement } from '../database/statement.js';
import { identifierRows } from '../validation.js';
import type { BoardKey } from './boards.js';

/** A member with its place, 1 for the first. */
export interface BoardMember extends BoardKey {
  readonly userId: string;
  readonly place: number;
}

/** Which part of a board is wanted. */
export interface BoardRange {
  readonly offset: number;
  readonly limit: number;
  /** `asc`: from the first place down; `desc`: from the last place up. */
  readonly sort: 'asc' | 'desc';
}

/** A place on a board that is asked for. */
export interface PlaceWanted {
  readonly board: string;
  readonly userId: string;
  readonly key: BoardKey;
}

/** A statement whose text differs in a part. */
function forEachDialect(text: (dialect: Dialect) => string): Statement {
  return new Statement({ sqlite: text('sqlite'), postgres: text('postgres') });
}

/** The bucket that a key belongs into: the one with the greatest bound that is not greater. */
const bucketOf = (board: string, key: string) => `(
  select k.id from gamification_board_buckets k where k.board = ${board} and (k.behind, k.reached_at, k.user_id) <= (${key})
  order by k.behind desc, k.reached_at desc, k.user_id desc limit 1)`;

/**
 * Members of a bucket before a key, without the user's own row. PostgreSQL would read on behind the key, to the end of all
 * that are `behind` as far, where the number of members did not end it; SQLite takes no limit from a row, and needs none.
 */
const AHEAD_IN_BUCKET: Readonly<Record<Dialect, string>> = {
  sqlite: `(
    select count(*) from gamification_board_members m
    where m.board = b.board and (m.behind, m.reached_at, m.user_id) >= (+b.behind, +b.reached_at, b.user_id || '')
      and (m.behind, m.reached_at, m.user_id) < (+keys.behind, +keys.reached_at, keys.user_id || '')
      and m.user_id <> keys.user_id)`,
  postgres: `(
    select count(*) from (
      select m.behind, m.reached_at, m.user_id from gamification_board_members m
      where m.board = b.board and (m.behind, m.reached_at, m.user_id) >= (b.behind, b.reached_at, b.user_id)
        and m.behind <= keys.behind
      order by m.behind, m.reached_at, m.user_id limit b.members) m
    where (m.behind, m.reached_at, m.user_id) < (keys.behind, keys.reached_at, keys.user_id)
      and m.user_id <> keys.user_id)`,
};

/** The user's own row, where it is counted among those of the buckets ahead. It is looked up by the user, not by its place. */
const OWN_AHEAD = `(
  select count(*) from gamification_board_members o
  where o.board = b.board and o.user_id = keys.user_id
    and (+o.behind, +o.reached_at, o.user_id || '') < (b.behind, b.reached_at, b.user_id))`;

/** All members of the buckets ahead of one. */
const AHEAD_OF_BUCKET = `(
  select coalesce(sum(k.members), 0) from gamification_board_buckets k
  where k.board = b.board and (k.behind, k.reached_at, k.user_id) < (+b.behind, +b.reached_at, b.user_id || ''))`;

const KEYS = `keys as materialized (
  select each.key as place, each.value ->> 0 as board, cast(each.value ->> 1 as bigint) as behind,
    cast(each.value ->> 2 as bigint) as reached_at, each.value ->> 3 as user_id,
    ${bucketOf('each.value ->> 0', "+cast(each.value ->> 1 as bigint), +cast(each.value ->> 2 as bigint), (each.value ->> 3) || ''")} as bucket
  from each($1))`;

/**
 * How many are ahead of keys: all members of the buckets that are wholly ahead, and of the key's own bucket those from its
 * bound up to the key. The user's own row does not count.
 *
 * `+x` and `x || ''` change nothing but that SQLite takes them for values: only then does it look up all parts of a key in
 * the index, and not only the first.
 */
const PLACES = forEachDialect(
  (dialect) => `
  with ${KEYS}
  select keys.place, 1 + ${AHEAD_OF_BUCKET} + ${AHEAD_IN_BUCKET[dialect]} - ${OWN_AHEAD} as ahead
  from keys join gamification_board_buckets b on b.id = keys.bucket`,
);

/** The same for many keys, for which all buckets of their boards are added up once, up to and with each key's own. */
const MANY_PLACES = forEachDialect(
  (dialect) => `
  with ${KEYS}, lines as (
    select place, bucket, board, behind, reached_at, user_id,
      sum(members) over (partition by board order by behind, reached_at, user_id) as members
    from (
      select place, bucket, board, behind, reached_at, user_id, 0 as members from keys
      union all
      select null, null, board, behind, reached_at, user_id, members
      from gamification_board_buckets where board in (select board from keys)
    ) parts)
  select keys.place, 1 + keys.members - b.members + ${AHEAD_IN_BUCKET[dialect]} - ${OWN_AHEAD} as ahead
  from lines keys join gamification_board_buckets b on b.id = keys.bucket`,
);

const MEMBER = forEachDialect(
  (dialect) => `
  with keys as materialized (
    select m.board, m.behind, m.reached_at, m.user_id,
      ${bucketOf('m.board', "+m.behind, +m.reached_at, m.user_id || ''")} as bucket
    from gamification_board_members m where m.board = $1 and m.user_id = $2)
  select keys.user_id, keys.behind, keys.reached_at, 1 + ${AHEAD_OF_BUCKET} + ${AHEAD_IN_BUCKET[dialect]} as place
  from keys join gamification_board_buckets b on b.id = keys.bucket`,
);

/** Up to so many next to a key on either side; its own row is among those behind. */
const NEIGHBOURS = new Statement(`
  select * from (
    select user_id, behind, reached_at from gamification_board_members
    where board = $1 and (behind, reached_at, user_id) < ($2, $3, $4)
    order by behind desc, reached_at desc, user_id desc limit $5) ahead
  union all
  select * from (
    select user_id, behind, reached_at from gamification_board_members
    where board = $1 and (behind, reached_at, user_id) >= ($2, $3, $4)
    order by behind, reached_at, user_id limit $5 + 1) behind`);

const SIZE = new Statement(
  'select coalesce(sum(members), 0) as size from gamification_board_buckets where board = $1',
);

/** The bucket that a place lies in, and how many members are ahead of it. */
const BUCKET_AT = new Statement(`
  select behind, reached_at, user_id, ahead from (
    select behind, reached_at, user_id, members,
      sum(members) over (order by behind, reached_at, user_id) - members as ahead
    from gamification_board_buckets where board = $1
  ) buckets
  where ahead <= $2
  order by behind desc, reached_at desc, user_id desc limit 1`);

const MEMBERS_FROM = new Statement(`
  select user_id, behind, reached_at from gamification_board_members
  where board = $1 and (behind, reached_at, user_id) >= ($2, $3, $4)
  order by behind, reached_at, user_id limit $5 offset $6`);

const MEMBERS_AMONG = new Statement(`
  select m.user_id, m.behind, m.reached_at from each($2) join gamification_board_members m
    on m.board = $1 and m.user_id = each.value ->> 0
  order by m.behind, m.reached_at, m.user_id`);

const MEMBERS_OF_GROUP = new Statement(`
  select m.user_id, m.behind, m.reached_at from gamification_groups g join gamification_board_members m
    on m.board = $1 and m.user_id = g.user_id
  where g.trait = $2 and g.value = $3
  order by m.behind, m.reached_at, m.user_id`);

interface MemberRow {
  readonly user_id: string;
  readonly behind: number | string;
  readonly reached_at: number | string;
}

interface PlacedRow extends MemberRow {
  readonly place: number | string;
}

/** Up to so many places, those of each key are added up by themselves. */
const FEW_PLACES = 4;

/** Offsets up to this are skipped row by row; further ones by the numbers of the buckets. */
const SKIPPED_ROWS = 1_000;

/** The places that keys have, or would have, on their boards, 1 for the first. */
export async function placesOf(sql: Sql, wanted: readonly PlaceWanted[]): Promise<readonly number[]> {
  if (wanted.length === 0) return [];
  const statement = wanted.length <= FEW_PLACES ? PLACES : MANY_PLACES;
  const rows = await sql.rows<{ place: number | string; ahead: number | string }>(
    statement.with(wanted.map(({ board, userId, key }) => [board, key.behind, key.reachedAt, userId])),
  );
  // PostgreSQL counts the elements of a list from 1.
  const first = sql.dialect === 'postgres' ? 1 : 0;
  const places = wanted.map(() => 1);
  for (const { place, ahead } of rows) places[Number(place) - first] = Number(ahead);
  return places;
}

/** A user with their place; nothing where the user is not on the board. */
export async function memberOf(sql: Sql, board: string, userId: string): Promise<BoardMember | undefined> {
  const [row] = await sql.rows<PlacedRow>(MEMBER.with(board, userId));
  return row && toMember(row, Number(row.place));
}

/** The members of a range of places. */
export async function membersFrom(
  sql: Sql,
  board: string,
  { offset, limit, sort }: BoardRange,
): Promise<readonly BoardMember[]> {
  if (sort === 'asc') return membersBehind(sql, board, offset, limit);
  const [row] = await sql.rows<{ size: number | string }>(SIZE.with(board));
  const end = Number(row?.size ?? 0) - offset;
  if (end <= 0) return [];
  const start = Math.max(0, end - limit);
  return (await membersBehind(sql, board, start, end - start)).toReversed();
}

/**
 * A user with those around.
 *
 * @param n how many ahead and how many behind at most
 * @returns nobody where the user is not on the board
 */
export async function membersAround(
  sql: Sql,
  board: string,
  userId: string,
  n: number,
): Promise<readonly BoardMember[]> {
  const own = await memberOf(sql, board, userId);
  if (!own) return [];
  const rows = await sql.rows<MemberRow>(NEIGHBOURS.with(board, own.behind, own.reachedAt, userId, n));
  // Those ahead come from the nearest to the furthest.
  const end = rows.findIndex(({ user_id }) => user_id === userId);
  const ordered = [...rows.slice(0, end).reverse(), ...rows.slice(end)];
  return ordered.map((row, index) => toMember(row, own.place - end + index));
}

/** The members of a range of places among some users; the work grows with their number. */
export async function membersAmong(
  sql: Sql,
  board: string,
  userIds: readonly string[],
  range: BoardRange,
): Promise<readonly BoardMember[]> {
  const users = identifierRows([...new Set(userIds)]);
  return partOf(await sql.rows<MemberRow>(MEMBERS_AMONG.with(board, users)), range);
}

/** The members of a range of places among the users of a group; the work grows with their number. */
export async function membersOfGroup(
  sql: Sql,
  board: string,
  { trait, value }: { readonly trait: string; readonly value: string },
  range: BoardRange,
): Promise<readonly BoardMember[]> {
  return partOf(await sql.rows<MemberRow>(MEMBERS_OF_GROUP.with(board, trait, value)), range);
}

async function membersBehind(
  sql: Sql,
  board: string,
  offset: number,
  limit: number,
): Promise<readonly BoardMember[]> {
  let from = { behind: Number.MIN_SAFE_INTEGER, reached_at: Number.MIN_SAFE_INTEGER, user_id: '' };
  let skipped = 0;
  if (offset > SKIPPED_ROWS) {
    const [bucket] = await sql.rows<MemberRow & { ahead: number | string }>(BUCKET_AT.with(board, offset));
    if (!bucket) return [];
    from = { behind: Number(bucket.behind), reached_at: Number(bucket.reached_at), user_id: bucket.user_id };
    skipped = Number(bucket.ahead);
  }
  const rows = await sql.rows<MemberRow>(
    MEMBERS_FROM.with(board, from.behind, from.reached_at, from.user_id, limit, offset - skipped),
  );
  return rows.map((row, index) => toMember(row, offset + index + 1));
}

function partOf(rows: readonly MemberRow[], { offset, limit, sort }: BoardRange): readonly BoardMember[] {
  const members = rows.map((row, index) => toMember(row, index + 1));
  return (sort === 'asc' ? members : members.toReversed()).slice(offset, offset + limit);
}

function toMember({ user_id, behind, reached_at }: MemberRow, place: number): BoardMember {
  return { userId: user_id, behind: Number(behind), reachedAt: Number(reached_at), place };
}
