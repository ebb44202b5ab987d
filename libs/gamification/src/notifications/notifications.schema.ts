import type { Migration } from '../database/migrations.js';

export const notificationMigrations: readonly Migration[] = [
  {
    name: 'notifications-1',
    statements: ({ text, integer, position, end }) => [
      `create table gamification_notifications (
        position ${position},
        id ${text} not null unique,
        user_id ${text} not null,
        message text not null,
        mechanic_id ${text} not null,
        change ${text} not null,
        event_id ${text},
        created_at ${integer} not null,
        read_at ${integer}
      ${end}`,
      'create index gamification_notifications_user on gamification_notifications (user_id, position)',
      `create index gamification_notifications_unread on gamification_notifications (user_id, position)
        where read_at is null`,
    ],
  },
];
