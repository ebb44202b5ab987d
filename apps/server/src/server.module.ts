import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { GamificationModule } from 'nestjs-gamification';
import { GamificationServerModule } from 'nestjs-gamification-server';
import { CodeWebhook } from './code-webhook.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { PaymentPages } from './payment-pages.controller.js';
import type { Settings } from './settings.js';
import { Cookies } from './sign-in/cookies.js';
import { SessionSignIn } from './sign-in/session-sign-in.js';
import { SignInModule } from './sign-in/sign-in.module.js';

/** A server that speaks the protocols of remote systems, and what one needs to run it. */
@Module({})
export class ServerModule {
  static with({ databaseUrl, mechanics, publicUrl, codeWebhookUrl }: Settings): DynamicModule {
    const payments = codeWebhookUrl
      ? { codeSender: new CodeWebhook(codeWebhookUrl), confirmationUrl: `${publicUrl}/payments/{paymentId}` }
      : undefined;
    const cookies = new Cookies(publicUrl.startsWith('https:'));
    const signIn = new SessionSignIn(cookies);
    const protocols = GamificationServerModule.forRoot({
      protocols: { gmfy: true, wallet: true, playblazer: true, interakt: true, gloebit: { signIn } },
    });
    return {
      module: ServerModule,
      imports: [
        GamificationModule.forRoot({ isGlobal: true, storage: { url: databaseUrl }, mechanics, payments }),
        protocols,
        SignInModule.with(signIn, cookies, protocols),
        TerminusModule,
      ],
      controllers: [HealthController, MetricsController, ...(payments ? [PaymentPages] : [])],
      providers: [Metrics],
    };
  }
}
