import type { Migration } from '../database/migrations.js';

export const paymentMigrations: readonly Migration[] = [
  {
    name: 'payments-1',
    statements: ({ text, integer, end }) => [
      `create table gamification_payments (
        id ${text} primary key,
        user_id ${text} not null,
        status ${text} not null,
        value ${text} not null,
        currency ${text} not null,
        return_url text not null,
        description text,
        locale ${text} not null,
        created_at ${integer} not null,
        code_hash ${text} not null,
        code_expires_at ${integer} not null,
        attempts ${integer} not null,
        codes ${integer} not null,
        next_try_at ${integer}
      ${end}`,
      'create index gamification_payments_user on gamification_payments (user_id)',
      `create index gamification_payments_processing on gamification_payments (next_try_at)
        where status = 'PROCESSING'`,
    ],
  },
];
