import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import {
  AccountLinks,
  AccountNotLinkedError,
  type Credential,
  type GamificationModuleOptions,
  GloebitAccessTokenError,
  GloebitAuthorizationError,
  GloebitBadRequestError,
  GloebitBalanceAccessError,
  GloebitCharacterAccessError,
  GloebitCrossSiteError,
  GloebitFlowExchangeError,
  GloebitFlowMissingError,
  GloebitProductsAccessError,
  GloebitService,
  GloebitTransactFailureError,
  GloebitTransactPendingError,
  GloebitUserInfoError,
  InsufficientBalanceError,
  InvalidPurchaseError,
  InvalidRemoteResponseError,
  InvalidRequestError,
  NotSupportedByGloebitError,
  PurchaseRefusedError,
  RemoteUnavailableError,
  Shop,
} from 'nestjs-gamification';
import { Database } from '../../libs/gamification/src/database/database.js';
import { Statement } from '../../libs/gamification/src/database/statement.js';
import { hmacState, isHmacState } from '../../libs/gamification/src/providers/gloebit/hmac-state.js';
import { nameUuid } from '../../libs/gamification/src/providers/gloebit/transaction-id.js';
import { createContext, TestClock } from '../support/application.js';
import {
  accounts,
  cookieOf,
  type GloebitContext,
  gloebitContext,
  gloebitOptions,
  queryOf,
  REDIRECT_URI,
} from '../support/gloebit-application.js';
import { GloebitServer } from '../support/gloebit-server.js';
import { storages, type TestStorage } from '../support/storages.js';

const MINUTE = 60_000;
const ALL = 'id balance transact inventory character';

describe.each(storages)('the authorization at Gloebit, on $name', (kind) => {
  let storage: TestStorage;
  let server: GloebitServer;
  let clock: TestClock;
  let instances: GloebitService[];
  let apps: INestApplicationContext[];

  beforeEach(async () => {
    storage = await kind.create();
    server = await GloebitServer.start();
    clock = new TestClock();
    // What is in memory has one instance only.
    const count = storage.url === 'memory:' ? 1 : 3;
    apps = await Promise.all(
      Array.from({ length: count }, () =>
        createContext({ ...gloebitOptions(server), storage: { url: storage.url } }, clock),
      ),
    );
    instances = apps.map((app) => app.get(GloebitService));
  });

  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await server.close();
    await storage.remove();
  });

  const at = (n: number): GloebitService => {
    const service = instances[n % instances.length];
    if (!service) throw new RangeError(`no instance ${n}`);
    return service;
  };

  /** Begins, and has the user agree. */
  async function begin(
    user = 'alice',
    options: { redirectUri?: string; scope?: string; cookies?: string } = {},
  ) {
    const { url, setCookie = '' } = await at(0).authorizationUrl({ user, ...options });
    const query = queryOf(await server.authorize(url, 'Alice'));
    return { query, setCookie, request: { user, cookies: cookieOf(setCookie) } };
  }

  it('links an account that another instance began to link', async () => {
    const { query, request } = await begin('alice', { scope: 'id balance' });

    const link = await at(1).link(await at(2).verifyCallback(query, request));

    expect(link).toEqual({
      userId: 'alice',
      provider: 'gloebit',
      scope: 'id balance',
      linkedAt: new Date(clock.now()),
      updatedAt: new Date(clock.now()),
    });
    expect(await at(2).balance('alice')).toBe(100);
  });

  it('takes an answer once, however many instances get it at once', async () => {
    const { query, request } = await begin();

    const results = await Promise.allSettled(
      Array.from({ length: 9 }, (_, n) => at(n).exchange(query, request)),
    );

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(GloebitFlowMissingError);
    }
    expect(server.requests('/oauth2/access-token')).toHaveLength(1);
  });

  it('takes an answer for less than ten minutes', async () => {
    const [first, second] = [await begin(), await begin()];

    clock.advance(10 * MINUTE - 1);
    await at(0).exchange(first.query, first.request);
    clock.advance(1);
    const late = at(0).exchange(second.query, second.request);
    await expect(late).rejects.toBeInstanceOf(GloebitFlowMissingError);
    await expect(late).rejects.toBeInstanceOf(GloebitCrossSiteError);
  });

  it.each<
    [
      string,
      (
        begun: Awaited<ReturnType<typeof begin>>,
      ) => [Record<string, unknown>, { user: string; cookies?: string }],
    ]
  >([
    ['without a state', ({ query, request }) => [{ code: query.code }, request]],
    ['with an empty state', ({ query, request }) => [{ ...query, state: '' }, request]],
    ['with two states', ({ query, request }) => [{ ...query, state: [query.state, query.state] }, request]],
    ['with a made-up state', ({ query, request }) => [{ ...query, state: 'x'.repeat(43) }, request]],
    ['of another user', ({ query, request }) => [query, { ...request, user: 'bob' }]],
    ['in a browser without the cookie', ({ query }) => [query, { user: 'alice' }]],
    [
      'in another browser',
      ({ query, request }) => [
        query,
        { ...request, cookies: request.cookies.replace(/=.*/, `=${'x'.repeat(43)}`) },
      ],
    ],
    [
      'with a cookie that anybody could set',
      ({ query, request }) => [query, { ...request, cookies: request.cookies.replace('__Host-', '') }],
    ],
  ])('refuses an answer %s, and asks Gloebit nothing', async (_, change) => {
    const [query, request] = change(await begin());

    const error = await at(1)
      .exchange(query, request)
      .catch((error: unknown) => error);

    expect(error).toBeInstanceOf(GloebitCrossSiteError);
    expect(String(error)).not.toMatch(/code-|x{43}/);
    expect(server.requests('/oauth2/access-token')).toEqual([]);
  });

  it('uses up a state that was refused', async () => {
    const { query, request } = await begin();

    await expect(at(0).exchange(query, { user: 'alice' })).rejects.toBeInstanceOf(GloebitCrossSiteError);
    await expect(at(0).exchange(query, request)).rejects.toBeInstanceOf(GloebitFlowMissingError);
  });

  it('gives the browser a cookie that scripts and other hosts cannot touch, and comes along from Gloebit', async () => {
    const { setCookie } = await begin();

    const [pair, ...attributes] = setCookie.split('; ');
    expect(pair).toMatch(/^__Host-gamification-link=[\w-]{43}$/);
    expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=600', 'Path=/', 'SameSite=Lax', 'Secure']);
    const loud = await begin('alice', { redirectUri: 'HTTPS://app.example/callback' });
    expect(loud.setCookie).toMatch(/^__Host-gamification-link=.*; Secure/);
    const local = await begin('alice', { redirectUri: 'http://localhost:3000/callback' });
    expect(local.setCookie).toMatch(/^gamification-link=/);
    expect(local.setCookie).not.toContain('Secure');
  });

  it('can go on in two tabs of one browser', async () => {
    const first = await begin();
    const second = await begin('alice', { cookies: `theme=dark; ${first.request.cookies}` });

    await at(0).exchange(second.query, second.request);
    await at(0).exchange(first.query, second.request);

    expect(second.request.cookies).toBe(first.request.cookies);
  });

  it('does not take a browser by a name that somebody else gave it', async () => {
    const { request } = await begin('alice', { cookies: '__Host-gamification-link=short' });

    expect(request.cookies).not.toContain('=short');
  });

  it('keeps the redirect URI and the scope between its steps', async () => {
    const one = await begin('alice', { redirectUri: 'https://app.example/one', scope: 'id' });
    await begin('bob', { redirectUri: 'https://app.example/two', scope: 'balance' });

    expect(await at(1).exchange(one.query, one.request)).toMatchObject({ scope: 'id' });

    expect(Object.fromEntries(new URLSearchParams(server.http.lastRequest.body))).toEqual({
      client_id: GloebitServer.CLIENT.clientKey,
      client_secret: GloebitServer.CLIENT.clientSecret,
      code: one.query.code,
      grant_type: 'authorization_code',
      scope: 'id',
      redirect_uri: 'https://app.example/one',
    });
  });

  it('keeps neither states nor cookies that can be read in the database, and not many', async () => {
    const begun = [];
    for (let n = 0; n < 15; n++) {
      clock.advance(1);
      begun.push(await begin('alice'));
    }
    const states = () =>
      apps[0]
        ?.get(Database)
        .read((sql) => sql.rows(new Statement('select * from gamification_oauth_states').with()));

    const rows = JSON.stringify(await states());
    for (const { query, request } of begun) {
      expect(rows).not.toContain(String(query.state));
      expect(rows).not.toContain(request.cookies.split('=')[1]);
    }
    expect(await states()).toHaveLength(10);
    // The last ones are those that count.
    const [first, last] = [begun[0], begun.at(-1)];
    if (!first || !last) throw new Error('nothing was begun');
    await expect(at(0).exchange(first.query, first.request)).rejects.toBeInstanceOf(GloebitFlowMissingError);
    await at(0).exchange(last.query, last.request);
    clock.advance(11 * MINUTE);
    await begin('bob');
    expect(await states()).toHaveLength(1);
  });
});

