import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Accounts, PASSWORD_RULE, USER_RULE } from './accounts.js';
import { Cookies } from './cookies.js';
import { formToken, isFormToken, PAGE_HEADERS, type PageResponse } from './page.js';
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
    private readonly cookies: Cookies,
  ) {}

  @Get()
  show(
    @Query('return-to') returnTo: unknown,
    @Req() request: AddressedRequest,
    @Res({ passthrough: true }) response: PageResponse,
  ): string {
    return this.page(request, response, 200, ownPath(returnTo));
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
    const refuse = (status: number, problem: string) =>
      this.page(request, response, status, returnTo, problem);
    const tooOften = () => refuse(429, 'That was tried too often. Please wait for a quarter of an hour.');
    const signIn = (name: string) => this.signIn(request, response, name, returnTo);
    if (!isFormToken(token, this.cookies.of(request, 'form'))) return refuse(403, 'Please try again.');
    if (user === undefined || !USER_RULE.test(user)) {
      return refuse(400, 'A name has 1 to 64 letters, digits, dots, hyphens or underscores.');
    }
    if (password === undefined || !PASSWORD_RULE.test(password)) {
      return refuse(400, 'A password has 10 to 200 characters.');
    }
    const address = request.ip ?? 'unknown';
    if (!(await this.limits.begin(address))) return tooOften();
    if (action === 'create') {
      if (await this.accounts.create(user, password)) return signIn(user);
      return refuse(409, 'That name is taken.');
    }
    if (!(await this.limits.guess(user, address))) return tooOften();
    if (await this.accounts.matches(user, password)) {
      await this.limits.forgive(user, address);
      return signIn(user);
    }
    return refuse(401, 'The name or the password is wrong.');
  }

  /**
   * Leads on by a page, not by a redirect: browsers take where a form's redirects end for its target, and that may be an
   * application, to which no form of this server leads.
   */
  private async signIn(
    request: AddressedRequest,
    response: PageResponse,
    user: string,
    returnTo: string,
  ): Promise<string> {
    // Nobody can sign out of a session whose cookie is gone.
    const previous = this.cookies.of(request, 'session');
    if (previous !== undefined) await this.sessions.close(previous);
    const token = await this.sessions.open(user);
    for (const [name, value] of PAGE_HEADERS) response.header(name, value);
    response.header('Set-Cookie', [
      this.cookies.header('session', token),
      this.cookies.header('form', undefined),
    ]);
    return signedInPage(returnTo);
  }

  private page(
    request: AddressedRequest,
    response: PageResponse,
    status: number,
    returnTo: string,
    problem?: string,
  ): string {
    const token = formToken(this.cookies.of(request, 'form'));
    for (const [name, value] of PAGE_HEADERS) response.header(name, value);
    response.header('Set-Cookie', this.cookies.header('form', token));
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
