import type { WriteCommand, Written } from '../database/group-commit.js';
import { Statement } from '../database/statement.js';
import { boardsOf, writeBoards } from '../leaderboards/boards.js';

const LOCK = new Statement({
  sqlite: 'select user_id from gamification_players where user_id = $1',
  postgres: 'select user_id from gamification_players where user_id = $1 for update',
});

const OF_EVENTS = ['gamification_outcomes', 'gamification_deliveries'].map(
  (table) =>
    new Statement(
      `delete from ${table} where event_id in (select id from gamification_events where user_id = $1)`,
    ),
);

/** Everything that is kept by user. */
const OF_USER = [
  'gamification_events',
  'gamification_players',
  'gamification_checkpoints',
  'gamification_actions',
  'gamification_groups',
  'gamification_notifications',
  'gamification_entries',
  'gamification_balances',
  'gamification_authority_totals',
  'gamification_account_links',
  'gamification_oauth_states',
].map((table) => new Statement(`delete from ${table} where user_id = $1 returning user_id`));

/** Erases users, each as a whole. Answers whether there was anything. */
export const erasePlayer: WriteCommand<string, boolean> = {
  name: 'players-erase',

  async run(sql, userIds) {
    const results: Written<boolean>[] = [];
    for (const userId of userIds) {
      // First of all, so that nobody records an event of theirs meanwhile.
      await sql.rows(LOCK.with(userId));
      const boards = [...(await boardsOf(sql, userId)).keys()];
      if (boards.length > 0)
        writeBoards(
          sql,
          boards.map((board) => ({ board, userId, to: undefined })),
        );
      for (const statement of OF_EVENTS) sql.queue(statement.with(userId));
      let found = false;
      for (const statement of OF_USER) found = (await sql.rows(statement.with(userId))).length > 0 || found;
      results.push({ ok: true, value: found });
    }
    return results;
  },
};