describe('the exchange of a code at Gloebit', () => {
  let context: GloebitContext;
  let gloebit: GloebitService;

  beforeEach(async () => {
    context = await gloebitContext();
    gloebit = context.app.get(GloebitService);
  });

  afterEach(() => context.close());

  async function begin() {
    const { url, setCookie } = await gloebit.authorizationUrl({ user: 'alice' });
    const query = queryOf(await context.server.authorize(url, 'Alice'));
    return { query, request: { user: 'alice', cookies: cookieOf(setCookie) } };
  }

  it('reads an urlencoded answer', async () => {
    context.server.tokenFormat = 'urlencoded';
    const { query, request } = await begin();

    expect(await gloebit.exchange(query, request)).toEqual({
      accessToken: expect.stringMatching(/^token-/),
      refreshToken: expect.stringMatching(/^refresh-/),
      scope: 'id transact',
    });
  });

  it('believes the scope of the answer, where it has one', async () => {
    const { query, request } = await begin();
    context.server.http.answer({ json: { access_token: 'some-token', scope: 'id' } });

    expect(await gloebit.exchange(query, request)).toEqual({ accessToken: 'some-token', scope: 'id' });
  });

  it('tells what Gloebit says in place of a code, and only to the user who began', async () => {
    context.server.authorizationError = 'access_denied';
    const { query, request } = await begin();

    await expect(gloebit.exchange(query, { ...request, user: 'bob' })).rejects.toBeInstanceOf(
      GloebitCrossSiteError,
    );
    const again = await begin();
    const refused = gloebit.exchange(again.query, again.request);
    await expect(refused).rejects.toBeInstanceOf(GloebitAuthorizationError);
    await expect(refused).rejects.toMatchObject({ remoteCode: 'access_denied' });
  });

  it('needs a code', async () => {
    const { query, request } = await begin();

    const exchange = gloebit.exchange({ state: query.state }, request);

    await expect(exchange).rejects.toBeInstanceOf(InvalidRequestError);
    await expect(exchange).rejects.toMatchObject({ problems: [{ path: 'code' }] });
  });

  it('needs to know where to come back to', async () => {
    const app = await createContext({
      accounts,
      gloebit: { ...GloebitServer.CLIENT, url: context.server.url },
    });
    const service = app.get(GloebitService);

    await expect(service.authorizationUrl({ user: 'alice' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      problems: [{ path: 'redirectUri' }],
    });
    for (const redirectUri of [
      '/callback',
      'javascript:alert(1)',
      'https://a.example/#x',
      'https://a.example/#',
      'https:a.example/callback',
      'https://user:password@a.example/callback',
      'https://a.example/callback ',
      'https://a.example\\callback',
    ]) {
      await expect(service.authorizationUrl({ user: 'alice', redirectUri })).rejects.toBeInstanceOf(
        InvalidRequestError,
      );
    }
    await app.close();
  });

  it.each<[string, object, string | undefined]>([
    ['a refusal', { status: 400, json: { error: 'invalid_grant' } }, 'invalid_grant'],
    ['a refusal that is urlencoded', { status: 400, body: 'error=invalid_client' }, 'invalid_client'],
    ['another status of success', { status: 201, json: { access_token: 'leaked-token' } }, undefined],
    ['a success without a token', { json: { refresh_token: 'leaked-token' } }, undefined],
    ['a token that is none', { json: { access_token: { leaked: 'leaked-token' } } }, undefined],
    ['a token that fits in no header', { json: { access_token: 'leaked-token\r\nX: y' } }, undefined],
    ['a list', { json: ['leaked-token'] }, undefined],
    ['no JSON', { body: '<html>leaked-token</html>' }, undefined],
    ['an outage', { status: 503, body: 'busy' }, undefined],
    ['an outage with a token', { status: 503, json: { access_token: 'leaked-token' } }, undefined],
    ['a failure with a token', { status: 500, body: 'access_token=leaked-token' }, undefined],
    ['too many requests', { status: 429 }, undefined],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }, undefined],
  ])('fails with %s, and shows no secret', async (_, answer, remoteCode) => {
    const { query, request } = await begin();
    context.server.http.answer(answer);

    const error = await gloebit.exchange(query, request).catch((error: unknown) => error);

    expect(error).toBeInstanceOf(GloebitFlowExchangeError);
    expect(error).toMatchObject({
      code: 'GLOEBIT_FLOW_EXCHANGE',
      system: 'gloebit',
      operation: 'exchange',
      status: (answer as { status?: number }).status ?? 200,
      remoteCode,
    });
    const shown = `${error}${JSON.stringify(error)}${inspect(error, { depth: null, showHidden: true })}`;
    for (const secret of ['leaked-token', String(query.code), GloebitServer.CLIENT.clientSecret]) {
      expect(shown).not.toContain(secret);
    }
  });

  it('shows no secret that Gloebit repeats when it gives no token, wherever the text is cut', async () => {
    for (const length of [0, 90, 190, 290, 490, 990]) {
      const { query, request } = await begin();
      const secrets = [String(query.code), GloebitServer.CLIENT.clientSecret];
      const [error, reason] = secrets.map((secret) => 'x'.repeat(length) + secret);
      context.server.http.answer({ status: 400, json: { error, reason } });

      const failure = await gloebit.exchange(query, request).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(GloebitFlowExchangeError);
      const shown = inspect(failure);
      for (const secret of secrets) expect(shown).not.toContain(secret.slice(0, 12));
    }
  });

  it('tells why there was no token, and for how long to wait, where Gloebit is not there', async () => {
    const { query, request } = await begin();
    context.server.http.answer({ status: 503, headers: { 'retry-after': '7' }, json: { access_token: 'x' } });

    await expect(gloebit.exchange(query, request)).rejects.toMatchObject({
      code: 'GLOEBIT_FLOW_EXCHANGE',
      status: 503,
      cause: { code: 'REMOTE_UNAVAILABLE', reason: 'failing', retryAfter: 7_000, body: undefined },
    });
  });

  it('shows no code that stands beside a token that is none', async () => {
    const { query, request } = await begin();
    context.server.http.answer({
      json: { access_token: 'no token', error: `for ${query.code}`, reason: query.code },
    });

    await expect(gloebit.exchange(query, request)).rejects.toMatchObject({
      remoteCode: 'for [secret]',
      remoteMessage: '[secret]',
      body: undefined,
    });
  });

  it.each<[string, unknown, unknown]>([
    ['no query', null, { user: 'alice' }],
    ['no query', undefined, { user: 'alice' }],
    ['no user', { state: 'x', code: 'y' }, { user: undefined }],
    ['an empty user', { state: 'x', code: 'y' }, { user: '' }],
    ['no request', { state: 'x', code: 'y' }, undefined],
  ])('refuses an answer with %s in words', async (_, query, request) => {
    // JavaScript callers can give anything.
    const verified = gloebit.verifyCallback(query as Record<string, unknown>, request as { user: string });

    await expect(verified).rejects.toMatchObject({
      code: expect.stringMatching(/^(GLOEBIT_CROSS_SITE|REQUEST_INVALID)$/),
    });
  });

  it.each<[unknown, string]>([
    [Object.assign(Object.create(null), { a: 'b' }), 'an object'],
    [['a', 'b'], 'a list of 2'],
    [null, 'null'],
  ])('tells of an error that is no text: %p', async (error, remoteCode) => {
    const { query, request } = await begin();

    await expect(gloebit.exchange({ ...query, error }, request)).rejects.toMatchObject({
      code: 'GLOEBIT_AUTHORIZATION',
      remoteCode,
    });
  });

  it('shows no secret that stands in the place of an error', async () => {
    for (const length of [0, 90, 190, 290, 490, 990]) {
      const { query, request } = await begin();
      const { clientSecret } = GloebitServer.CLIENT;
      const error = `${'x'.repeat(length)}${clientSecret}${query.code}`;

      const failure = await gloebit.exchange({ ...query, error }, request).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(GloebitAuthorizationError);
      const shown = inspect(failure);
      for (const secret of [clientSecret, String(query.code)]) {
        expect(shown).not.toContain(secret.slice(0, 12));
      }
    }
  });

  it('tells the reason that Gloebit gives for no token', async () => {
    const { query, request } = await begin();
    context.server.http.answer({ status: 401, json: { reason: 'unknown consumer' } });

    await expect(gloebit.exchange(query, request)).rejects.toMatchObject({
      code: 'GLOEBIT_FLOW_EXCHANGE',
      message: 'gloebit.exchange: unknown consumer',
      remoteCode: undefined,
      remoteMessage: 'unknown consumer',
    });
  });

  it('is not repeated when its answer is lost, as a code is good for one', async () => {
    await context.close();
    context = await gloebitContext({ maxRetries: 3 });
    gloebit = context.app.get(GloebitService);
    const { query, request } = await begin();
    context.server.http.answer({ fault: 'drop' });

    const exchange = gloebit.exchange(query, request);

    await expect(exchange).rejects.toBeInstanceOf(RemoteUnavailableError);
    await expect(exchange).rejects.toMatchObject({ reason: 'network' });
    expect(context.server.requests('/oauth2/access-token')).toHaveLength(1);
  });

  it('keeps the account that was linked before when it fails', async () => {
    await context.app.get(AccountLinks).link('alice', 'gloebit', { accessToken: 'before' });
    const { query, request } = await begin();
    context.server.http.answer({ status: 400, json: { error: 'invalid_grant' } });

    await expect(gloebit.link(await gloebit.verifyCallback(query, request))).rejects.toBeInstanceOf(
      GloebitFlowExchangeError,
    );
    expect(await context.app.get(AccountLinks).credential('alice', 'gloebit')).toEqual({
      accessToken: 'before',
    });
  });
});

