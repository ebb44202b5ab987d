import { Controller, Delete, Get, HttpCode, HttpStatus, Inject, Res, UseGuards } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
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
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
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
  @HttpCode(HttpStatus.FOUND)
  async callback(
    @VerifiedCallback() callback: GloebitCallback,
    @Res({ passthrough: true }) response: unknown,
  ): Promise<void> {
    await this.gloebit.link(callback);
    // In the header, as interceptors of the application may wrap what is returned.
    const url = this.options.gloebit?.linkedUrl ?? pageAbove(callback.redirectUri);
    this.host.httpAdapter.setHeader(response, 'Location', url);
  }

  @Delete()
  @HttpCode(204)
  @UseGuards(LoggedInGuard)
  async unlink(@LinkedAccount() account: AccountLink | undefined): Promise<void> {
    if (account) await this.links.unlink(account.userId, GLOEBIT);
  }
}

/** The path of the page about the account as the browser knows it: the application may have a prefix, or be behind one. */
function pageAbove(redirectUri: string): string {
  return new URL(redirectUri).pathname.replace(/\/[^/]*\/*$/, '');
}
