import { generateKeyPairSync } from 'node:crypto';
import { format, inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import {
  AccountLinks,
  type GamificationModuleOptions,
  GamificationOptions,
  GamificationOptionsError,
  GloebitService,
  GmfyService,
  type HttpInterceptor,
  InteraktService,
  InvalidRemoteResponseError,
  InvalidRequestError,
  NotConfiguredError,
  type OutgoingCall,
  PlayblazerService,
  RemoteHealthIndicator,
  RemoteRefusalError,
  RemoteUnavailableError,
  UniqueEvent,
  WalletServiceClient,
} from 'nestjs-gamification';
import { resolveOptions } from '../../libs/gamification/src/gamification.options.js';
import { HttpTransports } from '../../libs/gamification/src/http/http-transports.js';
import { createContext, TestClock } from '../support/application.js';
import { makeCertificates } from '../support/certificates.js';
import { failureOf } from '../support/failure-of.js';
import { LoopbackProxy } from '../support/loopback-proxy.js';
import { LoopbackServer } from '../support/loopback-server.js';

class Visit extends UniqueEvent('visit') {}

const KEY = 'key-that-nobody-may-see';
const VERSION = { version: '1.0', deploymentDate: '2024-07-22T17:28:03.876Z' };
/** An event that may be sent again, as it carries a key; without one it must not be. */
const REPEATABLE = { userId: 'u', idempotenceKey: 'k' };
const NOT_REPEATABLE = { eventType: 'register', userId: 'u' };

type GmfySettings = Partial<NonNullable<GamificationModuleOptions['gmfy']>>;

let server: LoopbackServer;
const open: INestApplicationContext[] = [];
/** Further servers and proxies of a test, closed after it, also when it fails. */
const servers: { close(): void | Promise<void> }[] = [];

beforeEach(async () => {
  server = await LoopbackServer.start(() => ({ json: VERSION }));
});

afterEach(async () => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  await Promise.all(open.splice(0).map((app) => app.close()));
  await Promise.all([server, ...servers.splice(0)].map((each) => each.close()));
});

async function contextWith(
  settings: GmfySettings = {},
  interceptor?: HttpInterceptor,
  clock?: TestClock,
): Promise<INestApplicationContext> {
  const gmfy = { apiKey: KEY, url: server.url, ...settings };
  const app = await createContext({ storage: false, gmfy, http: interceptor ? { interceptor } : {} }, clock);
  open.push(app);
  // The shortest of the random delays between two tries. Nest needs random numbers while it starts.
  jest.spyOn(Math, 'random').mockReturnValue(0);
  return app;
}

function close(app: INestApplicationContext): Promise<void> {
  open.splice(open.indexOf(app), 1);
  return app.close();
}

async function clientWith(...args: Parameters<typeof contextWith>): Promise<GmfyService> {
  return (await contextWith(...args)).get(GmfyService);
}

