import type { Migration } from '../database/migrations.js';

export const friendMigrations: readonly Migration[] = [
  {
    name: 'friends-1',
    statements: ({ text, integer, end }) => [
      // Two users are one row, the smaller id first, so that both of them asking at once is one row's matter.
      `create table gamification_friendships (
        low_id ${text} not null,
        high_id ${text} not null,
        asked_by ${text},
        since ${integer} not null,
        primary key (low_id, high_id),
        check (low_id < high_id)
      ${end}`,
      'create index gamification_friendships_high on gamification_friendships (high_id, low_id)',
      `create table gamification_social_ids (
        network ${text} not null,
        social_id ${text} not null,
        user_id ${text} not null,
        primary key (network, social_id)
      ${end}`,
      'create index gamification_social_ids_user on gamification_social_ids (user_id)',
    ],
  },
];
