import type { WriteCommand, Written } from '../database/group-commit.js';
import { Statement } from '../database/statement.js';

/** A state as the table has it. */
export interface StateRow {
  readonly browser_hash: string;
  readonly provider: string;
  readonly user_id: string;
  readonly redirect_uri: string;
  readonly scope: string;
  readonly expires_at: number | string;
}

/** A state to be kept. Times are milliseconds since 1970. */
export interface NewState {
  readonly stateHash: string;
  readonly browserHash: string;
  readonly provider: string;
  readonly userId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly expiresAt: number;
  readonly now: number;
}

/** Authorizations that one user can have begun at one provider at a time; one more, and the first is forgotten. */
const MAX_OPEN = 10;
/** Expired states that are removed with each new one: more than are added, so that they do not pile up. */
const CLEANUP = 20;

const REMOVE_EXPIRED = new Statement(`
  delete from gamification_oauth_states where state_hash in (
    select state_hash from gamification_oauth_states where expires_at <= $1 order by expires_at limit ${CLEANUP})`);

const REMOVE_OLDEST = new Statement(`
  delete from gamification_oauth_states where state_hash in (
    select state_hash from gamification_oauth_states where user_id = $1 and provider = $2
    order by expires_at desc, state_hash limit ${MAX_OPEN} offset ${MAX_OPEN - 1})`);

const ADD = new Statement(`
  insert into gamification_oauth_states
    (state_hash, browser_hash, provider, user_id, redirect_uri, scope, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7)`);

const TAKE = new Statement('delete from gamification_oauth_states where state_hash = $1 returning *');

/** Keeps a state, and forgets old ones. */
export const addState: WriteCommand<NewState, undefined> = {
  name: 'oauth-states-add',

  async run(sql, states) {
    for (const state of states) {
      const { stateHash, browserHash, provider, userId, redirectUri, scope, expiresAt, now } = state;
      sql.queue(REMOVE_EXPIRED.with(now));
      sql.queue(REMOVE_OLDEST.with(userId, provider));
      sql.queue(ADD.with(stateHash, browserHash, provider, userId, redirectUri, scope, expiresAt));
    }
    return states.map(() => ({ ok: true, value: undefined }));
  },
};

/** Takes a state out, by its hash: of many who try, one gets it. */
export const takeState: WriteCommand<string, StateRow | undefined> = {
  name: 'oauth-states-take',

  async run(sql, hashes) {
    const results: Written<StateRow | undefined>[] = [];
    for (const hash of hashes) {
      const [row] = await sql.rows<StateRow>(TAKE.with(hash));
      results.push({ ok: true, value: row });
    }
    return results;
  },
};
