import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { LinkedApplications } from 'nestjs-gamification-server';
import { accountPage } from './account-page.js';
import { Cookies } from './cookies.js';
import { formToken, isFormToken, PAGE_HEADERS, type PageResponse } from './page.js';
import { SessionSignIn } from './session-sign-in.js';
import { Sessions } from './sessions.js';

/** Where users see what they have allowed applications, and take it back. */
@ApiExcludeController()
@Controller('account')
export class AccountController {
  constructor(
    private readonly signIn: SessionSignIn,
    private readonly sessions: Sessions,
    private readonly applications: LinkedApplications,
    private readonly cookies: Cookies,
  ) {}

  @Get()
  async show(@Req() request: unknown, @Res({ passthrough: true }) response: PageResponse): Promise<string> {
    const user = await this.signIn.userOf(request);
    if (!user) return this.lead(response, this.signIn.url('/account'));
    const token = formToken(this.cookies.of(request, 'form'));
    for (const [name, value] of PAGE_HEADERS) response.header(name, value);
    response.header('Set-Cookie', this.cookies.header('form', token));
    return accountPage(token, user.name, await this.applications.list(user.id));
  }

  @Post()
  @HttpCode(303)
  async act(
    @Body() body: Readonly<Record<string, unknown>> | undefined,
    @Req() request: unknown,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<string> {
    const user = await this.signIn.userOf(request);
    const { token, application, action } = body ?? {};
    if (!user || !isFormToken(token, this.cookies.of(request, 'form')))
      return this.lead(response, '/account');
    if (action === 'sign-out') {
      await this.sessions.close(this.cookies.of(request, 'session') ?? '');
      response.header('Set-Cookie', [
        this.cookies.header('session', undefined),
        this.cookies.header('form', undefined),
      ]);
      return this.lead(response, '/sign-in');
    }
    if (typeof application === 'string' && /^[0-9a-f]+$/.test(application))
      await this.applications.revoke(user.id, application);
    return this.lead(response, '/account');
  }

  private lead(response: PageResponse, location: string): string {
    response.header('Location', location);
    response.status(303);
    return '';
  }
}
