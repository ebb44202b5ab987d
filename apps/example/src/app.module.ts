import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { GamificationExceptionFilter, GamificationModule } from 'nestjs-gamification';
import { AccountsModule } from './accounts/accounts.module.js';
import { AchievementsModule } from './achievements/achievements.module.js';
import { ActivityModule } from './activity/activity.module.js';
import { CustomersModule } from './customers/customers.module.js';
import { DrinksModule } from './drinks/drinks.module.js';
import { RequestValidationPipe } from './errors/request-validation.pipe.js';
import { FriendsModule } from './friends/friends.module.js';
import { GiftsModule } from './gifts/gifts.module.js';
import { HealthModule } from './health/health.module.js';
import { HomeModule } from './home/home.module.js';
import { MECHANICS_FILE } from './mechanics-file.js';
import { OrdersModule } from './orders/orders.module.js';
import { PagesModule } from './pages/pages.module.js';
import { PerksModule } from './perks/perks.module.js';
import type { AppSettings } from './settings.js';
import { SHARED_EVENTS } from './shared-events.js';
import { ShopModule } from './shop/shop.module.js';
import { Phones } from './tips/phones.js';
import { TipsModule } from './tips/tips.module.js';
import { WalletModule } from './wallet/wallet.module.js';

/** The coffee shop: a module for each of its features, and one `GamificationModule` for all of them. */
@Module({})
export class AppModule {
  static with({ databaseUrl, publicUrl = 'http://localhost:3000', remote = {} }: AppSettings): DynamicModule {
    const phones = new Phones();
    const { gmfy, interakt, wallet, accounts, gloebit, playblazer } = remote;
    return {
      module: AppModule,
      imports: [
        GamificationModule.forRoot({
          // Every feature tracks events, so none has to import the module again.
          isGlobal: true,
          storage: { url: databaseUrl },
          // Whose event it is, for every `@TrackEvent` that does not say so itself: who the guard says is asking.
          user: ({ request }) => request.user?.id,
          // The name under which this application's entries stand in the ledger.
          authorityId: 'coffee-shop',
          // What events are worth. GMFY has mechanics of its own, and no rule can pay into a wallet service.
          mechanics: gmfy || wallet ? undefined : MECHANICS_FILE,
          gifts: { requestedMessage: 'Somebody is thirsty: a friend asks you for a {drink}' },
          // How customers confirm tips: with a code that comes to their phone, on a page of the shop.
          payments:
            gmfy || wallet
              ? undefined
              : { codeSender: phones, confirmationUrl: `${publicUrl}/payments/{paymentId}` },
          // Systems elsewhere, each where the environment names it. What they serve is injected as before.
          gmfy: gmfy && { events: [...SHARED_EVENTS], ...gmfy },
          // `$identify` is what customers told about themselves: Interakt wants their phone number.
          interakt: interakt && { events: ['$identify', ...SHARED_EVENTS], ...interakt },
          wallet,
          accounts,
          gloebit,
          playblazer,
        }),
        CustomersModule,
        OrdersModule,
        DrinksModule,
        PagesModule,
        WalletModule,
        ShopModule,
        ActivityModule,
        HealthModule,
        AchievementsModule,
        FriendsModule,
        GiftsModule,
        HomeModule,
        // What only wallets of the shop's own can pay for.
        ...(wallet || gloebit ? [] : [PerksModule]),
        ...(wallet || gmfy ? [] : [TipsModule.with(phones, publicUrl)]),
        // A feature that needs a system. Without it nothing serves what it injects, and the application would not start.
        ...(gloebit ? [AccountsModule] : []),
      ],
      providers: [
        { provide: APP_FILTER, useClass: GamificationExceptionFilter },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
      ],
    };
  }
}
