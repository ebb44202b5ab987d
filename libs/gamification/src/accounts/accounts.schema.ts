import type { Migration } from '../database/migrations.js';

export const accountsMigrations: readonly Migration[] = [
  {
    name: 'accounts-1',
    statements: ({ text, integer, end }) => [
      // What stands in `scope` and `expires_at` is only shown: what counts is encrypted along with the credential.
      // `version` names the credential: it changes with every new one, and not when the same is encrypted anew.
      `create table gamification_account_links (
        user_id ${text} not null,
        provider ${text} not null,
        version ${text} not null,
        credential ${text} not null,
        key_id ${text} not null,
        scope ${text},
        expires_at ${integer},
        linked_at ${integer} not null,
        updated_at ${integer} not null,
        refreshing_until ${integer} not null,
        primary key (user_id, provider)
      ${end}`,
      // Neither the state nor the browser's cookie can be read from here.
      `create table gamification_oauth_states (
        state_hash ${text} primary key,
        browser_hash ${text} not null,
        provider ${text} not null,
        user_id ${text} not null,
        redirect_uri ${text} not null,
        scope ${text} not null,
        expires_at ${integer} not null
      ${end}`,
      'create index gamification_oauth_states_user on gamification_oauth_states (user_id, provider, expires_at)',
      'create index gamification_oauth_states_end on gamification_oauth_states (expires_at)',
    ],
  },
];
