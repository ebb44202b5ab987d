import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Accounts, PASSWORD_RULE, USER_RULE } from './accounts.js';
import { cookie, cookieOf, FORM, SESSION } from './cookies.js';
import { isFormToken, newFormToken, PAGE_HEADERS, type PageResponse } from './page.js';
import { SECURE_COOKIES } from './secure-cookies.js';
import { Sessions } from './sessions.js';
import { SignInLimits } from './sign-in-limits.js';
import { signedInPage, signInPage } from './sign-in-page.js';

interface AddressedRequest {
  readonly ip?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The server's own users: they sign in to allow applications things, as on Gloebit's page. */
@ApiExcludeController()
@Controller('sign-in')
export class SignInController {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
    private readonly limits: SignInLimits,
    @Inject(SECURE_COOKIES) private readonly secure: boolean,
  ) {}

  @Get()
  show(@Query('return-to') returnTo: unknown, @Res({ passthrough: true }) response: PageResponse): string {
    return this.page(response, 200, ownPath(returnTo));
  }

  @Post()
  @HttpCode(200)
  async act(
    @Body() body: Fields,
    @Req() request: AddressedRequest,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<string> {
    const { user, password, action, token, ...rest } = texts(body ?? {});
    const returnTo = ownPath(rest['return-to']);
    if (!isFormToken(token, cookieOf(request, FORM)))
      return this.page(response, 403, returnTo, 'Please try again.');
    if (user === undefined || !USER_RULE.test(user)) {
      return this.page(
        response,
        400,
        returnTo,
        'A name has 1 to 64 letters, digits, dots, hyphens or underscores.',
      );
    }
    if (password === undefined || !PASSWORD_RULE.test(password)) {
      return this.page(response, 400, returnTo, 'A password has 10 to 200 characters.');
    }
    const address = request.ip ?? 'unknown';
    const tooOften = () =>
      this.page(response, 429, returnTo, 'That was tried too often. Please wait for a quarter of an hour.');
    if (!(await this.limits.begin(address))) return tooOften();
    if (action === 'create') {
      if (await this.accounts.create(user, password)) return this.signIn(response, user, returnTo);
      return this.page(response, 409, returnTo, 'That name is taken.');
    }
    if (!(await this.limits.guess(user, address))) return tooOften();
    if (await this.accounts.matches(user, password)) {
      await this.limits.forgive(user, address);
      return this.signIn(response, user, returnTo);
    }
    return this.page(response, 401, returnTo, 'The name or the password is wrong.');
  }

  /**
   * Leads on by a page, not by a redirect: browsers take where a form's redirects end for its target, and that may be an
   * application, to which no form of this server leads.
   */
  private async signIn(response: PageResponse, user: string, returnTo: string): Promise<string> {
    const token = await this.sessions.open(user);
    for (const [name, value] of PAGE_HEADERS) response.header(name, value);
    response.header('Set-Cookie', [
      cookie(SESSION, token, this.secure),
      cookie(FORM, undefined, this.secure),
    ]);
    return signedInPage(returnTo);
  }

  private page(response: PageResponse, status: number, returnTo: string, problem?: string): string {
    const token = newFormToken();
    for (const [name, value] of PAGE_HEADERS) response.header(name, value);
    response.header('Set-Cookie', cookie(FORM, token, this.secure));
    response.status(status);
    return signInPage(token, returnTo, problem);
  }
}

/** Only a path of this server: nobody is sent elsewhere. */
function ownPath(value: unknown): string {
  return typeof value === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) ? value : '/account';
}

function texts(fields: Fields): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
