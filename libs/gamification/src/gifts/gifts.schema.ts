import type { Migration } from '../database/migrations.js';

export const giftMigrations: readonly Migration[] = [
  {
    name: 'gifts-1',
    statements: ({ text, integer, end }) => [
      `create table gamification_gift_requests (
        id ${text} primary key,
        user_id ${text} not null,
        attributes text not null,
        resource ${text},
        amount ${integer},
        item_name text,
        created_at ${integer} not null,
        expires_at ${integer} not null
      ${end}`,
      'create index gamification_gift_requests_user on gamification_gift_requests (user_id)',
      // One for each friend whom the user had then. The expiry is repeated here, because lists are in its order.
      `create table gamification_gift_recipients (
        request_id ${text} not null,
        user_id ${text} not null,
        expires_at ${integer} not null,
        response ${text},
        attributes text,
        replied_at ${integer},
        primary key (request_id, user_id)
      ${end}`,
      `create index gamification_gift_recipients_open
        on gamification_gift_recipients (user_id, expires_at, request_id) where response is null`,
      'create index gamification_gift_recipients_user on gamification_gift_recipients (user_id)',
    ],
  },
];