describe('a call that takes too long', () => {
  it.each(['silence', 'stall', 'drip'] as const)('ends after the timeout (%s)', async (fault) => {
    const gmfy = await clientWith({ timeout: 150, maxRetries: 0 });
    server.answer({ json: VERSION, fault });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toBeInstanceOf(RemoteUnavailableError);
    expect(error).toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      system: 'gmfy',
      operation: 'getApiVersion',
      reason: 'timeout',
      message: 'gmfy.getApiVersion: there was no answer within 150 ms',
    });
  });

  it('is made again when it is a read', async () => {
    const gmfy = await clientWith({ timeout: 150 });
    server.answer({ fault: 'silence' });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('a connection that breaks', () => {
  it.each(['drop-unread', 'drop', 'cut'] as const)('is a network error (%s)', async (fault) => {
    const gmfy = await clientWith({ maxRetries: 0 });
    server.answer({ json: VERSION, fault });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toBeInstanceOf(RemoteUnavailableError);
    expect(error).toMatchObject({ reason: 'network' });
  });

  it('is a network error when nobody listens', async () => {
    const gmfy = await clientWith({ maxRetries: 0 });
    await server.close();
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({
      reason: 'network',
      message: expect.stringMatching(/^gmfy\.getApiVersion: ECONNREFUSED: ./),
    });
  });

  it('lets a read be made again, as often as maxRetries says', async () => {
    const gmfy = await clientWith({ maxRetries: 2 });
    server.answer({ fault: 'drop' }, { fault: 'drop' }, { fault: 'drop' });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'network' });
    expect(server.requests).toHaveLength(3);
    server.answer({ fault: 'drop' }, { fault: 'drop' });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
  });

  it('lets a write be made again only when it carries an idempotency key', async () => {
    const gmfy = await clientWith();
    server.answer({ fault: 'drop' });
    await expect(gmfy.confirmPayment('p', { code: '123456' })).rejects.toMatchObject({ reason: 'network' });
    expect(server.requests.splice(0)).toHaveLength(1);
    server.answer({ fault: 'drop' });
    await expect(gmfy.createEvent(NOT_REPEATABLE)).rejects.toMatchObject({ reason: 'network' });
    expect(server.requests).toHaveLength(1);
    server.answer({ fault: 'drop' });
    await gmfy.createEvent(Visit, REPEATABLE);
    expect(server.requests).toHaveLength(3);
    server.answer({ fault: 'drop' });
    const batch = [NOT_REPEATABLE, { ...NOT_REPEATABLE, idempotenceKey: 'k' }];
    await expect(gmfy.createBatchEvents(batch)).rejects.toMatchObject({ reason: 'network' });
    expect(server.requests).toHaveLength(4);
  });
});

describe('an answer', () => {
  it.each([408, 429, 500, 502, 503, 504])('with HTTP %i lets a read be made again', async (status) => {
    const gmfy = await clientWith();
    server.answer({ status }, { status });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
    expect(server.requests).toHaveLength(3);
  });

  it.each([408, 429, 503])('with HTTP %i does not let a write be made again', async (status) => {
    const gmfy = await clientWith();
    server.answer({ status });
    await expect(gmfy.createEvent(NOT_REPEATABLE)).rejects.toBeInstanceOf(RemoteUnavailableError);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [408, 'timeout'],
    [429, 'rate_limited'],
    [500, 'failing'],
  ])('with HTTP %i says why the system cannot be used (%s)', async (status, reason) => {
    const gmfy = await clientWith({ maxRetries: 0 });
    server.answer({ status, json: { message: 'later' } });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toMatchObject({ status, reason, body: { message: 'later' } });
  });

  it.each([400, 401, 403, 404, 422])('with HTTP %i is a refusal and final', async (status) => {
    const gmfy = await clientWith();
    server.answer({ status, json: { message: 'no' } });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toBeInstanceOf(RemoteRefusalError);
    expect(error).toMatchObject({ code: 'REMOTE_REFUSAL', status, body: { message: 'no' } });
    expect(server.requests).toHaveLength(1);
  });

  it('that redirects is a refusal: the secrets are not carried elsewhere', async () => {
    const elsewhere = await LoopbackServer.start();
    servers.push(elsewhere);
    const gmfy = await clientWith();
    server.answer({ status: 302, headers: { location: `${elsewhere.url}/v1/version/` } });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toBeInstanceOf(RemoteRefusalError);
    expect(error).toMatchObject({ status: 302 });
    expect(elsewhere.requests).toHaveLength(0);
  });

  it.each([
    ['no JSON', 'this is no JSON'],
    ['half of its JSON', '{"version":'],
    ['nothing', ''],
    ['another shape', '{"version":1,"deploymentDate":"yesterday"}'],
    ['a list', '[]'],
  ])('with %s is invalid', async (_, body) => {
    const gmfy = await clientWith();
    server.answer({ body });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toBeInstanceOf(InvalidRemoteResponseError);
    expect(error).toMatchObject({ code: 'REMOTE_RESPONSE_INVALID', status: 200 });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['lists', 200, '[', ']', InvalidRemoteResponseError],
    ['lists', 400, '[', ']', RemoteRefusalError],
    ['lists', 500, '[', ']', RemoteUnavailableError],
    ['objects', 200, '{"a":', '1}', InvalidRemoteResponseError],
    ['objects', 400, '{"a":', '1}', RemoteRefusalError],
  ])(
    'with 100,000 %s in each other and HTTP %i is one of the known errors',
    async (_, status, begin, end, type) => {
      const gmfy = await clientWith({ maxRetries: 0 });
      const innermost = end === ']' ? '' : '1';
      const body = begin.repeat(100_000) + innermost + end.at(-1)?.repeat(100_000);
      expect(() => JSON.parse(body)).not.toThrow();
      server.answer({ status, body });
      const error = await failureOf(gmfy.getApiVersion());
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, body: expect.any(String) });
    },
  );

  it('that is larger than maxResponseSize is invalid', async () => {
    const gmfy = await clientWith({ maxResponseSize: 1_000 });
    server.answer({ json: { ...VERSION, more: 'x'.repeat(2_000) } });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toBeInstanceOf(InvalidRemoteResponseError);
    expect(String(error)).toContain('1000');
    server.answer({ json: { ...VERSION, more: 'x'.repeat(800) } });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
  });

  it('may hold what is a secret elsewhere', async () => {
    const gmfy = await clientWith();
    server.answer({ json: { ...VERSION, version: KEY } });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: KEY });
  });

  it('is kept by an error up to 4,096 characters', async () => {
    const gmfy = await clientWith();
    server.answer({ status: 400, body: 'x'.repeat(100_000) });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ body: `${'x'.repeat(4_096)}…` });
  });
});

