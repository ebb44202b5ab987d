import type { Migration } from '../database/migrations.js';

export const boardMigrations: readonly Migration[] = [
  {
    name: 'boards-1',
    statements: ({ text, integer, position, end }) => [
      // The smaller `behind`, the further ahead; then who was there first, then the smaller user id.
      `create table gamification_board_members (
        board ${text} not null,
        user_id ${text} not null,
        behind ${integer} not null,
        reached_at ${integer} not null,
        primary key (board, user_id)
      ${end}`,
      `create index gamification_board_members_order
        on gamification_board_members (board, behind, reached_at, user_id)`,
      // How many members a board has from one bound up to the next. Ranks are counted with these.
      `create table gamification_board_buckets (
        id ${position},
        board ${text} not null,
        behind ${integer} not null,
        reached_at ${integer} not null,
        user_id ${text} not null,
        members ${integer} not null,
        unique (board, behind, reached_at, user_id)
      ${end}`,
      `create table gamification_groups (
        trait ${text} not null,
        value ${text} not null,
        user_id ${text} not null,
        primary key (trait, value, user_id)
      ${end}`,
      'create index gamification_groups_user on gamification_groups (user_id, trait)',
    ],
  },
];
