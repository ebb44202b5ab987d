import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
import { emptyState, type PlayerState, stateFromJson } from '../mechanics/player-state.js';

const STATES = new Statement(`
  select p.user_id, p.state from each($1) join gamification_players p on p.user_id = each.value ->> 0`);

const PLAYERS = new Statement(`
  select user_id, state from gamification_players where user_id > $1 order by user_id limit $2`);

interface StateRow {
  readonly user_id: string;
  readonly state: string;
}

/** A user, and what the events have come to. */
export interface PlayerOf {
  readonly userId: string;
  readonly state: PlayerState;
}

/** The players of users, in their order; who has none has an empty one. */
export async function playersOf(sql: Sql, userIds: readonly string[]): Promise<readonly PlayerOf[]> {
  if (userIds.length === 0) return [];
  const rows = await sql.rows<StateRow>(STATES.with(userIds.map((userId) => [userId])));
  const states = new Map(rows.map(({ user_id, state }) => [user_id, state]));
  return userIds.map((userId) => {
    const json = states.get(userId);
    return { userId, state: json === undefined ? emptyState() : stateFromJson(json) };
  });
}

/** Players by user id. @param after the user id before the first */
export async function playersFrom(sql: Sql, after: string, limit: number): Promise<readonly PlayerOf[]> {
  const rows = await sql.rows<StateRow>(PLAYERS.with(after, limit));
  return rows.map(({ user_id, state }) => ({ userId: user_id, state: stateFromJson(state) }));
}
