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
  {
    // PostgreSQL gives positions before it commits, so one can appear behind a reader. A transaction that is still
    // running cannot have a smaller number than the oldest one, which is how a reader knows how far it may read.
    name: 'events-2',
    statements: ({ dialect, integer }) =>
      dialect === 'sqlite'
        ? []
        : [
            `alter table gamification_events add column transaction_id ${integer} not null
              default (pg_current_xact_id()::text::bigint)`,
            'create index gamification_events_order on gamification_events (transaction_id, position)',
          ],
  },
];
