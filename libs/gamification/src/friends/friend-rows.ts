import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';

/** Friends and requests of a user at most. */
export const MAX_FRIENDS = 1_000;

/** Both ways in which a user can stand in a row. */
const OF_USER = (columns: string, of: string) => `
  select high_id as friend_id, ${columns} from gamification_friendships where low_id = ${of}
  union all
  select low_id as friend_id, ${columns} from gamification_friendships where high_id = ${of}`;

/** The condition that two columns name friends. */
export const areFriends = (one: string, other: string) => `exists (
  select 1 from gamification_friendships f
  where f.asked_by is null
    and ((f.low_id = ${one} and f.high_id = ${other}) or (f.low_id = ${other} and f.high_id = ${one})))`;

const FRIEND_IDS = new Statement(`
  select friend_id from (${OF_USER('asked_by', '$1')}) friends where asked_by is null order by friend_id`);

const COUNTS = new Statement(`
  select user_id, count(*) as n from (
    select f.low_id as user_id from each($1) join gamification_friendships f on f.low_id = each.value ->> 0
    union all
    select f.high_id as user_id from each($1) join gamification_friendships f on f.high_id = each.value ->> 0
  ) friends group by user_id`);

const PAGES = {
  friends: page('asked_by is null'),
  received: page('asked_by = friend_id'),
  sent: page('asked_by = $1'),
};

export interface FriendRow {
  readonly friend_id: string;
  readonly since: number | string;
}

/** The ids of all friends of a user, in order. */
export async function friendIdsOf(sql: Sql, userId: string): Promise<readonly string[]> {
  const rows = await sql.rows<{ friend_id: string }>(FRIEND_IDS.with(userId));
  return rows.map(({ friend_id }) => friend_id);
}

/** How many friends and requests users have. */
export async function friendCounts(
  sql: Sql,
  userIds: Iterable<string>,
): Promise<ReadonlyMap<string, number>> {
  const keys = [...new Set(userIds)].map((userId) => [userId]);
  const rows = await sql.rows<{ user_id: string; n: number | string }>(COUNTS.with(keys));
  return new Map(rows.map(({ user_id, n }) => [user_id, Number(n)]));
}

/** A page of friends or requests, with a row more where there are more. */
export function friendsFrom(
  sql: Sql,
  kind: keyof typeof PAGES,
  userId: string,
  after: string,
  limit: number,
): Promise<readonly FriendRow[]> {
  return sql.rows<FriendRow>(PAGES[kind].with(userId, after, limit));
}

/** The key of the row of two users: JavaScript compares other than by code point, which is what the databases do. */
export function pairOf(a: string, b: string): readonly [low: string, high: string] {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? [a, b] : [b, a];
}

function page(condition: string): Statement {
  return new Statement(`
    select friend_id, since from (${OF_USER('asked_by, since', '$1')}) friends
    where ${condition} and friend_id > $2 order by friend_id limit $3`);
}
