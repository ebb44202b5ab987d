import type { Migration } from '../database/migrations.js';

const SAFE = `between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}`;

export const ledgerMigrations: readonly Migration[] = [
  {
    name: 'ledger-1',
    statements: ({ text, integer, position, end }) => [
      // A transfer is two entries that share the key of the first: `line` tells them apart.
      `create table gamification_entries (
        position ${position},
        id ${text} not null unique,
        authority_id ${text} not null,
        user_id ${text} not null,
        resource ${text} not null,
        created_at ${integer} not null,
        amount ${integer} not null check (amount <> 0 and amount ${SAFE}),
        reason ${text} not null,
        item_name ${text},
        item_data ${text},
        item_used_at ${integer},
        transfer_id ${text},
        idempotency_key ${text},
        line ${integer} not null
      ${end}`,
      `create unique index gamification_entries_key
        on gamification_entries (authority_id, idempotency_key, line) where idempotency_key is not null`,
      'create index gamification_entries_user on gamification_entries (user_id, position)',
      `create index gamification_entries_item
        on gamification_entries (user_id, position) where item_name is not null`,
      // Never below zero, whatever the code above it does.
      `create table gamification_balances (
        user_id ${text} not null,
        resource ${text} not null,
        total ${integer} not null check (total between 0 and ${Number.MAX_SAFE_INTEGER}),
        primary key (user_id, resource)
      ${end}`,
      `create table gamification_authority_totals (
        user_id ${text} not null,
        resource ${text} not null,
        authority_id ${text} not null,
        total ${integer} not null check (total ${SAFE}),
        primary key (user_id, resource, authority_id)
      ${end}`,
    ],
  },
];
