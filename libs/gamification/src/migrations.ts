import { accountsMigrations } from './accounts/accounts.schema.js';
import type { Migration } from './database/migrations.js';
import { deliveryMigrations } from './delivery/delivery.schema.js';
import { engineMigrations } from './engine/engine.schema.js';
import { eventLogMigrations } from './events/event-log.schema.js';
import { friendMigrations } from './friends/friends.schema.js';
import { giftMigrations } from './gifts/gifts.schema.js';
import { boardMigrations } from './leaderboards/boards.schema.js';
import { notificationMigrations } from './notifications/notifications.schema.js';
import { paymentMigrations } from './payments/payments.schema.js';
import { shopMigrations } from './shop/shop.schema.js';
import { ledgerMigrations } from './wallets/ledger.schema.js';

/** The schema's whole history, in order. New steps are added at the end. */
export const migrations: readonly Migration[] = [
  ...eventLogMigrations,
  ...ledgerMigrations,
  ...deliveryMigrations,
  ...accountsMigrations,
  ...engineMigrations,
  ...boardMigrations,
  ...notificationMigrations,
  ...friendMigrations,
  ...giftMigrations,
  ...paymentMigrations,
  ...shopMigrations,
];
