import type { Provider } from '@nestjs/common';
import { Clock } from './clock.js';
import { Database } from './database/database.js';
import { GamificationOptions } from './gamification.options.js';
import { Gifts } from './gifts/gifts.js';
import { Ids } from './ids.js';
import { Leaderboards } from './leaderboards/leaderboards.js';
import { Notifications } from './notifications/notifications.js';
import { Payments } from './payments/payments.js';
import { Players } from './players/players.js';
import { Shop } from './shop/shop.js';
import { unserved } from './unserved.js';
import { EmbeddedWallets } from './wallets/embedded-wallets.js';
import { Wallets } from './wallets/wallets.js';

/** The domains, which applications inject, and what serves each: a remote system where one is configured. */
export const domainProviders: Provider[] = [
  {
    provide: Wallets,
    useFactory: (options: GamificationOptions, database: Database, clock: Clock, ids: Ids): Wallets =>
      options.storage
        ? new EmbeddedWallets(database, clock, ids, options)
        : unserved(Wallets, '`wallet` or `storage`'),
    inject: [GamificationOptions, Database, Clock, Ids],
  },
  {
    provide: Players,
    useFactory: (): Players => unserved(Players, '`gmfy`'),
    inject: [GamificationOptions],
  },
  {
    provide: Leaderboards,
    useFactory: (): Leaderboards => unserved(Leaderboards, '`gmfy`'),
    inject: [GamificationOptions],
  },
  {
    provide: Payments,
    useFactory: (): Payments => unserved(Payments, '`gmfy`'),
    inject: [GamificationOptions],
  },
  {
    provide: Notifications,
    useFactory: (): Notifications => unserved(Notifications, '`gmfy`'),
    inject: [GamificationOptions],
  },
  {
    provide: Gifts,
    useFactory: (): Gifts => unserved(Gifts, '`playblazer`'),
    inject: [GamificationOptions],
  },
  {
    provide: Shop,
    useFactory: (): Shop => unserved(Shop, '`gloebit`'),
    inject: [GamificationOptions],
  },
];

export const domains = [Wallets, Players, Leaderboards, Payments, Notifications, Gifts, Shop];
