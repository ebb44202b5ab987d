import type { Provider } from '@nestjs/common';
import { AccountLinks } from './accounts/account-links.js';
import { MechanicsCatalog } from './api/mechanics-catalog.js';
import { Clock } from './clock.js';
import { Database } from './database/database.js';
import { Engine } from './engine/engine.js';
import { lockPlayers as lockPlayersOf } from './engine/player-store.js';
import { EventLog } from './events/event-log.js';
import { EmbeddedFriends } from './friends/embedded-friends.js';
import { Friends } from './friends/friends.js';
import { GamificationOptions } from './gamification.options.js';
import { EmbeddedGifts } from './gifts/embedded-gifts.js';
import { GiftHooks } from './gifts/gift-hooks.js';
import { Gifts } from './gifts/gifts.js';
import { Ids } from './ids.js';
import { EmbeddedLeaderboards } from './leaderboards/embedded-leaderboards.js';
import { Leaderboards } from './leaderboards/leaderboards.js';
import { EmbeddedNotifications } from './notifications/embedded-notifications.js';
import { NotificationStreams } from './notifications/notification-streams.js';
import { Notifications } from './notifications/notifications.js';
import { EmbeddedPayments } from './payments/embedded-payments.js';
import { PaymentSettler } from './payments/payment-settler.js';
import { Payments } from './payments/payments.js';
import { EmbeddedPlayers } from './players/embedded-players.js';
import type { LockPlayers } from './players/lock-players.js';
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
import { EmbeddedShop } from './shop/embedded-shop.js';
import { Shop } from './shop/shop.js';
import { unserved } from './unserved.js';
import { EmbeddedWallets } from './wallets/embedded-wallets.js';
import { Wallets } from './wallets/wallets.js';

/** Domains lock the players whose rows are the engine's. */
function lockOf(engine: Engine): LockPlayers {
  return async (sql, userIds) => {
    await lockPlayersOf(sql, userIds, engine.newPlayer());
  };
}

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
        lockPlayers: lockOf(engine),
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
    provide: PaymentSettler,
    useFactory: ({ payments }: GamificationOptions, database: Database, clock: Clock) =>
      payments ? new PaymentSettler(database, clock, payments) : unserved(PaymentSettler, '`payments`'),
    inject: [GamificationOptions, Database, Clock],
  },
  {
    provide: Payments,
    useFactory: (
      options: GamificationOptions,
      gmfy: GmfyService,
      database: Database,
      engine: Engine,
      clock: Clock,
      ids: Ids,
      settler: PaymentSettler,
    ): Payments => {
      if (options.gmfy) return new GmfyPayments(gmfy);
      const { storage, wallet, payments, authorityId } = options;
      if (!storage || !payments) return unserved(Payments, '`gmfy` or `payments`');
      // What a wallet service keeps cannot be paid from in a transaction with the payment.
      const resources = wallet ? [] : [options.shop.resource, ...engine.mechanics.resources.keys()];
      const isResource = (currency: string) => resources.includes(currency);
      return new EmbeddedPayments({
        database,
        clock,
        ids,
        settler,
        options: payments,
        isResource,
        authorityId,
      });
    },
    inject: [GamificationOptions, GmfyService, Database, Engine, Clock, Ids, PaymentSettler],
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
  {
    provide: Friends,
    useFactory: ({ storage }: GamificationOptions, database: Database, clock: Clock): Friends =>
      storage ? new EmbeddedFriends(database, clock) : unserved(Friends, '`storage`'),
    inject: [GamificationOptions, Database, Clock],
  },
  GiftHooks,
  {
    provide: Gifts,
    useFactory: (
      { storage, wallet, gifts: options, playblazer, authorityId }: GamificationOptions,
      hooks: GiftHooks,
      service: PlayblazerService,
      database: Database,
      engine: Engine,
      clock: Clock,
      ids: Ids,
    ): Gifts => {
      if (playblazer) return new PlayblazerGifts(service, hooks, playblazer.mode);
      if (!storage) return unserved(Gifts, '`playblazer` or `storage`');
      const lockPlayers = lockOf(engine);
      const moves = wallet === undefined;
      return new EmbeddedGifts({ database, clock, ids, hooks, lockPlayers, options, moves, authorityId });
    },
    inject: [GamificationOptions, GiftHooks, PlayblazerService, Database, Engine, Clock, Ids],
  },
  {
    provide: Shop,
    useFactory: (
      { storage, wallet, shop, gloebit, authorityId }: GamificationOptions,
      service: GloebitService,
      database: Database,
      engine: Engine,
      clock: Clock,
      ids: Ids,
    ): Shop => {
      if (gloebit) return new GloebitShop(service, ids);
      // What a wallet service keeps cannot pay in one transaction with what is bought.
      if (!storage || wallet) return unserved(Shop, '`gloebit`, or `storage` without `wallet`');
      const { products = {} } = engine.mechanics.definition;
      return new EmbeddedShop({ database, clock, ids, products, resource: shop.resource, authorityId });
    },
    inject: [GamificationOptions, GloebitService, Database, Engine, Clock, Ids],
  },
];

/** What the mechanics have to offer; nothing where the players are GMFY's. */
export const catalogProvider: Provider = {
  provide: MechanicsCatalog,
  useFactory: ({ mechanics }: Engine) => new MechanicsCatalog(mechanics.definition),
  inject: [Engine],
};

/** The domains, which the module exports. */
export const domains = [Wallets, Players, Leaderboards, Payments, Notifications, Friends, Gifts, Shop];