describe('the HMAC state of the original client', () => {
  let app: INestApplicationContext | undefined;

  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const KEY = 'a-key-of-the-application';

  async function serviceAt(seconds: number) {
    const clock = new TestClock(seconds * 1_000);
    app = await createContext(
      {
        accounts,
        gloebit: { ...GloebitServer.CLIENT, redirectUri: REDIRECT_URI, state: 'hmac', secretKey: KEY },
      },
      clock,
    );
    return { service: app.get(GloebitService), clock };
  }

  it.each([
    ['topsecret', 'alice', 1795296420, '-4BL8qFuEcyhmUavL4918zoxNzk1Mjk2NDIw'],
    ['k', 'user-1', 1400000000, 'ciuXHjWRDP-zspIOj1b0EjoxNDAwMDAwMDAw'],
    ['k', 'ünï', 1400000000, 'KX-OssEnLM-HYzL6bBaCJzoxNDAwMDAwMDAw'],
  ])('for the key %s, the user %s at %d is %s', (key, user, when, state) => {
    expect(hmacState(key, user, when * 1_000)).toBe(state);
    expect(isHmacState(state, key, user, when * 1_000)).toBe(true);
    expect(isHmacState(state, `${key}x`, user, when * 1_000)).toBe(false);
  });

  it('is sent along, and taken back from the same user', async () => {
    const { service, clock } = await serviceAt(1400000000);

    const { url, setCookie } = await service.authorizationUrl({ user: 'user-1' });
    const { state } = queryOf(new URL(url));

    expect(state).toBe(hmacState(KEY, 'user-1', clock.now()));
    expect(setCookie).toBeUndefined();
    const query = { state, code: 'c' };
    expect(await service.verifyCallback(query, { user: 'user-1' })).toEqual({
      user: 'user-1',
      code: 'c',
      redirectUri: REDIRECT_URI,
      scope: 'id transact',
    });
    await expect(service.verifyCallback(query, { user: 'user-2' })).rejects.toBeInstanceOf(
      GloebitCrossSiteError,
    );
  });

  it('holds for 3600 seconds, and not for 3601', async () => {
    const { service, clock } = await serviceAt(1400000000);
    const query = { state: hmacState(KEY, 'user-1', clock.now()), code: 'c' };

    clock.advance(3_600_999);
    await service.verifyCallback(query, { user: 'user-1' });
    clock.advance(1);
    await expect(service.verifyCallback(query, { user: 'user-1' })).rejects.toBeInstanceOf(
      GloebitCrossSiteError,
    );
  });

  it('holds when the clock of the one who made it is ahead', async () => {
    const { service, clock } = await serviceAt(1400000000 - 30);
    const state = hmacState(KEY, 'user-1', clock.now() + 30_000);

    await service.verifyCallback({ state, code: 'c' }, { user: 'user-1' });
  });

  const good = hmacState(KEY, 'user-1', 1400000000_000);
  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one of another user', hmacState(KEY, 'user-2', 1400000000_000)],
    ['one that is cut', good.slice(0, -1)],
    ['one with another time', good.replace(/.$/, 'x')],
    ['one whose time is no number', Buffer.from('0123456789abcdef:soon').toString('base64url')],
    ['no base64', '%%%'],
    ['two', [good]],
  ])('fails with %s', async (_, state) => {
    const { service } = await serviceAt(1400000000);

    await expect(service.verifyCallback({ state, code: 'c' }, { user: 'user-1' })).rejects.toBeInstanceOf(
      GloebitCrossSiteError,
    );
  });

  it.each([{ redirectUri: 'https://app.example/other' }, { scope: 'id' }])(
    'has no room for a redirect URI and a scope beside those of the options: %p',
    async (wanted) => {
      const { service } = await serviceAt(1400000000);

      const url = service.authorizationUrl({ user: 'alice', ...wanted });

      await expect(url).rejects.toBeInstanceOf(InvalidRequestError);
      await expect(url).rejects.toMatchObject({
        problems: [{ path: Object.keys(wanted)[0], allowed: expect.stringContaining('hmac') }],
      });
    },
  );
});

