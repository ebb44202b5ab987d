import type { Migration } from '../database/migrations.js';

export const deliveryMigrations: readonly Migration[] = [
  {
    name: 'deliveries-1',
    statements: ({ text, integer, end }) => [
      // How far each destination is. `cursors` is a JSON list with a place for each lane. `claims` counts how often the
      // right to deliver changed hands, so that an instance that was cut off for a while can tell that it lost it.
      `create table gamification_destinations (
        name ${text} not null primary key,
        cursors ${text} not null,
        holder ${text},
        held_until ${integer} not null,
        claims ${integer} not null,
        delivered ${integer} not null,
        retried ${integer} not null,
        problem ${text}
      ${end}`,
      // Events that a destination did not take. Without a next attempt, one is a dead letter.
      `create table gamification_deliveries (
        destination ${text} not null,
        event_id ${text} not null,
        attempts ${integer} not null,
        failed_at ${integer} not null,
        next_attempt_at ${integer},
        reason ${text} not null,
        primary key (destination, event_id)
      ${end}`,
      `create index gamification_deliveries_due on gamification_deliveries (destination, next_attempt_at)`,
    ],
  },
  {
    // PostgreSQL shows a log in the order of its transactions. When a destination is new, the place in the log up to which
    // all is from before can be far behind, because one transaction still runs. `beginning`, a JSON list, tells the rest
    // apart (see `Beginning`).
    name: 'deliveries-2',
    statements: ({ text }) => [
      `alter table gamification_destinations add column beginning ${text} not null default '[]'`,
    ],
  },
];
