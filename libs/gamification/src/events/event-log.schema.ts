import type { Migration } from '../database/migrations.js';

export const eventLogMigrations: readonly Migration[] = [
  {
    name: 'events-1',
    statements: ({ text, integer, position, end }) => [
      `create table gamification_events (
        position ${position},
        id ${text} not null unique,
        user_id ${text} not null,
        type ${text} not null,
        action ${text} not null,
        idempotence_key ${text},
        traits ${text} not null,
        occurred_at ${integer} not null,
        received_at ${integer} not null
      ${end}`,
      `create unique index gamification_events_key
        on gamification_events (user_id, type, action, idempotence_key) where idempotence_key is not null`,
      'create index gamification_events_user on gamification_events (user_id, position)',
    ],
  },
];