describe('Retry-After', () => {
  it('in seconds is waited for', async () => {
    const gmfy = await clientWith();
    server.answer({ status: 429, headers: { 'retry-after': '1' } });
    const start = performance.now();
    await gmfy.getApiVersion();
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
    expect(server.requests).toHaveLength(2);
  });

  it('as a date is waited for', async () => {
    // 120 ms before a full second: a date knows only full ones.
    const clock = new TestClock(Date.UTC(2026, 0, 2, 3, 4, 4, 880));
    const gmfy = await clientWith({}, undefined, clock);
    server.answer({ status: 503, headers: { 'retry-after': 'Fri, 02 Jan 2026 03:04:05 GMT' } });
    const start = performance.now();
    await gmfy.getApiVersion();
    expect(performance.now() - start).toBeGreaterThanOrEqual(110);
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
    ['1.5', undefined],
    ['soon', undefined],
    ['99999999999999', 315_360_000_000],
  ])('%s is told to the caller', async (header, retryAfter) => {
    const gmfy = await clientWith({ maxRetries: 0 }, undefined, new TestClock());
    server.answer({ status: 429, headers: { 'retry-after': header } });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'rate_limited', retryAfter });
  });

  it('of more than 10 s ends the call', async () => {
    const gmfy = await clientWith();
    server.answer({ status: 503, headers: { 'retry-after': '11' } });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'failing', retryAfter: 11_000 });
    expect(server.requests).toHaveLength(1);
  });

  it('is not waited for by a shutdown', async () => {
    const app = await contextWith();
    const gmfy = app.get(GmfyService);
    server.answer({ status: 503, headers: { 'retry-after': '9' } });
    const start = performance.now();
    const call = failureOf(gmfy.getApiVersion());
    // By the time these are answered, one after the other, so was that.
    await gmfy.createEvent(NOT_REPEATABLE);
    await gmfy.createEvent(NOT_REPEATABLE);
    await close(app);
    expect(await call).toMatchObject({ reason: 'failing' });
    // Less than it was asked to wait for.
    expect(performance.now() - start).toBeLessThan(9_000);
    expect(server.requests).toHaveLength(3);
  });
});

