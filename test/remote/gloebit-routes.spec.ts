import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  Res,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  type AccountLink,
  AccountLinks,
  GamificationModule,
  type GamificationModuleOptions,
  GloebitAccountsController,
  type GloebitCallback,
  GloebitService,
  LinkAccountRedirect,
  LinkedAccount,
  OAuthStateGuard,
  VerifiedCallback,
} from 'nestjs-gamification';
import { map } from 'rxjs';
import { gloebitOptions } from '../support/gloebit-application.js';
import { GloebitServer } from '../support/gloebit-server.js';

/** What the response of both platforms has. */
interface WithHeaders {
  header(name: string, value: string): void;
}

/** The routes of an application that wants them in its own way. */
@Controller('mine')
class OwnController {
  constructor(private readonly gloebit: GloebitService) {}

  @Get('link')
  @LinkAccountRedirect()
  link(@Res({ passthrough: true }) response: WithHeaders) {
    response.header('set-cookie', 'theme=dark');
    return { redirectUri: 'https://app.example/mine/callback', scope: 'balance' };
  }

  @Get('callback')
  @UseGuards(OAuthStateGuard)
  async callback(@VerifiedCallback() callback: GloebitCallback) {
    return { code: callback.code, credential: await this.gloebit.link(callback) };
  }

  @Get('page')
  page(@LinkedAccount() account: AccountLink | undefined) {
    return { account: account ?? 'none' };
  }

  @Get('elsewhere')
  elsewhere(@LinkedAccount('arcade') account: AccountLink | undefined) {
    return { account: account ?? 'none' };
  }

  @Get('unguarded')
  unguarded(@VerifiedCallback() callback: GloebitCallback) {
    return callback;
  }
}

