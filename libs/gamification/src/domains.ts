import type { Provider } from '@nestjs/common';
import { AccountLinks } from './accounts/account-links.js';
import { Clock } from './clock.js';
import { Database } from './database/database.js';
import { Engine } from './engine/engine.js';
import { EventLog } from './events/event-log.js';
import { GamificationOptions } from './gamification.options.js';
import { GiftHooks } from './gifts/gift-hooks.js';
import { Gifts } from './gifts/gifts.js';
import { Ids } from './ids.js';
import { EmbeddedLeaderboards } from './leaderboards/embedded-leaderboards.js';
import { Leaderboards } from './leaderboards/leaderboards.js';
import { EmbeddedNotifications } from './notifications/embedded-notifications.js';
import { NotificationStreams } from './notifications/notification-streams.js';
import { Notifications } from './notifications/notifications.js';
import { Payments } from './payments/payments.js';
import { EmbeddedPlayers } from './players/embedded-players.js';
import { Players } from './players/players.js';
import { GloebitService } from './providers/gloebit/gloebit.service.js';
import { GloebitShop } from './providers/gloebit/gloebit-shop.js';
import { GmfyService } from './providers/gmfy/gmfy.service.js';
import { GmfyLeaderboards } from './providers/gmfy/gmfy-leaderboards.js';
import { GmfyNotifications } from './providers/gmfy/gmfy-notifications.js';
import { GmfyPayments } from './providers/gmfy/gmfy-payments.js';
import { GmfyPlayers } from './providers/gmfy/gmfy-players.js';
import { PlayblazerService } from './providers/playblazer/playblazer.service.js';
import { PlayblazerGifts } from './providers/playblazer/playblazer-gifts.js';
import { WalletServiceClient } from './providers/wallet-service/wallet-service.client.js';
import { WalletServiceWallets } from './providers/wallet-service/wallet-service-wallets.js';
import { Shop } from './shop/shop.js';
import { unserved } from './unserved.js';
import { EmbeddedWallets } from './wallets/embedded-wallets.js';
import { Wallets } from './wallets/wallets.js';

/** The domains, which applications inject, and what serves each: a remote system where one is configured. */
export const domainProviders: Provider[] = [
  {
    provide: Wallets,
    useFactory: (
      options: GamificationOptions,
      walletService: WalletServiceClient,
      database: Database,
      clock: Clock,
      ids: Ids,
    ): Wallets => {
      if (options.wallet) return new WalletServiceWallets(walletService, options.wallet);
      if (options.storage) return new EmbeddedWallets(database, clock, ids, options);
      return unserved(Wallets, '`wallet` or `storage`');
    },
    inject: [GamificationOptions, WalletServiceClient, Database, Clock, Ids],
  },
  {
    provide: Players,
    useFactory: (
      options: GamificationOptions,
      gmfy: GmfyService,
      database: Database,
      engine: Engine,
      clock: Clock,
      wallets: Wallets,
      notifications: Notifications,
      log: EventLog,
      links: AccountLinks,
    ): Players => {
      if (options.gmfy) return new GmfyPlayers(gmfy);
      if (!options.storage) return unserved(Players, '`gmfy` or `storage`');
      const accounts = options.accounts ? links : undefined;
      return new EmbeddedPlayers(database, engine.mechanics, clock, {
        wallets,
        notifications,
        log,
        accounts,
      });
    },
    inject: [
      GamificationOptions,
      GmfyService,
      Database,
      Engine,
      Clock,
      Wallets,
      Notifications,
      EventLog,
      AccountLinks,
    ],
  },
  {
    provide: Leaderboards,
    useFactory: (
      options: GamificationOptions,
      gmfy: GmfyService,
      database: Database,
      engine: Engine,
      clock: Clock,
    ): Leaderboards => {
      if (options.gmfy) return new GmfyLeaderboards(gmfy);
      if (!options.storage) return unserved(Leaderboards, '`gmfy` or `storage`');
      return new EmbeddedLeaderboards(database, engine.mechanics, clock);
    },
    inject: [GamificationOptions, GmfyService, Database, Engine, Clock],
  },
  {
    provide: Payments,
    useFactory: ({ gmfy }: GamificationOptions, service: GmfyService): Payments =>
      gmfy ? new GmfyPayments(service) : unserved(Payments, '`gmfy`'),
    inject: [GamificationOptions, GmfyService],
  },
  {
    provide: Notifications,
    useFactory: (
      options: GamificationOptions,
      gmfy: GmfyService,
      database: Database,
      clock: Clock,
      streams: NotificationStreams,
    ): Notifications => {
      if (options.gmfy) return new GmfyNotifications(gmfy);
      if (!options.storage) return unserved(Notifications, '`gmfy` or `storage`');
      return new EmbeddedNotifications(database, clock, streams);
    },
    inject: [GamificationOptions, GmfyService, Database, Clock, NotificationStreams],
  },
  GiftHooks,
  {
    provide: Gifts,
    useFactory: (options: GamificationOptions, hooks: GiftHooks, playblazer: PlayblazerService): Gifts =>
      options.playblazer
        ? new PlayblazerGifts(playblazer, hooks, options.playblazer.mode)
        : unserved(Gifts, '`playblazer`'),
    inject: [GamificationOptions, GiftHooks, PlayblazerService],
  },
  {
    provide: Shop,
    useFactory: (options: GamificationOptions, gloebit: GloebitService, ids: Ids): Shop =>
      options.gloebit ? new GloebitShop(gloebit, ids) : unserved(Shop, '`gloebit`'),
    inject: [GamificationOptions, GloebitService, Ids],
  },
];

/** The domains, which the module exports. */
export const domains = [Wallets, Players, Leaderboards, Payments, Notifications, Gifts, Shop];