describe('TLS', () => {
  const { authority, key, cert } = makeCertificates();
  let secure: LoopbackServer;

  beforeEach(async () => {
    secure = await LoopbackServer.start(() => ({ json: VERSION }), { tls: { key, cert } });
  });
  afterEach(() => secure.close());

  it('refuses a server whose certificate nobody vouches for', async () => {
    const gmfy = await clientWith({ url: secure.url });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toBeInstanceOf(RemoteUnavailableError);
    expect(error).toMatchObject({ reason: 'tls', message: expect.stringContaining('certificate') });
    expect(secure.requests).toHaveLength(0);
    // A second try would find the same certificate.
    expect(secure.connections).toBe(1);
  });

  it('trusts a private authority that the option `ca` names', async () => {
    const gmfy = await clientWith({ url: secure.url, ca: authority });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
  });

  it('trusts everybody with `verify: false`', async () => {
    const gmfy = await clientWith({ url: secure.url, verify: false });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
  });

  it('says so when the server speaks no TLS', async () => {
    const gmfy = await clientWith({ url: server.url.replace('http:', 'https:') });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'tls' });
  });

  it('goes through a proxy, which sees neither the call nor its secrets', async () => {
    const proxy = await LoopbackProxy.start();
    servers.push(proxy);
    const gmfy = await clientWith({ url: secure.url, ca: authority, proxy: proxy.url('me:proxy%20word') });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
    expect(proxy.lines).toEqual([`CONNECT ${secure.url.replace('https://', '')}`]);
    expect(proxy.credentials).toEqual(['me:proxy word']);
    expect(secure.lastRequest.headers).not.toHaveProperty('proxy-authorization');
  });

  it('is checked behind a proxy, too', async () => {
    const proxy = await LoopbackProxy.start();
    servers.push(proxy);
    const gmfy = await clientWith({ url: secure.url, proxy: proxy.url(), maxRetries: 0 });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'tls' });
    expect(secure.requests).toHaveLength(0);
  });
});

describe('a proxy', () => {
  it('gets calls without TLS by their whole URL', async () => {
    const proxy = await LoopbackProxy.start();
    servers.push(proxy);
    const gmfy = await clientWith({ proxy: proxy.url('me:proxy-word') });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
    expect(proxy.lines).toEqual([`GET ${server.url}/v1/version/`]);
    expect(proxy.credentials).toEqual(['me:proxy-word']);
  });

  it('may have an address of IPv6', async () => {
    const gmfy = await clientWith({ proxy: 'http://[::1]:9', maxRetries: 0 });
    const error = await failureOf(gmfy.getApiVersion());
    // Nobody listens there; what matters is that it is no name to be looked up.
    expect(error).toMatchObject({ reason: 'network', message: expect.not.stringContaining('ENOTFOUND') });
  });

  it('that does not answer is a network error without its password', async () => {
    const proxy = await LoopbackProxy.start();
    servers.push(proxy);
    const url = proxy.url('me:proxy-word');
    proxy.close();
    const gmfy = await clientWith({ proxy: url, maxRetries: 0 });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toMatchObject({ reason: 'network' });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('proxy-word');
    expect(server.requests).toHaveLength(0);
  });
});

