import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Accounts, PASSWORD_RULE, USER_RULE } from './accounts.js';
import { cookie, cookieOf, FORM, SESSION } from './cookies.js';
import { isFormToken, newFormToken, PAGE_HEADERS, type PageResponse } from './page.js';
import { SECURE_COOKIES } from './secure-cookies.js';
import { Sessions } from './sessions.js';
import { signInPage } from './sign-in-page.js';

/** Wrong passwords for one name, and tries from one address, in a quarter of an hour. */
const MAX_WRONG = 5;
const MAX_TRIES = 50;
const QUARTER_OF_AN_HOUR = 15 * 60;

interface AddressedRequest {
  readonly ip?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The server's own users: they sign in to allow applications things, as on Gloebit's page. */
@ApiExcludeController()
@Controller('sign-in')
export class SignInController {
  // In this process: with several, each counts for itself.
  private readonly wrong = new RateLimiterMemory({ points: MAX_WRONG, duration: QUARTER_OF_AN_HOUR });
  private readonly tries = new RateLimiterMemory({ points: MAX_TRIES, duration: QUARTER_OF_AN_HOUR });

  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
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
    if (!(await isWithin(this.tries, request.ip ?? 'unknown')) || (await isUsedUp(this.wrong, user))) {
      return this.page(
        response,
        429,
        returnTo,
        'That was tried too often. Please wait for a quarter of an hour.',
      );
    }
    if (action === 'create') {
      if (await this.accounts.create(user, password)) return this.signIn(response, user, returnTo);
      return this.page(response, 409, returnTo, 'That name is taken.');
    }
    if (await this.accounts.matches(user, password)) return this.signIn(response, user, returnTo);
    await isWithin(this.wrong, user);
    return this.page(response, 401, returnTo, 'The name or the password is wrong.');
  }

  private async signIn(response: PageResponse, user: string, returnTo: string): Promise<string> {
    const token = await this.sessions.open(user);
    response.header('Set-Cookie', [
      cookie(SESSION, token, this.secure),
      cookie(FORM, undefined, this.secure),
    ]);
    response.header('Location', returnTo);
    response.status(303);
    return '';
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

async function isWithin(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return false;
    throw refusal;
  }
}

async function isUsedUp(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  return ((await limiter.get(key))?.remainingPoints ?? 1) <= 0;
}

function texts(fields: Fields): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