/** As much of a browser as the flow needs: it keeps cookies, and does not follow redirects by itself. */
class Browser {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly app: string,
    private readonly user: string | undefined,
  ) {}

  async go(path: string, method = 'GET'): Promise<Response> {
    const response = await fetch(new URL(path, this.app), {
      method,
      redirect: 'manual',
      headers: {
        ...(this.user === undefined ? {} : { 'x-user': this.user }),
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
      this.cookies.set(name, value);
    }
    return response;
  }

  /** Where a redirect leads, as seen from the page that gave it. */
  static target(response: Response): URL {
    return new URL(response.headers.get('location') ?? '', response.url);
  }
}

const adapters = [
  { name: 'Express', create: () => new ExpressAdapter() },
  { name: 'Fastify', create: () => new FastifyAdapter() },
];

describe.each(adapters)('the Gloebit routes on $name', ({ create }) => {
  let server: GloebitServer;
  let app: INestApplication;
  let url: string;

  async function start(
    options: Partial<GamificationModuleOptions> = {},
    gloebit: GamificationModuleOptions['gloebit'] = {},
    prefix = '',
    wrapped = false,
  ): Promise<void> {
    @Module({
      imports: [
        GamificationModule.forRoot({
          ...gloebitOptions(server, gloebit),
          user: ({ request }) => [request.headers['x-user']].flat()[0],
          ...options,
        }),
      ],
      controllers: [GloebitAccountsController, OwnController],
    })
    class AccountsModule {}
    const module = await Test.createTestingModule({ imports: [AccountsModule] }).compile();
    app = module.createNestApplication(create(), { logger: false });
    app.setGlobalPrefix(prefix);
    app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
    if (wrapped)
      app.useGlobalInterceptors({ intercept: (_, next) => next.handle().pipe(map((data) => ({ data }))) });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  }

  beforeEach(async () => {
    server = await GloebitServer.start();
    await start();
  });

  afterEach(async () => {
    await app.close();
    await server.close();
  });

  /** The path with which Gloebit sends a browser back to the application. */
  async function agree(response: Response, name = 'Alice'): Promise<string> {
    const back = await server.authorize(Browser.target(response).href, name);
    return back.pathname + back.search;
  }

  describe('of GloebitAccountsController', () => {
    it('link an account, show it and unlink it', async () => {
      const browser = new Browser(url, 'alice');
      expect(await (await browser.go('/accounts/gloebit')).json()).toEqual({ linked: false });

      const redirect = await browser.go('/accounts/gloebit/link');
      expect(redirect.status).toBe(302);
      expect(redirect.headers.get('cache-control')).toBe('no-store');
      expect(redirect.headers.getSetCookie()).toEqual([
        expect.stringMatching(
          /^__Host-gamification-link=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
        ),
      ]);
      const linked = await browser.go(await agree(redirect));

      expect(linked.status).toBe(302);
      expect(Browser.target(linked).href).toBe(`${url}/accounts/gloebit`);
      const status = await browser.go('/accounts/gloebit');
      expect(await status.json()).toEqual({
        linked: true,
        scope: 'id transact',
        linkedAt: expect.stringMatching(/^\d{4}-/),
      });
      expect(await app.get(GloebitService).userInfo('alice')).toMatchObject({ name: 'Alice' });
      expect((await browser.go('/accounts/gloebit', 'DELETE')).status).toBe(204);
      expect((await browser.go('/accounts/gloebit', 'DELETE')).status).toBe(204);
      expect(await app.get(AccountLinks).get('alice', 'gloebit')).toBeUndefined();
    });

    it('take an answer once', async () => {
      const browser = new Browser(url, 'alice');
      const back = await agree(await browser.go('/accounts/gloebit/link'));

      expect((await browser.go(back)).status).toBe(302);
      expect((await browser.go(back)).status).toBe(403);
    });

    it("do not link an attacker's account to a user who follows the attacker's link", async () => {
      const back = await agree(await new Browser(url, 'mallory').go('/accounts/gloebit/link'), 'Mallory');
      const victim = new Browser(url, 'alice');
      await victim.go('/accounts/gloebit/link');

      expect((await victim.go(back)).status).toBe(403);
      expect(await app.get(AccountLinks).get('alice', 'gloebit')).toBeUndefined();
    });

    it('take an answer in the browser that began, and in no other of the same user', async () => {
      const back = await agree(await new Browser(url, 'alice').go('/accounts/gloebit/link'));

      expect((await new Browser(url, 'alice').go(back)).status).toBe(403);
      expect(server.requests('/oauth2/access-token')).toEqual([]);
    });

    it('refuse an answer without a state', async () => {
      expect((await new Browser(url, 'alice').go('/accounts/gloebit/callback?code=x')).status).toBe(403);
    });

    it('say so when Gloebit sends an error', async () => {
      server.authorizationError = 'server_error';
      const browser = new Browser(url, 'alice');

      const response = await browser.go(await agree(await browser.go('/accounts/gloebit/link')));

      expect(response.status).toBe(400);
      expect(await response.text()).toContain('server_error');
    });

    it.each([
      ['GET', '/accounts/gloebit'],
      ['GET', '/accounts/gloebit/link'],
      ['GET', '/accounts/gloebit/callback?code=x&state=y'],
      ['DELETE', '/accounts/gloebit'],
    ])('are for users who are logged in: %s %s', async (method, path) => {
      expect((await new Browser(url, undefined).go(path, method)).status).toBe(401);
    });

    it('come back below a prefix', async () => {
      await app.close();
      await start({}, { redirectUri: 'https://app.example/api/accounts/gloebit/callback' }, 'api');
      const browser = new Browser(url, 'alice');

      const linked = await browser.go(await agree(await browser.go('/api/accounts/gloebit/link')));

      expect(Browser.target(linked).href).toBe(`${url}/api/accounts/gloebit`);
    });

    it('lead on where the application wraps all that its handlers return', async () => {
      await app.close();
      await start({}, {}, '', true);
      const browser = new Browser(url, 'alice');

      const redirect = await browser.go('/accounts/gloebit/link');
      expect(redirect.status).toBe(302);
      expect(Browser.target(redirect).origin).toBe(server.url);
      const linked = await browser.go(await agree(redirect));

      expect(linked.status).toBe(302);
      expect(Browser.target(linked).href).toBe(`${url}/accounts/gloebit`);
      expect(await (await browser.go('/accounts/gloebit')).json()).toMatchObject({ data: { linked: true } });
      expect((await browser.go('/mine/link')).headers.get('location')).toContain(
        'app.example%2Fmine%2Fcallback',
      );
    });

    it('lead to the page about the account from a redirect URI that ends with a slash', async () => {
      await app.close();
      await start({}, { redirectUri: 'https://app.example/api/accounts/gloebit/callback/' }, 'api');
      const browser = new Browser(url, 'alice');
      const back = await agree(await browser.go('/api/accounts/gloebit/link'));

      // Fastify knows the path without the slash alone, unless told.
      const linked = await browser.go(back.replace('/?', '?'));

      expect(linked.headers.get('location')).toBe('/api/accounts/gloebit');
    });

    it('send the browser on to where the option says', async () => {
      await app.close();
      await start({}, { linkedUrl: 'https://app.example/welcome' });
      const browser = new Browser(url, 'alice');

      const linked = await browser.go(await agree(await browser.go('/accounts/gloebit/link')));

      expect(Browser.target(linked).href).toBe('https://app.example/welcome');
    });
  });

  describe('of an own controller', () => {
    it('begin as the handler says, with its own cookies as well', async () => {
      const browser = new Browser(url, 'alice');

      const redirect = await browser.go('/mine/link');

      expect([...browser.cookies.keys()].sort()).toEqual(['__Host-gamification-link', 'theme']);
      expect(Object.fromEntries(Browser.target(redirect).searchParams)).toMatchObject({
        redirect_uri: 'https://app.example/mine/callback',
        scope: 'balance',
      });
    });

    it('get what the guard verified', async () => {
      const browser = new Browser(url, 'alice');
      const back = await agree(await browser.go('/mine/link'));

      const response = await browser.go(back);

      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        code: new URL(back, url).searchParams.get('code'),
        credential: { userId: 'alice', provider: 'gloebit', scope: 'balance' },
      });
    });

    it('get the account that the user has linked, with nothing secret in it', async () => {
      const accessToken = server.grant('Alice', 'id');
      await app.get(AccountLinks).link('alice', 'gloebit', { accessToken, scope: 'id' });

      const page = await (await new Browser(url, 'alice').go('/mine/page')).text();

      expect(JSON.parse(page)).toMatchObject({
        account: { userId: 'alice', provider: 'gloebit', scope: 'id' },
      });
      expect(page).not.toContain(accessToken);
      for (const [user, path] of [
        ['bob', '/mine/page'],
        [undefined, '/mine/page'],
        ['alice', '/mine/elsewhere'],
      ] as const) {
        expect(await (await new Browser(url, user).go(path)).json()).toEqual({ account: 'none' });
      }
    });

    it('fail without the guard', async () => {
      expect((await new Browser(url, 'alice').go('/mine/unguarded?code=x')).status).toBe(500);
    });
  });

  it('refuse a redirect URI of the handler with an HMAC state, in which it would be lost', async () => {
    await app.close();
    await start({}, { state: 'hmac', secretKey: 'a-key-of-the-application' });
    const browser = new Browser(url, 'alice');

    expect((await browser.go('/mine/link')).status).toBe(500);
    expect((await browser.go(await agree(await browser.go('/accounts/gloebit/link')))).status).toBe(302);
  });

  it('fail where the module does not know who the user is', async () => {
    await app.close();
    await start({ user: undefined });

    for (const path of ['/accounts/gloebit/link', '/mine/page']) {
      expect((await new Browser(url, 'alice').go(path)).status).toBe(500);
    }
  });
});

it('an application with the routes and without Gloebit does not start', async () => {
  @Module({ imports: [GamificationModule.forRoot({})], controllers: [GloebitAccountsController] })
  class AccountsModule {}
  const module = await Test.createTestingModule({ imports: [AccountsModule] }).compile();
  const app = module.createNestApplication(new ExpressAdapter(), { logger: false });

  await expect(app.init()).rejects.toThrow(/GloebitAccountsController.*set the option `gloebit`/);
  await app.close();
});