describe('secrets', () => {
  it.each([
    ['a refusal', { status: 400, json: { message: `the key ${KEY} is wrong`, deep: [{ key: KEY }] } }],
    ['a failure', { status: 500, body: `<p>x-api-key: ${KEY}</p>` }],
    ['an answer of another shape', { json: { ...VERSION, version: { key: KEY } } }],
    ['an answer of another type', { json: { ...VERSION, deploymentDate: KEY } }],
    ['an answer without JSON', { body: KEY }],
    ['a broken connection', { fault: 'drop' }],
    ['an answer that is too large', { body: KEY.repeat(50) }],
  ] as const)('are in no error: %s', async (_, answer) => {
    const gmfy = await clientWith({ maxRetries: 0, maxResponseSize: 500 });
    server.answer(answer);
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toMatchObject({ system: 'gmfy', operation: 'getApiVersion' });
    expect(server.lastRequest.headers['x-api-key']).toBe(KEY);
    const shown = [String(error), JSON.stringify(error), inspect(error, { depth: null, showHidden: true })];
    for (const text of shown) expect(text).not.toContain(KEY);
  });

  it('are found in every way they can be written, the longest first', async () => {
    const apiKey = 'a"b\\c&d%/e';
    const gmfy = await clientWith({ apiKey, proxy: undefined });
    server.answer({ status: 400, json: { plain: apiKey, url: encodeURIComponent(apiKey) } });
    const error = await failureOf(gmfy.getApiVersion());
    expect(error).toMatchObject({ body: { plain: '[secret]', url: '[secret]' } });
  });

  it.each([
    ['in a query', 'ab:cd%2Fef$gh!ij'],
    ['in a form', 'ab%3Acd%2Fef%24gh%21ij'],
    ['in a part of a path', 'ab%3Acd%2Fef%24gh!ij'],
    ['with digits of lower case', 'ab%3acd%2fef%24gh%21ij'],
    ['in the JSON of PHP', 'ab:cd\\/ef$gh!ij'],
  ])('are found as they stand %s', async (_, written) => {
    const gmfy = await clientWith({ apiKey: 'ab:cd/ef$gh!ij' });
    server.answer({ status: 400, body: `<p>${written}</p>` });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ body: '<p>[secret]</p>' });
  });

  it('are taken out before a long answer is cut', async () => {
    const gmfy = await clientWith();
    for (const length of [4_080, 4_090, 4_095]) {
      server.answer({ status: 400, body: 'x'.repeat(length) + KEY });
      const error = await failureOf(gmfy.getApiVersion());
      expect(inspect(error, { maxStringLength: null })).not.toContain(KEY.slice(0, 4));
    }
  });

  it('are not shown by what holds them: options, services and transports', async () => {
    const secrets = {
      gmfy: 'secret-of-gmfy',
      playblazer: 'secret-of-playblazer',
      interakt: 'secret-of-interakt',
      client: 'secret-of-gloebit',
      state: 'secret-of-the-state',
      proxy: 'secret-of-the-proxy',
      encryption: Buffer.from('secret-of-32-bytes-for-the-links').toString('base64'),
      wallet: generateKeyPairSync('ec', {
        namedCurve: 'P-256',
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'sec1', format: 'pem' },
      }).privateKey,
    };
    const url = 'https://remote.example';
    const app = await createContext({
      accounts: { encryptionKeys: [{ id: 'k', key: secrets.encryption }] },
      gmfy: { apiKey: secrets.gmfy, url, proxy: `http://me:${secrets.proxy}@proxy.example:8080` },
      playblazer: { appId: 'app', mode: 'fb', secretKey: secrets.playblazer, url },
      interakt: { apiKey: secrets.interakt },
      gloebit: { clientKey: 'c', clientSecret: secrets.client, state: 'hmac', secretKey: secrets.state },
      wallet: {
        config: {
          config_schema_version: '0.1.0',
          api_base_url: url,
          authority_id: '5dc1c4d1e6f1f8a5e8a3f3a1',
          private_key: secrets.wallet,
        },
      },
    });
    open.push(app);
    const holders = [
      GamificationOptions,
      GmfyService,
      PlayblazerService,
      InteraktService,
      GloebitService,
      WalletServiceClient,
      AccountLinks,
      HttpTransports,
    ].map((type) => app.get<object>(type));
    const wholes = holders.map((holder) =>
      inspect(holder, { depth: null, showHidden: true, maxStringLength: null }),
    );
    const options = app.get(GamificationOptions);
    const shown = [...wholes, JSON.stringify(options), format('%o %j', options, options.gmfy)].join('\n');
    // The lines of a key are cut where they are shown.
    const known = Object.values(secrets).map((secret) => secret.split('\n').at(1) ?? secret);
    const token = Buffer.from(`${secrets.interakt}:`).toString('base64');
    for (const secret of [...known, token, 'secret-of', 'eyJ']) expect(shown).not.toContain(secret);
    // Only the secrets are left out.
    expect(shown).toContain('proxy.example');
    expect(JSON.parse(JSON.stringify(options))).toMatchObject({
      gmfy: { apiKey: '[secret]', url, timeout: 60_000, proxy: 'http://me:[secret]@proxy.example:8080' },
      accounts: { encryptionKeys: [{ id: 'k', key: '[secret]' }] },
      wallet: { config: '[secret]' },
    });
    expect(inspect(options.gmfy)).toMatch(/^GmfyOptions \{/);
    expect(inspect({ deep: { deeper: { options: options.gmfy } } }, { depth: 1 })).not.toContain('apiKey');
    expect(options.gmfy?.apiKey).toBe(secrets.gmfy);
  });

  it('are not shown by the URL of a database', async () => {
    const options = resolveOptions({ storage: { url: 'postgres://me:secret-of-the-database@db.example/x' } });
    expect(inspect(options)).toContain('postgres://me:[secret]@db.example/x');
    expect(inspect(options) + JSON.stringify(options)).not.toContain('secret-of-the-database');
  });

  it('of one call, such as the code of a payment, are in no error of it', async () => {
    const gmfy = await clientWith();
    server.answer({ status: 400, json: { message: 'the code 123456 is wrong' } });
    const error = await failureOf(gmfy.confirmPayment('p', { code: '123456' }));
    expect(error).toMatchObject({ body: { message: 'the code [secret] is wrong' } });
  });
});