describe('the options of Gloebit', () => {
  let folder: string;
  const apps: INestApplicationContext[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gloebit-'));
  });

  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    await rm(folder, { recursive: true });
  });

  const base = { ...GloebitServer.CLIENT, redirectUri: REDIRECT_URI };
  const file = {
    client_id: 'file-key',
    client_secret: 'file-secret',
    redirect_uris: ['https://app.example/not-used'],
    auth_uri: 'https://www.gloebit.com/oauth2/authorize',
    token_uri: 'https://www.gloebit.com/oauth2/access-token',
    javascript_origins: [],
  };

  async function write(content: unknown): Promise<string> {
    const name = join(folder, 'client_secrets.json');
    await writeFile(name, typeof content === 'string' ? content : JSON.stringify(content));
    return name;
  }

  async function urlWith(gloebit: NonNullable<GamificationModuleOptions['gloebit']>): Promise<URL> {
    const app = await createContext({ accounts, gloebit: { redirectUri: REDIRECT_URI, ...gloebit } });
    apps.push(app);
    return new URL((await app.get(GloebitService).authorizationUrl({ user: 'alice' })).url);
  }

  it.each<[string, NonNullable<GamificationModuleOptions['gloebit']>, string]>([
    ['production', {}, 'https://www.gloebit.com/oauth2/authorize'],
    ['the sandbox', { sandbox: true }, 'https://sandbox.gloebit.com/oauth2/authorize'],
    ['another host', { url: 'https://gloebit.example/api/' }, 'https://gloebit.example/api/oauth2/authorize'],
    ['a host on this machine', { url: 'http://localhost:8080' }, 'http://localhost:8080/oauth2/authorize'],
  ])('lead to %s', async (_, options, expected) => {
    const { origin, pathname } = await urlWith({ ...base, ...options });

    expect(origin + pathname).toBe(expected);
  });

  it.each(['web', 'installed'])('take a client-secrets file of the kind %s', async (kind) => {
    const clientSecretsFile = await write({
      [kind]: {
        ...file,
        auth_uri: 'https://gloebit.example/oauth2/authorize',
        token_uri: 'https://gloebit.example/t',
      },
    });

    const url = await urlWith({ clientSecretsFile });

    expect(url.origin).toBe('https://gloebit.example');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'file-key',
      redirect_uri: REDIRECT_URI,
    });
    expect((await urlWith({ clientSecretsFile, sandbox: true })).origin).toBe('https://sandbox.gloebit.com');
  });

  it('use the hosts and the secret of the file', async () => {
    const server = await GloebitServer.start();
    const { clientKey: client_id, clientSecret: client_secret } = GloebitServer.CLIENT;
    const clientSecretsFile = await write({
      web: {
        ...file,
        client_id,
        client_secret,
        auth_uri: `${server.url}/oauth2/authorize`,
        token_uri: `${server.url}/oauth2/access-token`,
      },
    });
    const app = await createContext({ accounts, gloebit: { clientSecretsFile, redirectUri: REDIRECT_URI } });
    apps.push(app);
    const gloebit = app.get(GloebitService);

    const { url, setCookie } = await gloebit.authorizationUrl({ user: 'alice', scope: 'balance' });
    const query = queryOf(await server.authorize(url, 'Alice'));
    const credential = await gloebit.exchange(query, { user: 'alice', cookies: cookieOf(setCookie) });

    expect(await gloebit.balance(credential)).toBe(100);
    await server.close();
  });

  it.each<[string, object | string]>([
    ['no JSON', '{ "client_secret": "file-secret" '],
    ['two kinds', { web: file, installed: file }],
    ['another kind', { service: file }],
    ['nothing in it', { web: null }],
    ['no secret', { web: { ...file, client_secret: undefined } }],
    ['no redirect_uris', { web: { ...file, redirect_uris: undefined } }],
    ['no auth_uri', { web: { ...file, auth_uri: undefined } }],
    ['no token_uri', { web: { ...file, token_uri: undefined } }],
    ['a placeholder for a key', { web: { ...file, client_id: '[[INSERT CLIENT ID HERE]]' } }],
    ['a placeholder for a secret', { web: { ...file, client_secret: '[[file-secret]]' } }],
    ['two hosts', { web: { ...file, token_uri: 'https://sandbox.gloebit.com/oauth2/access-token' } }],
    [
      'hosts without TLS',
      { web: { ...file, auth_uri: 'http://a.example/a', token_uri: 'http://a.example/t' } },
    ],
  ])('stop the start with a client-secrets file that has %s, without showing it', async (_, content) => {
    const clientSecretsFile = await write(content);

    const error = await urlWith({ clientSecretsFile }).catch((error: unknown) => error);

    expect(error).toMatchObject({ code: 'OPTIONS_INVALID' });
    expect(String(error)).toContain('gloebit.clientSecretsFile');
    expect(String(error)).not.toContain('file-secret');
  });

  it('stop the start with a client-secrets file that is not there', async () => {
    await expect(urlWith({ clientSecretsFile: join(folder, 'none.json') })).rejects.toThrow(
      /none\.json", which is unreadable \(ENOENT\)/,
    );
  });

  it.each<[string, NonNullable<GamificationModuleOptions['gloebit']>, RegExp]>([
    ['neither a client nor a file', {}, /gloebit\.clientKey is missing/],
    ['a key without a secret', { clientKey: 'a' }, /gloebit\.clientSecret is missing/],
    ['a placeholder', { ...base, clientSecret: '[[secret]]' }, /gloebit\.clientSecret .*placeholder/],
    [
      'a client beside a file',
      { ...base, clientSecretsFile: 'f' },
      /gloebit\.clientSecretsFile .*without clientKey/,
    ],
    [
      'a URL beside the sandbox',
      { ...base, url: 'https://a.example', sandbox: true },
      /gloebit\.url .*sandbox/,
    ],
    ['a URL without TLS', { ...base, url: 'http://a.example' }, /gloebit\.url .*https/],
    ['a scope of nothing', { ...base, scope: '' }, /gloebit\.scope/],
    ['a scope with two spaces', { ...base, scope: 'id  transact' }, /gloebit\.scope/],
    ['a relative redirect URI', { ...base, redirectUri: '/callback' }, /gloebit\.redirectUri/],
    ['an HMAC state without its key', { ...base, state: 'hmac' }, /gloebit\.secretKey is missing/],
    [
      'a key that can be guessed',
      { ...base, state: 'hmac', secretKey: 'x'.repeat(15) },
      /gloebit\.secretKey .*16/,
    ],
    [
      'a redirect URI with a password',
      { ...base, redirectUri: 'https://u:p@a.example/c' },
      /gloebit\.redirectUri/,
    ],
    ['a redirect URI with a space', { ...base, redirectUri: `${REDIRECT_URI} ` }, /gloebit\.redirectUri/],
    ['a redirect URI without slashes', { ...base, redirectUri: 'https:a.example/c' }, /gloebit\.redirectUri/],
    ...[
      '',
      'javascript:alert(1)',
      '//evil.example',
      '/\\evil.example',
      '/a b',
      'https:evil',
      '/ä\r\nX: y',
    ].map((linkedUrl): [string, NonNullable<GamificationModuleOptions['gloebit']>, RegExp] => [
      `the place ${JSON.stringify(linkedUrl)} to go on to`,
      { ...base, linkedUrl },
      /gloebit\.linkedUrl/,
    ]),
  ])('stop the start with %s', async (_, gloebit, message) => {
    const error = await createContext({ accounts, gloebit }).catch((error: unknown) => error);

    expect(error).toMatchObject({ code: 'OPTIONS_INVALID', message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('[[secret]]');
  });

  it.each<[string, GamificationModuleOptions, RegExp]>([
    ['a storage', { storage: false, gloebit: base }, /storage is false.*gloebit/],
    ['encryption keys', { gloebit: base }, /accounts is missing.*gloebit/],
  ])('stop the start without %s', async (_, options, message) => {
    await expect(createContext(options)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('say what is missing where Gloebit is not configured', async () => {
    const app = await createContext({});
    apps.push(app);

    expect(() => app.get(GloebitService).balance('alice')).toThrow(/set the option `gloebit`/);
    expect(() => app.get(AccountLinks).list('alice')).toThrow(/set the option `accounts`/);
  });
});

describe('calls to Gloebit', () => {
  let context: GloebitContext;
  let gloebit: GloebitService;
  let credential: Credential;

  beforeEach(() => start());

  afterEach(() => context.close());

  async function start(options: NonNullable<GamificationModuleOptions['gloebit']> = {}): Promise<void> {
    context = await gloebitContext({ scope: ALL, ...options });
    gloebit = context.app.get(GloebitService);
    credential = { accessToken: context.server.grant('alice', ALL), scope: ALL };
  }

  async function restart(options: NonNullable<GamificationModuleOptions['gloebit']>): Promise<void> {
    await context.close();
    await start(options);
  }

  const HAT = { item: 'hat', price: 7, username: 'Al' };
  type Refusal = abstract new (...args: never[]) => Error;
  const calls: readonly [string, (account: string | Credential) => Promise<unknown>, Refusal][] = [
    ['userInfo', (account) => gloebit.userInfo(account), GloebitUserInfoError],
    ['balance', (account) => gloebit.balance(account), GloebitBalanceAccessError],
    ['purchaseItem', (account) => gloebit.purchaseItem(account, HAT), GloebitTransactFailureError],
    [
      'purchaseProduct',
      (account) => gloebit.purchaseProduct(account, { product: 'sword', username: 'Al' }),
      GloebitTransactFailureError,
    ],
    [
      'consumeProduct',
      (account) => gloebit.consumeProduct(account, { product: 'sword' }),
      GloebitProductsAccessError,
    ],
    ['products', (account) => gloebit.products(account), GloebitProductsAccessError],
    ['characters', (account) => gloebit.characters(account), GloebitCharacterAccessError],
    [
      'createCharacter',
      (account) => gloebit.createCharacter(account, { name: 'Zed' }),
      GloebitCharacterAccessError,
    ],
    [
      'updateCharacter',
      (account) => gloebit.updateCharacter(account, { id: '1', name: 'Zed' }),
      GloebitCharacterAccessError,
    ],
    [
      'deleteCharacter',
      (account) => gloebit.deleteCharacter(account, { id: '1' }),
      GloebitCharacterAccessError,
    ],
  ];

  it('shows no part of a token where the reason is too long to be kept whole', async () => {
    const accessToken = 'secret-access-token-of-alice';
    for (const length of [90, 190, 290, 490, 990]) {
      context.server.http.answer({ json: { success: false, reason: 'x'.repeat(length) + accessToken } });

      const failure = await gloebit.balance({ ...credential, accessToken }).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(GloebitBalanceAccessError);
      expect(inspect(failure)).not.toContain(accessToken.slice(0, 12));
    }
  });

  describe.each(calls)('%s', (operation, call, MethodError) => {
    it.each([false, 'true', 0])('fails when success is %p', async (success) => {
      context.server.http.answer({ json: { success, reason: 'not today' } });

      const result = call(credential);

      await expect(result).rejects.toBeInstanceOf(MethodError);
      await expect(result).rejects.toMatchObject({
        system: 'gloebit',
        operation,
        status: 200,
        remoteMessage: 'not today',
        body: { success, reason: 'not today' },
      });
    });

    it('fails without a reason', async () => {
      context.server.http.answer({ json: { success: false } });

      await expect(call(credential)).rejects.toBeInstanceOf(MethodError);
    });

    it.each([201, 302, 401])('fails with HTTP %d', async (status) => {
      context.server.http.answer({ status, json: { success: true } });

      const result = call(credential);

      await expect(result).rejects.toBeInstanceOf(GloebitBadRequestError);
      await expect(result).rejects.toMatchObject({
        status,
        message: expect.stringContaining(`Gloebit returned ${status} status`),
      });
    });

    it.each([429, 503])('may work again later after HTTP %d', async (status) => {
      context.server.http.answer({ status });

      await expect(call(credential)).rejects.toBeInstanceOf(RemoteUnavailableError);
    });

    it.each(['<html>', '[]'])('fails with the body %p', async (body) => {
      context.server.http.answer({ body });

      await expect(call(credential)).rejects.toBeInstanceOf(InvalidRemoteResponseError);
    });

    it('fails when the connection breaks', async () => {
      context.server.http.answer({ fault: 'cut', json: { success: true } });

      await expect(call(credential)).rejects.toMatchObject({ code: 'REMOTE_UNAVAILABLE', reason: 'network' });
    });

    it('is refused when the token is not known, and shows no token', async () => {
      context.server.tokens.clear();
      context.server.http.answer({
        json: { success: false, reason: 'unknown token2', echo: `Bearer ${credential.accessToken}` },
      });

      const error = await call(credential).catch((error: unknown) => error);

      expect(error).toBeInstanceOf(GloebitAccessTokenError);
      expect(JSON.stringify(error) + String(error)).not.toContain(credential.accessToken);
    });

    it('needs its scope as a word, before anything is sent', async () => {
      const near = { ...credential, scope: 'identity balances transactions inventoryx characters username' };

      await expect(call(near)).rejects.toMatchObject({ code: 'GLOEBIT_SCOPE', operation });
      expect(context.server.http.requests).toEqual([]);
    });

    it('needs a linked account', async () => {
      await expect(call('alice')).rejects.toBeInstanceOf(AccountNotLinkedError);
      expect(context.server.http.requests).toEqual([]);
    });

    it('needs a token that fits in a header, and does not repeat it', async () => {
      const error = await call({ accessToken: 'bad\ntoken' }).catch((error: unknown) => error);

      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(String(error)).not.toContain('bad');
    });
  });

  it.each([
    ['unknown token', true],
    ['unknown token1', true],
    ['unknown token2', true],
    ['unknown OAuth2 token', true],
    ['invalid access token', true],
    ['token has expired', true],
    ['unknown user', true],
    // These are the application's fault: unlinking every user who calls would only lose their access.
    ['unknown consumer', false],
    ['missing domain', false],
  ])('with the reason %p, unlink the account: %p', async (reason, unlinks) => {
    const links = context.app.get(AccountLinks);
    await links.link('alice', 'gloebit', credential);
    context.server.http.answer({ json: { success: false, reason } });

    const error = await gloebit.balance('alice').catch((error: unknown) => error);

    if (unlinks) {
      expect(error).toMatchObject({ code: 'ACCOUNT_UNLINKED', cause: { code: 'GLOEBIT_ACCESS_TOKEN' } });
      await expect(gloebit.balance('alice')).rejects.toMatchObject({ code: 'ACCOUNT_NOT_LINKED' });
    } else {
      expect(error).toMatchObject({ code: 'GLOEBIT_ACCESS_TOKEN', remoteMessage: reason });
      expect(await links.get('alice', 'gloebit')).toBeDefined();
    }
  });

  it('unlink the account of a user who took the access back', async () => {
    const links = context.app.get(AccountLinks);
    await links.link('alice', 'gloebit', credential);
    context.server.revoke('alice');

    await expect(gloebit.purchaseItem('alice', HAT)).rejects.toMatchObject({ code: 'ACCOUNT_UNLINKED' });
    await links.link('alice', 'gloebit', { ...credential, accessToken: context.server.grant('alice', ALL) });
    expect(await gloebit.purchaseItem('alice', HAT)).toMatchObject({ balance: 93 });
  });

  it.each([{ success: true }, { success: 1 }, {}])('succeed with %p', async (answer) => {
    context.server.http.answer({ json: { ...answer, balance: 5 } });

    expect(await gloebit.balance(credential)).toBe(5);
  });

  it.each<[string, () => Promise<unknown>, object]>([
    ['no balance', () => gloebit.balance(credential), {}],
    ['a balance that is a text', () => gloebit.balance(credential), { balance: '5' }],
    ['no products', () => gloebit.products(credential), {}],
    ['products without numbers', () => gloebit.products(credential), { products: { sword: 'many' } }],
    ['no characters', () => gloebit.characters(credential), {}],
    [
      'one character for a list',
      () => gloebit.characters(credential),
      { characters: { id: '1', name: 'Zed' } },
    ],
    ['a character without an id', () => gloebit.characters(credential), { characters: [{ name: 'Zed' }] }],
    ['no character', () => gloebit.createCharacter(credential, { name: 'Zed' }), {}],
  ])('do not believe an answer with %s', async (_, call, answer) => {
    context.server.http.answer({ json: { success: true, ...answer } });

    await expect(call()).rejects.toBeInstanceOf(InvalidRemoteResponseError);
  });

  it('take the scope of the options for a credential that has none', async () => {
    expect(await gloebit.balance({ accessToken: credential.accessToken })).toBe(100);
  });

  it('send the token of the user, and in no URL', async () => {
    await gloebit.balance(credential);

    const { headers, path } = context.server.http.lastRequest;
    expect(headers.authorization).toBe(`Bearer ${credential.accessToken}`);
    expect(path).toBe('/balance/');
  });

  it('ask who the user is under the later name of the scope as well', async () => {
    const later = { accessToken: context.server.grant('alice', 'user'), scope: 'user' };
    context.server.http.answer({ json: { success: true, id: '7', 'full-name': 'Alice A.' } });

    expect(await gloebit.userInfo(later)).toEqual({ id: '7', name: 'Alice A.' });
    expect(context.server.http.lastRequest.path).toBe('/user/');
    expect(await gloebit.userInfo(later)).toMatchObject({ name: 'alice' });
  });

  describe('that buy', () => {
    const bodies = () => context.server.requests('/transact/').map(({ body }) => JSON.parse(body));

    it('buy once when the answer is lost', async () => {
      await restart({ maxRetries: 1 });
      context.server.loseNextAnswer = true;

      const bought = await gloebit.purchaseItem(credential, HAT);

      expect(bought).toMatchObject({ balance: 93, resubmitted: true });
      expect(context.server.user('alice').balance).toBe(93);
      const [first, second] = bodies();
      expect(second).toEqual(first);
      expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
    });

    it('buy once with the same key, and anew without one', async () => {
      const again = { ...HAT, idempotencyKey: 'order-1' };

      expect(await gloebit.purchaseItem(credential, again)).toMatchObject({
        id: 'order-1',
        resubmitted: false,
      });
      expect(await gloebit.purchaseItem(credential, again)).toMatchObject({
        id: 'order-1',
        resubmitted: true,
      });
      expect(context.server.user('alice').balance).toBe(93);
      const [one, other] = [
        await gloebit.purchaseItem(credential, HAT),
        await gloebit.purchaseItem(credential, HAT),
      ];
      expect(one.id).not.toBe(other.id);
      expect(context.server.user('alice').balance).toBe(79);
    });

    it('send a key as it is up to 36 characters, and otherwise a UUID that is always the same', async () => {
      const uuid = '0190c9a2-3c1d-7b52-8e0a-3f1d4f1c2b3a';
      for (const idempotencyKey of [uuid, 'x'.repeat(37), 'x'.repeat(37), 'x'.repeat(38), 'größe']) {
        await gloebit.purchaseProduct(credential, { product: 'sword', username: 'Al', idempotencyKey });
      }

      const [first, ...ids] = bodies().map(({ id }) => id);
      expect(first).toBe(uuid);
      for (const id of ids)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(ids[1]).toBe(ids[0]);
      expect(new Set(ids).size).toBe(3);
      // The example of Python's documentation.
      expect(nameUuid('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'python.org')).toBe(
        '886313e1-3b8a-5372-9b90-0c9aee199e5d',
      );
    });

    it('ask for the name of the user first, and use the one that is given', async () => {
      await gloebit.purchaseItem(credential, { ...HAT, username: '' });
      await gloebit.purchaseItem(credential, HAT);

      expect(context.server.http.requests.map(({ path }) => path)).toEqual([
        '/id/',
        '/transact/',
        '/transact/',
      ]);
      expect(bodies().map((body) => body['merchant-user-id'])).toEqual(['alice', 'Al']);
    });

    it.each(['pending', 'transaction already created'])('tell that %p is not settled', async (reason) => {
      context.server.http.answer({ json: { success: false, reason, status: 'queued' } });

      const purchase = gloebit.purchaseItem(credential, HAT);

      await expect(purchase).rejects.toBeInstanceOf(GloebitTransactPendingError);
      await expect(purchase).rejects.toMatchObject({ remoteMessage: reason });
    });

    it.each([
      ['no item', { price: 1 }, 'item'],
      ['no price', { item: 'hat' }, 'price'],
      ['a price of 0', { item: 'hat', price: 0 }, 'price'],
      ['a price with decimals', { item: 'hat', price: 1.5 }, 'price'],
      ['a quantity of 0', { ...HAT, quantity: 0 }, 'quantity'],
      ['a quantity with decimals', { ...HAT, quantity: 1.5 }, 'quantity'],
      ['an empty key', { ...HAT, idempotencyKey: '' }, 'idempotencyKey'],
      ['something else', { ...HAT, discount: 5 }, 'discount'],
    ])('send nothing with %s', async (_, purchase, field) => {
      // JavaScript callers can give anything.
      const error = await gloebit
        .purchaseItem(credential, purchase as typeof HAT)
        .catch((error: unknown) => error);

      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(error).toMatchObject({ operation: 'purchaseItem', problems: [{ path: field }] });
      expect(context.server.http.requests).toEqual([]);
    });

    it('speak the final field names when told', async () => {
      await restart({ fieldNames: 'final' });

      const item = await gloebit.purchaseItem(credential, { ...HAT, quantity: 2 });
      const product = await gloebit.purchaseProduct(credential, { product: 'sword', username: 'Al' });

      const common = {
        version: 1,
        'application-key': GloebitServer.CLIENT.clientKey,
        'request-created': Math.floor(context.clock.now() / 1_000),
        'username-on-application': 'Al',
      };
      expect(bodies()).toEqual([
        {
          ...common,
          'transaction-id': item.id,
          'asset-code': 'hat',
          'asset-quantity': 2,
          'gloebit-balance-change': 14,
        },
        { ...common, 'transaction-id': product.id, product: 'sword', 'product-quantity': 1 },
      ]);
    });
  });

  it('consume no product twice when the answer is lost', async () => {
    await restart({ maxRetries: 3 });
    context.server.user('alice').products.set('sword', 5);
    context.server.loseNextAnswer = true;

    await expect(gloebit.consumeProduct(credential, { product: 'sword' })).rejects.toBeInstanceOf(
      RemoteUnavailableError,
    );
    expect(context.server.user('alice').products.get('sword')).toBe(4);
  });

  it('keep the name of a product within its part of the path', async () => {
    context.server.user('alice').products.set('my gun/x', 5);

    expect(await gloebit.consumeProduct(credential, { product: 'my gun/x', quantity: 2 })).toBe(3);
    expect(context.server.http.lastRequest.path).toBe('/consume-user-product/my%20gun%2Fx/2/');
    await expect(gloebit.consumeProduct(credential, { product: '..' })).rejects.toBeInstanceOf(
      InvalidRequestError,
    );
  });

  it('list the products that the user has', async () => {
    context.server.user('alice').products.set('sword', 5).set('hat', 0);

    expect(await gloebit.products(credential)).toEqual({ sword: 5 });
  });

  it('make, list, change and delete characters', async () => {
    const made = await gloebit.createCharacter(credential, {
      name: 'Zed',
      attributes: { level: 3, tags: ['a'] },
    });
    expect(made).toEqual({ id: expect.any(String), name: 'Zed', attributes: { level: 3, tags: ['a'] } });
    expect(await gloebit.characters(credential)).toEqual([made]);

    const changed = await gloebit.updateCharacter(credential, {
      id: made.id,
      name: 'Zoe',
      attributes: { hp: 9 },
    });
    expect(changed).toEqual({ id: made.id, name: 'Zoe', attributes: { hp: 9 } });
    await expect(gloebit.createCharacter(credential, { name: 'Zoe' })).rejects.toMatchObject({
      remoteMessage: 'name is taken',
    });

    await gloebit.deleteCharacter(credential, { id: made.id });
    expect(await gloebit.characters(credential)).toEqual([]);
    expect(context.server.http.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /create-character/',
      'GET /get-characters/',
      'POST /update-character/',
      'POST /create-character/',
      'POST /delete-character/',
      'GET /get-characters/',
    ]);
    const taken = { name: 'Zed', attributes: { id: '1' } };
    await expect(gloebit.createCharacter(credential, taken)).rejects.toBeInstanceOf(InvalidRequestError);
  });
});

describe('free-form data at Gloebit', () => {
  let context: GloebitContext;
  let gloebit: GloebitService;
  let credential: Credential;

  beforeEach(async () => {
    context = await gloebitContext({ scope: ALL });
    gloebit = context.app.get(GloebitService);
    credential = { accessToken: context.server.grant('alice', ALL), scope: ALL };
  });

  afterEach(() => context.close());

  /** What class-transformer stumbles over, or leaves out. */
  const ODD = { constructor: 'c', toString: 'd', deep: [{ constructor: { x: 1 }, valueOf: null }] };

  it('comes as it is', async () => {
    context.server.http.answer({ json: { success: true, id: '1', name: 'Al', params: ODD } });
    expect(await gloebit.userInfo(credential)).toEqual({ id: '1', name: 'Al', params: ODD });

    const counts = { constructor: 1, toString: 2 };
    context.server.http.answer({ json: { success: true, products: counts } });
    expect(Object.entries(await gloebit.products(credential))).toEqual(Object.entries(counts));

    context.server.http.answer({ json: { success: true, characters: [{ id: '1', name: 'Zed', ...ODD }] } });
    expect(await gloebit.characters(credential)).toEqual([{ id: '1', name: 'Zed', attributes: ODD }]);
  });

  it('goes as it is', async () => {
    const made = await gloebit.createCharacter(credential, { name: 'Zed', attributes: ODD });

    expect(JSON.parse(context.server.http.lastRequest.body)).toEqual({ name: 'Zed', ...ODD });
    expect(made.attributes).toEqual(ODD);
  });

  it.each<[string, unknown]>([
    ['a Map', new Map([['level', 3]])],
    ['a Map in it', { deep: [new Map([['level', 3]])] }],
    ['a Set in it', { tags: new Set(['a']) }],
    ['a function in it', { level: () => 3 }],
    ['what is no number', { level: Number.NaN }],
    ['a bigint in it', { level: 3n }],
    [
      'itself in it',
      (() => {
        const it: Record<string, unknown> = {};
        it.self = it;
        return it;
      })(),
    ],
    ['a list', ['a']],
  ])('is refused where it would be lost on the way: %s', async (_, attributes) => {
    const given = { name: 'Zed', attributes: attributes as Record<string, unknown> };

    const made = gloebit.createCharacter(credential, given);

    await expect(made).rejects.toBeInstanceOf(InvalidRequestError);
    await expect(made).rejects.toMatchObject({ problems: [{ path: 'attributes' }] });
    expect(context.server.http.requests).toEqual([]);
  });
});

describe('the shop at Gloebit', () => {
  let context: GloebitContext;
  let shop: Shop;

  beforeEach(async () => {
    context = await gloebitContext({ scope: ALL });
    shop = context.app.get(Shop);
    await link('alice', ALL);
  });

  afterEach(() => context.close());

  const link = (userId: string, scope: string) =>
    context.app
      .get(AccountLinks)
      .link(userId, 'gloebit', { accessToken: context.server.grant(userId, scope), scope });

  it('sells items and products, and tells what is left', async () => {
    const item = await shop.purchaseItem({ userId: 'alice', item: 'hat', price: 7, quantity: 2 });
    const product = await shop.purchaseProduct({
      userId: 'alice',
      product: 'sword',
      idempotencyKey: 'order-2',
    });

    expect(item).toEqual({ id: expect.any(String), balance: 86 });
    expect(product).toEqual({ id: 'order-2', balance: 76, count: 1 });
    expect(await shop.balance('alice')).toBe(76);
    expect(await shop.products('alice')).toEqual([{ product: 'sword', count: 1 }]);
    expect(await shop.consumeProduct({ userId: 'alice', product: 'sword' })).toBe(0);
  });

  it('asks for nothing that the protocol has no place for', async () => {
    const product = { userId: 'alice', product: 'sword' };
    for (const call of [
      () => shop.refundProduct({ userId: 'alice', purchaseId: 'order-1' }),
      () => shop.grantProduct(product),
      () => shop.setProductCount({ ...product, count: 1 }),
      () => shop.purchaseProduct({ ...product, character: 'Bold' }),
      () => shop.consumeProduct({ ...product, character: 'Bold' }),
      () => shop.products('alice', 'Bold'),
    ])
      await expect(call()).rejects.toThrow(NotSupportedByGloebitError);
    expect(await shop.balance('alice')).toBe(100);
  });

  it('buys once with the same key, and for each user', async () => {
    await link('bob', ALL);
    const purchase = { item: 'hat', price: 7, idempotencyKey: 'order-1' };

    const first = await shop.purchaseItem({ userId: 'alice', ...purchase });
    expect(await shop.purchaseItem({ userId: 'alice', ...purchase })).toEqual(first);
    await shop.purchaseItem({ userId: 'bob', ...purchase });

    expect(await shop.balance('alice')).toBe(93);
    expect(await shop.balance('bob')).toBe(93);
  });

  it('names the user as the application does where Gloebit does not tell the name', async () => {
    await link('bob', 'transact');

    const purchase = await shop.purchaseItem({ userId: 'bob', item: 'hat', price: 7 });

    const { id, ...body } = JSON.parse(context.server.http.lastRequest.body);
    expect(id).toBe(purchase.id);
    expect(body['merchant-user-id']).toBe('bob');
    expect(context.server.requests('/transact/')).toHaveLength(1);
  });

  it('counts what is left itself where Gloebit does not', async () => {
    context.server.user('alice').products.set('sword', 4);
    context.server.http.answer({ json: { success: true } });

    expect(await shop.consumeProduct({ userId: 'alice', product: 'sword' })).toBe(4);
  });

  it('refuses who cannot pay', async () => {
    const purchase = shop.purchaseItem({ userId: 'alice', item: 'castle', price: 101 });

    await expect(purchase).rejects.toBeInstanceOf(InsufficientBalanceError);
    await expect(purchase).rejects.toMatchObject({
      userId: 'alice',
      cause: { code: 'GLOEBIT_TRANSACT_FAILURE', remoteMessage: 'insufficient balance' },
    });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['is not sold', () => shop.purchaseProduct({ userId: 'alice', product: 'moon' }), 'unknown product'],
    [
      'the user has too few of',
      () => shop.consumeProduct({ userId: 'alice', product: 'sword' }),
      "user doesn't have enough",
    ],
  ])('refuses what %s', async (_, call, reason) => {
    const result = call();

    await expect(result).rejects.toBeInstanceOf(PurchaseRefusedError);
    await expect(result).rejects.toMatchObject({ userId: 'alice', reason });
  });

  it('does not call refused what is not settled', async () => {
    context.server.http.answer(
      { json: { success: true, name: 'alice' } },
      { json: { success: false, reason: 'pending', status: 'queued' } },
    );

    await expect(shop.purchaseProduct({ userId: 'alice', product: 'sword' })).rejects.toBeInstanceOf(
      GloebitTransactPendingError,
    );
  });

  it.each([
    ['no user', { item: 'hat', price: 7 }, 'userId'],
    ['a negative price', { userId: 'alice', item: 'hat', price: -7 }, 'price'],
    [
      'a quantity that is too large',
      { userId: 'alice', item: 'hat', price: 7, quantity: 1_000_001 },
      'quantity',
    ],
  ])('refuses a purchase with %s', async (_, purchase, field) => {
    // JavaScript callers can give anything.
    const given = purchase as { userId: string; item: string; price: number };

    const error = await shop.purchaseItem(given).catch((error: unknown) => error);

    expect(error).toBeInstanceOf(InvalidPurchaseError);
    expect(error).toMatchObject({ problems: [{ path: field }] });
  });

  it('is for users who have linked an account', async () => {
    for (const call of [
      shop.purchaseItem({ userId: 'carol', item: 'hat', price: 7 }),
      shop.purchaseProduct({ userId: 'carol', product: 'sword' }),
      shop.consumeProduct({ userId: 'carol', product: 'sword' }),
      shop.balance('carol'),
      shop.products('carol'),
    ]) {
      await expect(call).rejects.toBeInstanceOf(AccountNotLinkedError);
    }
    context.server.revoke('alice');
    await expect(shop.balance('alice')).rejects.toMatchObject({ code: 'ACCOUNT_UNLINKED' });
    await expect(shop.balance('alice')).rejects.toMatchObject({ code: 'ACCOUNT_NOT_LINKED' });
  });
});
