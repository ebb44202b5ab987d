import { Controller, Delete, Get, HttpCode, Inject, Redirect, UseGuards } from '@nestjs/common';
import { type AccountLink, AccountLinks } from '../../accounts/account-links.js';
import { LoggedInGuard } from '../../accounts/logged-in.guard.js';
import { GamificationOptions } from '../../gamification.options.js';
import { GloebitService } from './gloebit.service.js';
import { GLOEBIT, type GloebitCallback } from './gloebit-authorization.js';
import { LinkAccountRedirect } from './link-account-redirect.js';
import { LinkedAccount } from './linked-account.js';
import { OAuthStateGuard } from './oauth-state.guard.js';
import { VerifiedCallback } from './verified-callback.js';

/** Whether the user who asks has linked an account. */
export class GloebitAccountStatus {
  linked!: boolean;
  /** What the user allowed, as words with spaces between them. */
  scope?: string;
  linkedAt?: Date;
}

/**
 * The routes by which users link their Gloebit account, ready-made. An application names the class among the controllers
 * of a module of its own, and gives the module the options `user` and `gloebit.redirectUri`, which ends with
 * `/accounts/gloebit/callback`.
 *
 * - `GET /accounts/gloebit`: whether an account is linked
 * - `GET /accounts/gloebit/link`: sends the browser to Gloebit
 * - `GET /accounts/gloebit/callback`: where Gloebit sends it back to; links the account, and sends it on to
 *   `gloebit.linkedUrl`
 * - `DELETE /accounts/gloebit`: unlinks it
 *
 * Its errors are those of `OAuthStateGuard` and `GloebitService.link`.
 */
@Controller('accounts/gloebit')
export class GloebitAccountsController {
  constructor(
    @Inject(GloebitService) private readonly gloebit: GloebitService,
    @Inject(AccountLinks) private readonly links: AccountLinks,
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
  ) {}

  @Get()
  @UseGuards(LoggedInGuard)
  status(@LinkedAccount() account: AccountLink | undefined): GloebitAccountStatus {
    if (!account) return { linked: false };
    const { scope, linkedAt } = account;
    return { linked: true, ...(scope === undefined ? {} : { scope }), linkedAt };
  }

  @Get('link')
  @LinkAccountRedirect()
  link(): void {}

  @Get('callback')
  @UseGuards(OAuthStateGuard)
  @Redirect()
  async callback(@VerifiedCallback() callback: GloebitCallback): Promise<{ readonly url: string }> {
    await this.gloebit.link(callback);
    // Relative, as the application may have a prefix.
    return { url: this.options.gloebit?.linkedUrl ?? '../gloebit' };
  }

  @Delete()
  @HttpCode(204)
  @UseGuards(LoggedInGuard)
  async unlink(@LinkedAccount() account: AccountLink | undefined): Promise<void> {
    if (account) await this.links.unlink(account.userId, GLOEBIT);
  }
}