describe('paths', () => {
  it('keep a parameter within its segment', async () => {
    const gmfy = await clientWith();
    server.handle(() => ({ json: [] }));
    await gmfy.getUserBadges('a b/c?d');
    await gmfy.getUserBadges('ä%2e#&;');
    await gmfy.getUserBadges('...');
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/v1/badges/a%20b%2Fc%3Fd/',
      '/v1/badges/%C3%A4%252e%23%26%3B/',
      '/v1/badges/.../',
    ]);
  });

  it.each(['', '.', '..', '\ud800'])(
    'refuse the parameter %j, which would lead elsewhere',
    async (userId) => {
      const gmfy = await clientWith();
      const error = await failureOf(gmfy.getUserBadges(userId));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(error).toMatchObject({ code: 'REQUEST_INVALID', system: 'gmfy', operation: 'getUserBadges' });
      expect(server.requests).toHaveLength(0);
    },
  );

  it('and queries refuse what cannot be encoded', async () => {
    const gmfy = await clientWith();
    const error = await failureOf(gmfy.confirmPayment('p', { code: 'code-\ud800' }));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ operation: 'confirmPayment', problems: [{ path: 'code' }] });
    expect(String(error)).not.toContain('code-');
    expect(server.requests).toHaveLength(0);
  });

  it('refuse what is no text', async () => {
    const gmfy = await clientWith();
    // JavaScript callers can give anything.
    const userId = undefined as unknown as string;
    await expect(gmfy.getUserBadges(userId)).rejects.toBeInstanceOf(InvalidRequestError);
    expect(server.requests).toHaveLength(0);
  });

  it.each(['', '/', '/api', '/api/', '/api//'])(
    'stand behind a base URL that ends with "%s"',
    async (end) => {
      const gmfy = await clientWith({ url: server.url + end });
      await gmfy.getApiVersion();
      expect(server.lastRequest.path).toBe(end.startsWith('/api') ? '/api/v1/version/' : '/v1/version/');
    },
  );

  it.each([
    { url: 'gmfy.example' },
    { url: 'https://user:password@gmfy.example' },
    { url: 'https://gmfy.example/?key=1' },
    { url: 'ftp://gmfy.example' },
    { url: 'https://gmfy.example ' },
    { url: 'https://gmfy.example/a b' },
    { url: 'https://gmfy.example/?' },
    { url: 'https://gmfy.example/#' },
    { url: 'https:gmfy.example' },
    { url: 'https:\\\\gmfy.example' },
    { url: 'https://gmfy.example/a\\b' },
    { apiKey: 'with space' },
    { apiKey: '' },
    { timeout: 0 },
    { maxRetries: 11 },
    { ca: 'no PEM' },
    { ca: 'BEGIN garbage' },
    { ca: '-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----' },
    { ca: '' },
    { ca: [] },
    { proxy: 'proxy' },
    { proxy: 'http://u:pa%ss@h:1' },
    { proxy: 'http://h:1/path' },
    { proxy: 'http:h:1' },
    { proxy: 'http://h:1?' },
    { proxy: 'http://h:1 ' },
  ])('and options that cannot be stop the start: %j', async (settings) => {
    const error = await failureOf(contextWith(settings));
    expect(error).toBeInstanceOf(GamificationOptionsError);
    expect(String(error)).toContain(`gmfy.${Object.keys(settings)[0]}`);
  });
});

