import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
import { friendCounts, MAX_FRIENDS, pairOf } from './friend-rows.js';
import { FriendRequestNotFoundError, TooManyFriendsError } from './friends.errors.js';

/** What a user does about another one. */
export interface FriendshipChange {
  readonly kind: 'request' | 'accept' | 'remove';
  readonly userId: string;
  readonly friendId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What two users are to each other. */
export type Friendship = 'none' | 'requested' | 'friends';

const FIND = new Statement(
  'select asked_by from gamification_friendships where low_id = $1 and high_id = $2',
);

const ASK = new Statement(`
  insert into gamification_friendships (low_id, high_id, asked_by, since) values ($1, $2, $3, $4)
  on conflict (low_id, high_id) do update set asked_by = null, since = excluded.since
  where gamification_friendships.asked_by <> excluded.asked_by`);

const ACCEPT = new Statement(`
  update gamification_friendships set asked_by = null, since = $4
  where low_id = $1 and high_id = $2 and asked_by = $3`);

const REMOVE = new Statement(
  'delete from gamification_friendships where low_id = $1 and high_id = $2 returning low_id',
);

/** Changes friendships, one after the other. Answers what the two are then; of a removal, what was removed. */
export const changeFriendship: WriteCommand<FriendshipChange, Friendship> = {
  name: 'friends',

  async run(sql, changes) {
    const results: Written<Friendship>[] = [];
    for (const change of changes) results.push(await changed(sql, change));
    return results;
  },
};

async function changed(
  sql: Sql,
  { kind, userId, friendId, at }: FriendshipChange,
): Promise<Written<Friendship>> {
  const pair = pairOf(userId, friendId);
  if (kind === 'remove') {
    const removed = await sql.rows(REMOVE.with(...pair));
    return { ok: true, value: removed.length > 0 ? 'friends' : 'none' };
  }
  if (kind === 'request') {
    const before = await friendship(sql, pair);
    const full = before === 'none' ? await fullOf(sql, [userId, friendId]) : undefined;
    if (full !== undefined) return { ok: false, error: new TooManyFriendsError(full, MAX_FRIENDS) };
    sql.queue(ASK.with(...pair, userId, at));
    return { ok: true, value: await friendship(sql, pair) };
  }
  sql.queue(ACCEPT.with(...pair, friendId, at));
  return (await friendship(sql, pair)) === 'friends'
    ? { ok: true, value: 'friends' }
    : { ok: false, error: new FriendRequestNotFoundError(userId, friendId) };
}

async function friendship(sql: Sql, pair: readonly [string, string]): Promise<Friendship> {
  const [row] = await sql.rows<{ asked_by: string | null }>(FIND.with(...pair));
  if (!row) return 'none';
  return row.asked_by === null ? 'friends' : 'requested';
}

/** Who of some users can have no more friends. */
async function fullOf(sql: Sql, userIds: readonly string[]): Promise<string | undefined> {
  const counts = await friendCounts(sql, userIds);
  return userIds.find((userId) => (counts.get(userId) ?? 0) >= MAX_FRIENDS);
}
