import { accountsMigrations } from './accounts/accounts.schema.js';
import type { Migration } from './database/migrations.js';
import { deliveryMigrations } from './delivery/delivery.schema.js';
import { eventLogMigrations } from './events/event-log.schema.js';
import { ledgerMigrations } from './wallets/ledger.schema.js';

/** The schema's whole history, in order. New steps are added at the end. */
export const migrations: readonly Migration[] = [
  ...eventLogMigrations,
  ...ledgerMigrations,
  ...deliveryMigrations,
  ...accountsMigrations,
];