describe('options of a system', () => {
  it.each(['gmfy', 'wallet', 'accounts', 'gloebit', 'playblazer', 'interakt'])(
    'are not null: `%s: null` is refused, as it may be a mistake',
    async (name) => {
      // JavaScript callers and configuration files can give anything.
      const options = { [name]: null } as GamificationModuleOptions;
      await expect(createContext(options)).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
        problems: [expect.objectContaining({ path: name, got: 'null' })],
      });
    },
  );

  it.each([':', 'Og==', 'Og'])('have a key of Interakt that is not empty: %s', async (apiKey) => {
    await expect(createContext({ interakt: { apiKey } })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      problems: [expect.objectContaining({ path: 'interakt.apiKey' })],
    });
  });

  it('are those of linked accounts only where these are kept', async () => {
    const accounts = { encryptionKeys: [{ id: 'k', key: Buffer.alloc(32, 1).toString('base64') }] };
    await expect(createContext({ storage: false, accounts })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(/accounts is .*storage/),
    });
  });
});

describe('a system without TLS', () => {
  it.each([
    ['http://gmfy.example', 1],
    ['http://127.0.0.1.example', 1],
    ['https://gmfy.example', 0],
    ['http://localhost:1', 0],
    ['http://127.0.0.1:1', 0],
    ['http://[::1]:1', 0],
  ])('is warned of at the start, unless it is on this machine: %s', async (url, warnings) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    await clientWith({ url });
    const told = warn.mock.calls.map(([message]) => String(message)).filter((text) => text.includes('gmfy'));
    expect(told).toHaveLength(warnings);
    for (const text of told) expect(text).toContain(url);
  });
});

describe('the circuit breaker', () => {
  it('keeps calls from a system that fails, and lets one through after a while', async () => {
    // The clocks of Node itself stay real; only the breaker's timers are the test's.
    jest.useFakeTimers({
      doNotFake: [
        'nextTick',
        'setImmediate',
        'clearImmediate',
        'queueMicrotask',
        'performance',
        'Date',
        'hrtime',
      ],
    });
    const app = await contextWith({ maxRetries: 0 });
    const [gmfy, health] = [app.get(GmfyService), app.get(RemoteHealthIndicator)];
    server.handle(() => ({ status: 500 }));
    await expect(health.isHealthy('gmfy')).resolves.toEqual({ gmfy: { status: 'up' } });
    for (let call = 0; call < 10; call++) {
      await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'failing' });
    }
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'circuit_open', retryAfter: 5_000 });
    expect(server.requests).toHaveLength(10);
    await expect(health.isHealthy('gmfy')).resolves.toEqual({
      gmfy: { status: 'down', message: expect.any(String) },
    });

    jest.advanceTimersByTime(5_000);
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'failing' });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'circuit_open' });
    expect(server.requests).toHaveLength(11);

    jest.advanceTimersByTime(5_000);
    server.handle(() => ({ json: VERSION }));
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
    await expect(health.isHealthy('gmfy')).resolves.toEqual({ gmfy: { status: 'up' } });
  });

  it('does not count refusals and requests to slow down', async () => {
    const gmfy = await clientWith({ maxRetries: 0 });
    for (const status of [400, 429]) {
      server.handle(() => ({ status }));
      for (let call = 0; call < 15; call++) await failureOf(gmfy.getApiVersion());
    }
    server.handle(() => ({ json: VERSION }));
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
  });

  it('has no health of a system that is not configured', async () => {
    const app = await contextWith();
    const error = await failureOf(app.get(RemoteHealthIndicator).isHealthy('interakt'));
    expect(error).toBeInstanceOf(NotConfiguredError);
    expect(String(error)).toContain('`interakt`');
  });
});

