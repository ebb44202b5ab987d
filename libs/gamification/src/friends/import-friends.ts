import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import type { SocialFriends } from './friend-inputs.js';
import { friendCounts, MAX_FRIENDS, pairOf } from './friend-rows.js';
import { SocialIdTakenError, TooManyFriendsError } from './friends.errors.js';
import type { SocialId } from './friends.js';

/** What is imported, and when, in milliseconds since 1970. */
export interface FriendsImport extends SocialFriends {
  readonly at: number;
}

const NOTE = new Statement(`
  insert into gamification_social_ids (network, social_id, user_id) values ($1, $2, $3) on conflict do nothing`);

const OWNER = new Statement(
  'select user_id from gamification_social_ids where network = $1 and social_id = $2',
);

const IDS_OF = new Statement(`
  select s.user_id, s.network, s.social_id from each($1)
  join gamification_social_ids s on s.user_id = each.value ->> 0 order by s.network, s.social_id`);

const KNOWN = new Statement(`
  select distinct s.user_id from each($2) join gamification_social_ids s
    on s.network = $1 and s.social_id = each.value ->> 0
  where s.user_id <> $3 order by s.user_id`);

const BEFRIEND = new Insert(
  'gamification_friendships',
  { low_id: 'text', high_id: 'text', since: 'bigint' },
  `on conflict (low_id, high_id) do update set asked_by = null, since = excluded.since
   where gamification_friendships.asked_by is not null
   returning low_id, high_id`,
);

/** Makes friends of users who are friends in a social network. Answers who became one. */
export const importFriends: WriteCommand<FriendsImport, readonly string[]> = {
  name: 'friends-import',

  async run(sql, imports) {
    const results: Written<readonly string[]>[] = [];
    for (const each of imports) results.push(await imported(sql, each));
    return results;
  },
};

/** Who is known under an id of a network. */
export async function socialUser(sql: Sql, network: string, socialId: string): Promise<string | undefined> {
  const [owner] = await sql.rows<{ user_id: string }>(OWNER.with(network, socialId));
  return owner?.user_id;
}

/** The ids of users in social networks. @param users each in a list of its own */
export async function socialIds(
  sql: Sql,
  users: readonly (readonly [string])[],
): Promise<readonly SocialId[]> {
  if (users.length === 0) return [];
  const rows = await sql.rows<{ user_id: string; network: string; social_id: string }>(IDS_OF.with(users));
  return rows.map(({ user_id, network, social_id }) => ({ userId: user_id, network, socialId: social_id }));
}

async function imported(
  sql: Sql,
  { userId, network, socialId, friends, at }: FriendsImport,
): Promise<Written<readonly string[]>> {
  sql.queue(NOTE.with(network, socialId, userId));
  if ((await socialUser(sql, network, socialId)) !== userId)
    return { ok: false, error: new SocialIdTakenError(network, userId) };
  const rows = await sql.rows<{ user_id: string }>(
    KNOWN.with(
      network,
      friends.map((id) => [id]),
      userId,
    ),
  );
  if (rows.length === 0) return { ok: true, value: [] };
  const known = rows.map(({ user_id }) => user_id);
  const counts = await friendCounts(sql, [userId, ...known]);
  if ((counts.get(userId) ?? 0) + known.length > MAX_FRIENDS) {
    return { ok: false, error: new TooManyFriendsError(userId, MAX_FRIENDS) };
  }
  const open = known.filter((friendId) => (counts.get(friendId) ?? 0) < MAX_FRIENDS);
  const made = await sql.rows<{ low_id: string; high_id: string }>(
    BEFRIEND.with(open.map((friendId) => [...pairOf(userId, friendId), at])),
  );
  return { ok: true, value: made.map(({ low_id, high_id }) => (low_id === userId ? high_id : low_id)) };
}
