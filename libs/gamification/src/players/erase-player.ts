import type { WriteCommand, Written } from '../database/group-commit.js';
import { Statement } from '../database/statement.js';
import { boardsOf, writeBoards } from '../leaderboards/boards.js';
import type { LockPlayers } from './lock-players.js';

const OF_EVENTS = ['gamification_outcomes', 'gamification_deliveries'].map(
  (table) =>
    new Statement(
      `delete from ${table} where event_id in (select id from gamification_events where user_id = $1)`,
    ),
);

/** Everything that is kept by user. */
const OF_USER = [
  'gamification_events',
  'gamification_checkpoints',
  'gamification_actions',
  'gamification_groups',
  'gamification_notifications',
  'gamification_entries',
  'gamification_balances',
  'gamification_authority_totals',
  'gamification_account_links',
  'gamification_oauth_states',
  'gamification_social_ids',
  'gamification_gift_recipients',
  'gamification_gift_requests',
  'gamification_payments',
  'gamification_purchases',
  'gamification_products',
].map((table) => new Statement(`delete from ${table} where user_id = $1 returning user_id`));

const OF_GIFTS = new Statement(`
  delete from gamification_gift_recipients
  where request_id in (select id from gamification_gift_requests where user_id = $1)`);

const OF_FRIENDS = new Statement(
  'delete from gamification_friendships where low_id = $1 or high_id = $1 returning low_id',
);

const PLAYERS = new Statement(`
  select p.user_id from each($1) join gamification_players p on p.user_id = each.value ->> 0`);
const PLAYER = new Statement('delete from gamification_players where user_id = $1');

/** Erases users, each as a whole. Answers whether there was anything. */
export const erasePlayer = (lockPlayers: LockPlayers): WriteCommand<string, boolean> => ({
  name: 'players-erase',

  async run(sql, userIds) {
    const results: Written<boolean>[] = [];
    const rows = await sql.rows<{ user_id: string }>(PLAYERS.with(userIds.map((userId) => [userId])));
    const players = new Set(rows.map(({ user_id }) => user_id));
    // First of all, so that nobody records an event of theirs meanwhile. It makes a player where there is none.
    await lockPlayers(sql, [...new Set(userIds)].sort());
    for (const userId of userIds) {
      const boards = [...(await boardsOf(sql, userId)).keys()];
      if (boards.length > 0)
        writeBoards(
          sql,
          boards.map((board) => ({ board, userId, to: undefined })),
        );
      for (const statement of OF_EVENTS) sql.queue(statement.with(userId));
      sql.queue(OF_GIFTS.with(userId));
      sql.queue(PLAYER.with(userId));
      let found = (await sql.rows(OF_FRIENDS.with(userId))).length > 0 || players.has(userId);
      for (const statement of OF_USER) found = (await sql.rows(statement.with(userId))).length > 0 || found;
      results.push({ ok: true, value: found });
    }
    return results;
  },
});