describe('the interceptor', () => {
  it('stands around every try, and adds headers', async () => {
    const calls: (Omit<OutgoingCall, 'headers'> & { status: number })[] = [];
    const interceptor: HttpInterceptor = async (call, next) => {
      const { system, operation, method, url, attempt } = call;
      call.headers.traceparent = `00-trace-${attempt}`;
      const result = await next();
      calls.push({ system, operation, method, url, attempt, status: result.status });
      return result;
    };
    const gmfy = await clientWith({}, interceptor);
    server.answer({ status: 503 }, { json: [] });
    await gmfy.getRatingTopUsers('R');
    const call = {
      system: 'gmfy',
      operation: 'getRatingTopUsers',
      method: 'GET',
      url: `${server.url}/v1/ratings/R/top/`,
    };
    expect(calls).toEqual([
      { ...call, attempt: 1, status: 503 },
      { ...call, attempt: 2, status: 200 },
    ]);
    expect(server.requests.map(({ headers }) => headers.traceparent)).toEqual(['00-trace-1', '00-trace-2']);
  });

  it('sees what a try failed with', async () => {
    const seen: unknown[] = [];
    const interceptor: HttpInterceptor = async (_, next) => {
      try {
        return await next();
      } catch (error) {
        seen.push(error);
        throw error;
      }
    };
    const gmfy = await clientWith({ maxRetries: 1 }, interceptor);
    server.answer({ fault: 'drop' });
    await gmfy.getApiVersion();
    expect(seen).toMatchObject([{ code: 'REMOTE_UNAVAILABLE', reason: 'network' }]);
  });

  it('sees the status of an answer, and nothing of what it holds', async () => {
    let seen: unknown;
    const gmfy = await clientWith({}, async (_, next) => {
      seen = await next();
    });
    server.answer({ json: { ...VERSION, version: 'private' } });
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: 'private' });
    expect(seen).toEqual({ status: 200 });
    expect(inspect(seen, { showHidden: true })).toBe('{ status: 200 }');
  });

  it.each<[string, HttpInterceptor]>([
    ['nothing', async (_, next) => void (await next())],
    ['something else', async (_, next) => ({ status: (await next()).status + 300, body: 'made up' })],
    ['before it has an answer', (_, next) => void next()],
    ['twice', (_, next) => Promise.all([next(), next()])],
  ])('changes no answer, whatever it returns: %s', async (_, interceptor) => {
    const gmfy = await clientWith({}, interceptor);
    await expect(gmfy.getApiVersion()).resolves.toMatchObject({ version: '1.0' });
    expect(server.requests).toHaveLength(1);
  });

  it('does not make an answer of a failure', async () => {
    const gmfy = await clientWith({ maxRetries: 0 }, (_, next) => next().catch(() => ({ status: 200 })));
    server.answer({ fault: 'drop' });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'network' });
  });

  it('must make the call or throw', async () => {
    const gmfy = await clientWith({}, async () => ({ status: 200 }));
    await expect(gmfy.getApiVersion()).rejects.toThrow(/interceptor.*next\(\)/);
    expect(server.requests).toHaveLength(0);
  });

  it.each<[string, HttpInterceptor, number]>([
    ['before the call', () => new Promise(() => {}), 0],
    [
      'behind the call',
      async (_, next) => {
        await next();
        await new Promise(() => {});
      },
      1,
    ],
  ])('that hangs %s ends with the time of the try', async (_, interceptor, requests) => {
    const gmfy = await clientWith({ timeout: 150, maxRetries: 0 }, interceptor);
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      reason: 'timeout',
      operation: 'getApiVersion',
    });
    expect(server.requests).toHaveLength(requests);
  });

  it('that comes too late makes no call', async () => {
    let late: Promise<unknown> = Promise.resolve();
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const gmfy = await clientWith({ timeout: 50, maxRetries: 0 }, (_, next) => {
      late = gate.then(() => failureOf(next()));
      return late;
    });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'timeout' });
    goOn();
    expect(await late).toMatchObject({ reason: 'timeout' });
    expect(server.requests).toHaveLength(0);
  });

  it('keeps a call from being made by throwing', async () => {
    const refusal = new Error('not today');
    const gmfy = await clientWith({}, () => Promise.reject(refusal));
    expect(await failureOf(gmfy.getApiVersion())).toBe(refusal);
    expect(server.requests).toHaveLength(0);
  });
});

describe('connections', () => {
  it('are kept for the calls that follow', async () => {
    const gmfy = await clientWith();
    for (let call = 0; call < 5; call++) await gmfy.getApiVersion();
    expect(server.requests).toHaveLength(5);
    expect(server.connections).toBe(1);
  });

  it('are let go by a shutdown, after which no call is made', async () => {
    const app = await contextWith();
    const gmfy = app.get(GmfyService);
    server.answer({ fault: 'silence' });
    const call = failureOf(gmfy.getApiVersion());
    await gmfy.createEvent(NOT_REPEATABLE);
    await close(app);
    expect(await call).toMatchObject({ reason: 'network' });
    await expect(gmfy.getApiVersion()).rejects.toMatchObject({ reason: 'closed' });
    expect(server.requests).toHaveLength(2);
  });
});
