import type { Migration } from '../database/migrations.js';

const SAFE = `between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}`;

const ENTRY_INDEXES = [
  `create unique index gamification_entries_key
    on gamification_entries (authority_id, idempotency_key, line) where idempotency_key is not null`,
  'create index gamification_entries_user on gamification_entries (user_id, position)',
  `create index gamification_entries_item
    on gamification_entries (user_id, position) where item_name is not null`,
];

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
      ...ENTRY_INDEXES,
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
  {
    // Below zero only where the mechanics let a resource be overdrawn. SQLite cannot change the check of a table.
    name: 'ledger-2',
    statements: ({ dialect, text, integer, end }) => [
      `alter table gamification_entries add column event_id ${text}`,
      ...(dialect === 'sqlite'
        ? [
            `create table gamification_balances_2 (
              user_id ${text} not null,
              resource ${text} not null,
              total ${integer} not null check (total ${SAFE}),
              overdraft ${integer} not null default 0,
              primary key (user_id, resource),
              check (total >= 0 or overdraft = 1)
            ${end}`,
            `insert into gamification_balances_2 (user_id, resource, total)
              select user_id, resource, total from gamification_balances`,
            'drop table gamification_balances',
            'alter table gamification_balances_2 rename to gamification_balances',
          ]
        : [
            `alter table gamification_balances add column overdraft ${integer} not null default 0`,
            'alter table gamification_balances drop constraint gamification_balances_total_check',
            `alter table gamification_balances add check (total ${SAFE}), add check (total >= 0 or overdraft = 1)`,
          ]),
    ],
  },
  {
    // An entry that only gives an item, or says something: what moves from one user to another has cost nothing.
    name: 'ledger-3',
    statements: ({ dialect, text, integer, position, end }) =>
      dialect === 'sqlite'
        ? [
            `create table gamification_entries_3 (
              position ${position},
              id ${text} not null unique,
              authority_id ${text} not null,
              user_id ${text} not null,
              resource ${text} not null,
              created_at ${integer} not null,
              amount ${integer} not null check (amount ${SAFE}),
              reason ${text} not null,
              item_name ${text},
              item_data ${text},
              item_used_at ${integer},
              transfer_id ${text},
              idempotency_key ${text},
              line ${integer} not null,
              event_id ${text}
            ${end}`,
            `insert into gamification_entries_3
              select position, id, authority_id, user_id, resource, created_at, amount, reason, item_name, item_data,
                item_used_at, transfer_id, idempotency_key, line, event_id
              from gamification_entries`,
            'drop table gamification_entries',
            'alter table gamification_entries_3 rename to gamification_entries',
            ...ENTRY_INDEXES,
          ]
        : [
            'alter table gamification_entries drop constraint gamification_entries_amount_check',
            `alter table gamification_entries add check (amount ${SAFE})`,
          ],
  },
];
