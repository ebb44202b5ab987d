import type { Migration } from '../database/migrations.js';

export const engineMigrations: readonly Migration[] = [
  {
    name: 'engine-1',
    statements: ({ text, integer, end }) => [
      // `state` is what the player's events have come to, `record` what else is known of the player; JSON.
      `create table gamification_players (
        user_id ${text} not null primary key,
        state text not null,
        record text not null
      ${end}`,
      // Where a player's events are gone through from again when one comes late.
      `create table gamification_checkpoints (
        user_id ${text} not null primary key,
        at ${integer} not null,
        seq ${integer} not null,
        state text not null,
        position ${integer} not null,
        arrival text not null
      ${end}`,
      // What can be taken back: action events that created something, and what they gave. The order of a player's
      // events is (at, seq). `removed_at` and `removed_seq` are those of the event that took it back.
      `create table gamification_actions (
        event_id ${text} not null primary key,
        user_id ${text} not null,
        type ${text} not null,
        idempotence_key ${text},
        at ${integer} not null,
        seq ${integer} not null,
        given text not null,
        removed_at ${integer},
        removed_seq ${integer}
      ${end}`,
      'create index gamification_actions_order on gamification_actions (user_id, type, at, seq)',
      `create index gamification_actions_key on gamification_actions (user_id, type, idempotence_key, at, seq)
        where idempotence_key is not null`,
      // What was answered for an event, what wallets held beyond the events when it was recorded, and what they did not hold
      // of what it was to take.
      `create table gamification_outcomes (
        event_id ${text} not null primary key,
        outcome text,
        beyond text,
        short text
      ${end}`,
      // The places of challenges that reward only the first.
      `create table gamification_challenge_places (
        challenge_id ${text} not null primary key,
        taken ${integer} not null
      ${end}`,
      // An action can be done again after it was taken back, so its key is not unique.
      'drop index gamification_events_key',
      `create unique index gamification_events_key
        on gamification_events (user_id, type, action, idempotence_key)
        where idempotence_key is not null and action not in ('create', 'remove')`,
      `create index gamification_events_action
        on gamification_events (user_id, type, idempotence_key, position)
        where idempotence_key is not null and action in ('create', 'remove')`,
    ],
  },
];
