import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  type INestApplicationContext,
  Inject,
  Injectable,
  Logger,
  type ModuleMetadata,
  Scope,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AfterGiftReply,
  AfterGiftRequest,
  BeforeGiftReply,
  BeforeGiftRequest,
  GamificationError,
  GamificationModule,
  type GamificationModuleOptions,
  GamificationOptionsError,
  GiftHookScopeError,
  GiftProfileNotFoundError,
  GiftRefusedError,
  type GiftReply,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  Gifts,
  InvalidGiftError,
  InvalidQueryError,
  InvalidRemoteResponseError,
  InvalidRequestError,
  type NewGiftRequest,
  NotConfiguredError,
  type OutgoingCall,
  PlayblazerError,
  type PlayblazerGiftRequest,
  PlayblazerGiftRequestExpiredError,
  PlayblazerGiftRequestFailedError,
  PlayblazerInvalidGiftRequestError,
  PlayblazerInvalidRequestError,
  type PlayblazerMode,
  PlayblazerNoProfileError,
  PlayblazerService,
  RemoteRefusalError,
  RemoteUnavailableError,
} from 'nestjs-gamification';
import { TestClock } from '../support/application.js';
import type { Answer } from '../support/loopback-server.js';
import { error, PlayblazerServer } from '../support/playblazer-server.js';

type PlayblazerSettings = NonNullable<GamificationModuleOptions['playblazer']>;

type RemoteErrorClass =
  | typeof InvalidRemoteResponseError
  | typeof RemoteRefusalError
  | typeof RemoteUnavailableError;

describe('Playblazer Gifts', () => {
  const clock = new TestClock();
  const started: INestApplicationContext[] = [];
  let server: PlayblazerServer;

  beforeEach(async () => {
    server = await PlayblazerServer.start(() => clock.now());
    server.addProfile({ first_name: 'Alice', last_name: 'Ames', lang: 'en', fbid: 'alice', googleid: 'g-1' });
    server.addProfile({ first_name: 'Bob', fbid: 'bob', twitterid: 't-2', email: 'bob@example.org' });
  });

  afterEach(async () => {
    for (const app of started.splice(0)) await app.close();
    await server.close();
  });

  function options(more: Partial<PlayblazerSettings> = {}): GamificationModuleOptions {
    const { url, appId, secretKey } = server;
    return { storage: false, playblazer: { url, appId, secretKey, mode: 'fb', maxRetries: 0, ...more } };
  }

  async function make(
    given: GamificationModuleOptions = options(),
    { imports = [], ...metadata }: ModuleMetadata = {},
  ): Promise<INestApplicationContext> {
    const module = await Test.createTestingModule({
      imports: [GamificationModule.forRoot(given), ...imports],
      ...metadata,
    }).compile();
    module.useLogger(false);
    started.push(module);
    return module;
  }

  async function start(...args: Parameters<typeof make>): Promise<INestApplicationContext> {
    return (await make(...args)).init();
  }

  async function startService(more?: Partial<PlayblazerSettings>): Promise<PlayblazerService> {
    return (await start(options(more))).get(PlayblazerService);
  }

  async function startGifts(more?: Partial<PlayblazerSettings>): Promise<Gifts> {
    return (await start(options(more))).get(Gifts);
  }

  describe('options', () => {
    it.each<[string, object, RegExp]>([
      ['url', { url: undefined }, /playblazer\.url is missing, allowed: an http/],
      ['url', { url: 'api.playblazer.com' }, /playblazer\.url is/],
      ['url', { url: 'https://user:secret-key@api.playblazer.com/v1' }, /playblazer\.url is a text/],
      ['appId', { appId: undefined }, /playblazer\.appId is missing, allowed: a text of letters/],
      ['appId', { appId: '1/2' }, /playblazer\.appId is/],
      ['secretKey', { secretKey: '' }, /playblazer\.secretKey is/],
      ['secretKey', { secretKey: 'secret-key with a space' }, /playblazer\.secretKey is a text/],
      ['mode', { mode: undefined }, /playblazer\.mode is missing/],
      ['timeout', { timeout: 0 }, /playblazer\.timeout is 0/],
      ['key', { key: 'secret-key' }, /playblazer\.key is a text, allowed: nothing/],
    ])('stops the start with a wrong %s: %j', async (_, wrong, message) => {
      const failure = start(options(wrong));

      await expect(failure).rejects.toThrow(GamificationOptionsError);
      await expect(failure).rejects.toThrow(message);
      await expect(failure).rejects.not.toThrow(/secret-key/);
    });

    it.each([Gifts, PlayblazerService])(
      'says which option is missing when %p is injected without it',
      async (token) => {
        @Injectable()
        class Shelf {
          constructor(@Inject(token) readonly gifts: unknown) {}
        }

        const failure = start({ storage: false }, { providers: [Shelf] });

        await expect(failure).rejects.toThrow(NotConfiguredError);
        await expect(failure).rejects.toThrow(
          `${token.name} is injected into Shelf, but nothing serves it: set the option \`playblazer\``,
        );
      },
    );

    it('takes a URL with a slash at the end', async () => {
      const playblazer = await startService({ url: `${server.url}/` });

      await playblazer.listGiftRequests({ userId: 'alice' });
      expect(server.lastPath).toBe('/v1/app/1/gifts/fb/alice/list');
    });
  });

  describe('PlayblazerService', () => {
    const calls: [string, (playblazer: PlayblazerService, mode?: PlayblazerMode) => Promise<unknown>][] = [
      ['requestGift', (playblazer, mode) => playblazer.requestGift({ userId: 'alice', mode })],
      ['listGiftRequests', (playblazer, mode) => playblazer.listGiftRequests({ userId: 'alice', mode })],
      [
        'replyToGiftRequest',
        (playblazer, mode) => playblazer.replyToGiftRequest({ userId: 'alice', requestId: 'r', mode }),
      ],
    ];
    const good: Answer = { json: { status: 'ok', request_id: 'r', count: 0, requests: [] } };

    it.each(calls)('%s uses the mode of the options unless told', async (_, call) => {
      server.http.answer(good, good);
      const playblazer = await startService({ mode: 'email' });

      await call(playblazer);
      expect(server.lastPath).toMatch(/^\/v1\/app\/1\/gifts\/email\/alice\//);
      await call(playblazer, 'deviceid');
      expect(server.lastPath).toMatch(/^\/v1\/app\/1\/gifts\/deviceid\/alice\//);
    });

    it.each([
      ['a b/c?d#e', 'a%20b%2Fc%3Fd%23e'],
      ['bob@example.org', 'bob%40example.org'],
      ['50%', '50%25'],
      ['../list', '..%2Flist'],
      ['ü', '%C3%BC'],
    ])('keeps the user id %s within its part of the path', async (userId, encoded) => {
      server.http.answer(good);
      await (await startService()).requestGift({ userId });

      expect(server.lastPath).toBe(`/v1/app/1/gifts/fb/${encoded}/request/new`);
    });

    it.each<[string, NewGiftRequest & { mode?: string }, string[]]>([
      ['no user', { userId: '' }, ['userId']],
      ['a user that would be another path', { userId: '..' }, ['an id']],
      ['a mode that would be another path', { userId: 'a', mode: '.' }, ['an id']],
      ['an empty mode', { userId: 'a', mode: '' }, ['mode']],
      ['an expiry of nothing', { userId: 'a', expiresIn: 0 }, ['expiresIn']],
      ['a past expiry', { userId: 'a', expiresIn: -1 }, ['expiresIn']],
      ['a broken expiry', { userId: 'a', expiresIn: 1.5 }, ['expiresIn']],
      ['an attribute without a name', { userId: 'a', attributes: { '': 'x' } }, ['attributes']],
      ['an attribute that cannot be sent', { userId: 'a', attributes: { x: '\ud800' } }, ['attributes']],
      [
        'several at once',
        { userId: '', expiresIn: Number.NaN, attributes: { x: 'y'.repeat(1_001) } },
        ['userId', 'expiresIn', 'attributes'],
      ],
    ])('sends no request with %s', async (_, request, paths) => {
      const failure = (await startService()).requestGift(request);

      await expect(failure).rejects.toThrow(InvalidRequestError);
      await expect(failure).rejects.toMatchObject({
        system: 'playblazer',
        operation: 'requestGift',
        problems: paths.map((path) => expect.objectContaining({ path })),
      });
      expect(server.http.requests).toEqual([]);
    });

    it.each([{ start: -1 }, { start: 0.5 }, { limit: 0 }, { limit: 1.5 }, { sort: 'up' }])(
      'asks for no list with %j',
      async (wrong) => {
        // What TypeScript would not let through, as from a query string.
        const query = { userId: 'alice', ...wrong } as Parameters<PlayblazerService['listGiftRequests']>[0];

        await expect((await startService()).listGiftRequests(query)).rejects.toMatchObject({
          code: 'REQUEST_INVALID',
          problems: [{ path: Object.keys(wrong)[0] }],
        });
        expect(server.http.requests).toEqual([]);
      },
    );

    it('sends no reply that neither accepts nor denies', async () => {
      const reply = { userId: 'bob', requestId: 'r', response: 'later' } as unknown as GiftReply;

      await expect((await startService()).replyToGiftRequest(reply)).rejects.toMatchObject({
        problems: [{ path: 'response', got: '"later"', allowed: expect.stringContaining('accept, deny') }],
      });
      expect(server.http.requests).toEqual([]);
    });

    it.each<[string, number, string, typeof PlayblazerError, string]>([
      [
        'E_INVALID_REQUEST',
        -100,
        'Secret Key not passed',
        PlayblazerInvalidRequestError,
        'PLAYBLAZER_INVALID_REQUEST',
      ],
      ['E_NO_PROFILE', -200, 'No such profile', PlayblazerNoProfileError, 'PLAYBLAZER_NO_PROFILE'],
      [
        'E_GIFT_REQUEST_FAILED',
        -30001,
        'Failed',
        PlayblazerGiftRequestFailedError,
        'PLAYBLAZER_GIFT_REQUEST_FAILED',
      ],
      [
        'E_GIFT_INVALID_REQUEST',
        -30002,
        'Request ID not passed',
        PlayblazerInvalidGiftRequestError,
        'PLAYBLAZER_INVALID_GIFT_REQUEST',
      ],
      [
        'E_GIFT_INVALID_REQUEST',
        -30002,
        "Request with id='r' not found",
        PlayblazerInvalidGiftRequestError,
        'PLAYBLAZER_INVALID_GIFT_REQUEST',
      ],
      [
        'E_GIFT_REQUEST_EXPIRED',
        -30003,
        "Request with id='r' has expired",
        PlayblazerGiftRequestExpiredError,
        'PLAYBLAZER_GIFT_REQUEST_EXPIRED',
      ],
      [
        'E_GIFT_QUOTA_EXCEEDED',
        -30004,
        'You have exceeded your quota of gifts',
        PlayblazerError,
        'PLAYBLAZER_REFUSAL',
      ],
      ['E_MISSING_TOKEN', -20002, 'Token missing', PlayblazerError, 'PLAYBLAZER_REFUSAL'],
      ['E_MISSING_EXPIRES', -20003, 'Expires missing', PlayblazerError, 'PLAYBLAZER_REFUSAL'],
    ])(
      'tells the error %s (%i, %s) by its class, whatever the HTTP status',
      async (codeStr, number, message, type, code) => {
        const playblazer = await startService();
        for (const status of [200, 400, 404, 429, 500]) {
          server.http.answer({ ...error(message, number, codeStr), status });

          const failure = playblazer.replyToGiftRequest({ userId: 'alice', requestId: 'r' });

          await expect(failure).rejects.toMatchObject({
            constructor: type,
            name: type.name,
            code,
            system: 'playblazer',
            operation: 'replyToGiftRequest',
            status,
            remoteCode: codeStr,
            remoteNumber: number,
            remoteMessage: message,
            message: `playblazer.replyToGiftRequest: it answered ${codeStr} (${number}): ${message}`,
            body: { status: 'error', error: { message, code: number, code_str: codeStr } },
          });
          await expect(failure).rejects.toThrow(RemoteRefusalError);
        }
      },
    );

    it('keeps an error that says nothing about itself', async () => {
      server.http.answer({ json: { status: 'error', error: {} } });

      await expect((await startService()).requestGift({ userId: 'alice' })).rejects.toMatchObject({
        constructor: PlayblazerError,
        remoteCode: undefined,
        remoteNumber: undefined,
        remoteMessage: undefined,
        message: 'playblazer.requestGift: it answered an error',
      });
    });

    it('takes an answer with `status: "ok"` whatever the HTTP status', async () => {
      server.http.answer({ status: 500, json: { status: 'ok', request_id: 'r-1' } });

      expect(await (await startService()).requestGift({ userId: 'alice' })).toBe('r-1');
    });

    it.each<[string, Answer, RemoteErrorClass, RegExp]>([
      ['HTML', { body: '<html>', status: 200 }, InvalidRemoteResponseError, /has neither `status: "ok"` nor/],
      ['nothing', { status: 200 }, InvalidRemoteResponseError, /has neither `status: "ok"` nor/],
      [
        'half of it',
        { body: '{"status":"ok"', status: 200 },
        InvalidRemoteResponseError,
        /has neither `status: "ok"` nor/,
      ],
      [
        'XML',
        { body: '<response><status>ok</status></response>' },
        InvalidRemoteResponseError,
        /has neither `status: "ok"` nor/,
      ],
      ['a list', { json: ['ok'] }, InvalidRemoteResponseError, /has neither `status: "ok"` nor/],
      [
        'another status',
        { json: { status: 'fine' } },
        InvalidRemoteResponseError,
        /has neither `status: "ok"` nor/,
      ],
      [
        'an error without a word',
        { json: { status: 'error' } },
        InvalidRemoteResponseError,
        /has neither `status: "ok"` nor/,
      ],
      ['no id', { json: { status: 'ok' } }, InvalidRemoteResponseError, /request_id is missing/],
      [
        'an id of another type',
        { json: { status: 'ok', request_id: 7 } },
        InvalidRemoteResponseError,
        /request_id is 7/,
      ],
      ['a page of something in between', { status: 404, body: '<h1>?' }, RemoteRefusalError, /HTTP 404/],
      ['a redirect', { status: 302, headers: { location: '/' } }, RemoteRefusalError, /HTTP 302/],
      [
        'the error of another gateway',
        { status: 503, json: { status: 'error', error: 'no upstream' } },
        RemoteUnavailableError,
        /HTTP 503/,
      ],
      [
        'the error of a gateway',
        { status: 502, json: { status: 'error', message: 'no upstream' } },
        RemoteUnavailableError,
        /HTTP 502/,
      ],
      ['too many calls', { status: 429 }, RemoteUnavailableError, /HTTP 429/],
      ['a dropped connection', { fault: 'drop' }, RemoteUnavailableError, /network|ECONNRESET|socket/],
      ['a cut answer', { ...good, fault: 'cut' }, RemoteUnavailableError, /aborted|ECONNRESET|network/],
      ['silence', { fault: 'silence' }, RemoteUnavailableError, /no answer within 200 ms/],
      ['a body that does not end', { fault: 'drip' }, RemoteUnavailableError, /no answer within 200 ms/],
    ])('refuses %s, with the right error, and does not ask again', async (_, answer, type, message) => {
      server.http.answer(answer);
      const playblazer = await startService({ timeout: 200, maxRetries: 3 });

      const failure = playblazer.requestGift({ userId: 'alice' });

      await expect(failure).rejects.toThrow(type);
      await expect(failure).rejects.toThrow(message);
      expect(server.http.requests).toHaveLength(1);
    });

    const request = { id: 'r', extra: {}, expiry_time: { timestamp: 1, time_str: '' }, user: { fbid: 'x' } };

    it.each<[string, unknown]>([
      ['count', { status: 'ok', requests: [] }],
      ['requests', { status: 'ok', count: 0 }],
      ['requests', { status: 'ok', count: 0, requests: {} }],
      ['requests.0.id', { status: 'ok', count: 1, requests: [{ ...request, id: 1 }] }],
      ['requests.1.extra', { status: 'ok', count: 2, requests: [request, { ...request, extra: { n: 1 } }] }],
      ['requests.0.expiry_time', { status: 'ok', count: 1, requests: [{ ...request, expiry_time: 1 }] }],
      [
        'requests.0.expiry_time.timestamp',
        { status: 'ok', count: 1, requests: [{ ...request, expiry_time: { timestamp: 'now' } }] },
      ],
      ['requests.0.user.fbid', { status: 'ok', count: 1, requests: [{ ...request, user: { fbid: 1 } }] }],
    ])('refuses a list with a wrong %s: %j', async (path, json) => {
      server.http.answer({ json });

      const failure = (await startService()).listGiftRequests({ userId: 'alice' });
      await expect(failure).rejects.toThrow(InvalidRemoteResponseError);
      await expect(failure).rejects.toThrow(`in the answer, ${path} is `);
    });

    it('reads a list whatever is left out or added', async () => {
      const bare = { id: 'r', extra: null, expiry_time: { timestamp: 1 }, user: null, more: [1] };
      const json = { status: 'ok', count: 1, requests: [bare], more: {} };
      server.http.answer({ json });

      expect(await (await startService()).listGiftRequests({ userId: 'alice' })).toEqual({
        count: 1,
        requests: [{ id: 'r', extra: {}, expiresAt: new Date(1_000), user: {} }],
      });
    });

    it('asks again for a list, which does no harm', async () => {
      server.http.answer({ status: 503 }, { fault: 'drop' });
      const playblazer = await startService({ maxRetries: 2 });

      expect(await playblazer.listGiftRequests({ userId: 'alice' })).toEqual({ count: 0, requests: [] });
      expect(server.http.requests).toHaveLength(3);
    });

    it('replies once, because nobody says what a second reply does', async () => {
      server.http.answer({ status: 503 });
      const playblazer = await startService({ maxRetries: 2 });

      await expect(playblazer.replyToGiftRequest({ userId: 'bob', requestId: 'r' })).rejects.toMatchObject({
        reason: 'failing',
      });
      expect(server.http.requests).toHaveLength(1);
    });

    it('waits as long as the server asks before it asks again', async () => {
      server.http.answer({ status: 429, headers: { 'retry-after': '0' } });

      await (await startService({ maxRetries: 1 })).listGiftRequests({ userId: 'alice' });
      expect(server.http.requests).toHaveLength(2);

      server.http.answer({ status: 429, headers: { 'retry-after': '3600' } });
      const failure = (await startService({ maxRetries: 1 })).listGiftRequests({ userId: 'alice' });
      await expect(failure).rejects.toMatchObject({ reason: 'rate_limited', retryAfter: 3_600_000 });
      expect(server.http.requests).toHaveLength(3);
    });

    it('fetches all requests by pages while they are read', async () => {
      const playblazer = await startService();
      for (const n of [1, 2, 3, 4, 5]) {
        await playblazer.requestGift({ userId: 'alice', expiresIn: n, attributes: { n: String(n) } });
      }
      const before = server.http.requests.length;
      const calls = () => server.http.requests.length - before;

      const iterator = playblazer.iterateGiftRequests({ userId: 'bob', sort: 'desc', start: 1, pageSize: 2 });
      const first = await iterator.next();
      expect(calls()).toBe(1);
      const rest: PlayblazerGiftRequest[] = [];
      for await (const next of iterator) rest.push(next);

      const all = first.done ? [] : [first.value, ...rest];
      expect(all.map(({ extra }) => extra.n)).toEqual(['4', '3', '2', '1']);
      expect(server.http.requests.slice(before).map(({ path }) => path.replace(/.*&start/, 'start'))).toEqual(
        ['start=1&limit=2&sort=desc', 'start=3&limit=2&sort=desc', 'start=5&limit=2&sort=desc'],
      );
    });

    it('fetches all requests from a server that gives fewer at a time than it is asked for', async () => {
      const page = (...ids: string[]) => ({
        json: { status: 'ok', count: 3, requests: ids.map((id) => ({ ...request, id })) },
      });
      server.http.answer(page('a', 'b'), page('c'));

      const ids: string[] = [];
      for await (const { id } of (await startService()).iterateGiftRequests({ userId: 'bob' })) ids.push(id);
      expect(ids).toEqual(['a', 'b', 'c']);
    });

    it('shows its secret key to nobody but the server', async () => {
      const seen: OutgoingCall[] = [];
      const settings: GamificationModuleOptions = {
        ...options({ secretKey: 'k/e+y&8d878989b9478e', timeout: 200 }),
        http: {
          interceptor: (call, next) => {
            seen.push(call);
            return next();
          },
        },
      };
      const key = /k\/e\+y|k%2Fe%2By/;
      const failures: unknown[] = [];

      for (const [, call] of calls) {
        // An application each: after ten failures, it would make no more calls for a while.
        const playblazer = (await start(settings)).get(PlayblazerService);
        // The server itself answers that the key is wrong, and repeats it.
        await call(playblazer).catch((thrown) => failures.push(thrown));
        expect(server.lastParameters.secret_key).toBe('k/e+y&8d878989b9478e');
        const answers: readonly Answer[] = [
          { status: 500, body: `failed: ${server.http.lastRequest.path} ${server.http.lastRequest.body}` },
          { json: { status: 'k/e+y&8d878989b9478e' } },
          { fault: 'drop' },
          { fault: 'silence' },
        ];
        for (const answer of answers) {
          server.http.answer(answer);
          await call(playblazer).catch((thrown) => failures.push(thrown));
        }
      }

      expect(failures).toHaveLength(15);
      expect(failures[0]).toMatchObject({ remoteMessage: 'Invalid Secret Key [secret]' });
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(GamificationError);
        expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(key);
        expect(JSON.stringify(failure)).not.toMatch(key);
        expect(String(failure)).not.toMatch(key);
      }
      expect(seen).toHaveLength(15);
      expect(inspect(seen, { depth: 10 })).not.toMatch(key);
      expect(seen[5]).toMatchObject({
        system: 'playblazer',
        operation: 'listGiftRequests',
        url: `${server.url}/app/1/gifts/fb/alice/list`,
      });
    });
  });

  describe('Gifts', () => {
    it('requests a gift, lists it for friends and takes their replies', async () => {
      const gifts = await startGifts();

      const id = await gifts.request({ userId: 'alice', expiresIn: 60, attributes: { item: 'flour' } });

      expect(await gifts.list({ userId: 'bob' })).toEqual({
        items: [
          {
            id,
            attributes: { item: 'flour' },
            expiresAt: new Date(clock.now() + 60_000),
            from: { userId: 'alice', firstName: 'Alice', lastName: 'Ames', language: 'en' },
          },
        ],
      });
      await gifts.reply({ userId: 'bob', requestId: id, response: 'deny', attributes: { why: 'none left' } });
      expect(server.replies).toMatchObject([
        { requestId: id, resp: 'deny', from: { fbid: 'bob' }, extra: { why: 'none left' } },
      ]);
    });

    it('gives a page at a time, whatever the sorting', async () => {
      const gifts = await startGifts();
      const ids: string[] = [];
      for (const expiresIn of [10, 20, 30]) ids.push(await gifts.request({ userId: 'alice', expiresIn }));

      const first = await gifts.list({ userId: 'bob', limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
      const second = await gifts.list({ userId: 'bob', limit: 2, after: first.next ?? '' });
      expect(second.items.map(({ id }) => id)).toEqual(ids.slice(2));
      expect(second.next).toBeUndefined();

      const whole = await gifts.list({ userId: 'bob', limit: 3, sort: 'desc' });
      expect(whole.items.map(({ id }) => id)).toEqual([...ids].reverse());
      expect(whole.next).toBeUndefined();
    });

    it('gives a next page when the server gives fewer than it was asked for and counts them all', async () => {
      const request = { id: 'r', extra: {}, expiry_time: { timestamp: 1 }, user: {} };
      const answer = (requests: object[]) => ({ json: { status: 'ok', count: 2, requests } });
      server.http.answer(answer([request]), answer([request]), answer([]));
      const gifts = await startGifts();

      const first = await gifts.list({ userId: 'bob' });
      expect(first.next).toBeDefined();
      expect((await gifts.list({ userId: 'bob', after: first.next ?? '' })).next).toBeUndefined();
      expect(await gifts.list({ userId: 'bob' })).toEqual({ items: [] });
    });

    it.each<[PlayblazerMode, string, string | undefined]>([
      ['fb', 'alice', 'bob'],
      ['facebook', 'alice', 'bob'],
      ['twitter', 'alice', 't-2'],
      ['email', 'alice', 'bob@example.org'],
      ['google', 'alice', undefined],
      ['username', 'alice', undefined],
    ])('names the asker as the mode %s names users', async (mode, userId, askerId) => {
      const app = await start(options({ mode }));
      await app.get(PlayblazerService).requestGift({ userId: 'bob', mode: 'fb' });
      const { requests } = await app.get(PlayblazerService).listGiftRequests({ userId, mode: 'fb' });
      expect(requests).toHaveLength(1);
      server.http.answer({
        json: {
          status: 'ok',
          count: 1,
          requests: [
            {
              id: 'r',
              extra: {},
              expiry_time: { timestamp: 1 },
              user: { fbid: 'bob', twitterid: 't-2', email: 'bob@example.org', googleid: null },
            },
          ],
        },
      });

      const { items } = await app.get(Gifts).list({ userId });

      expect(items[0]?.from).toStrictEqual(askerId === undefined ? {} : { userId: askerId });
    });

    it.each<[string, (gifts: Gifts) => Promise<unknown>, RegExp]>([
      ['a request of nobody', (gifts) => gifts.request({ userId: '' }), /userId is ""/],
      ['a user that cannot be in a URL', (gifts) => gifts.request({ userId: '..' }), /an id is "\.\."/],
      [
        'an expiry beyond a year',
        (gifts) => gifts.request({ userId: 'alice', expiresIn: 31_536_001 }),
        /expiresIn is 31536001/,
      ],
      ['a reply to nothing', (gifts) => gifts.reply({ userId: 'alice', requestId: '' }), /requestId is ""/],
      // @ts-expect-error no request at all
      ['nothing', (gifts) => gifts.request(null), /it is null/],
    ])('refuses %s', async (_, call, message) => {
      const failure = call(await startGifts());

      await expect(failure).rejects.toThrow(InvalidGiftError);
      await expect(failure).rejects.toThrow(message);
      expect(server.http.requests).toEqual([]);
    });

    it.each<[string, object]>([
      ['userId', { userId: '' }],
      ['an id', { userId: '.' }],
      ['limit', { userId: 'bob', limit: 0 }],
      ['limit', { userId: 'bob', limit: 1_001 }],
      ['sort', { userId: 'bob', sort: 'up' }],
      ['after', { userId: 'bob', after: 'x' }],
      ['after', { userId: 'bob', after: Buffer.from('[-1]').toString('base64url') }],
    ])('refuses a query with a wrong %s: %j', async (field, query) => {
      const failure = (await startGifts()).list(query as Parameters<Gifts['list']>[0]);

      await expect(failure).rejects.toThrow(InvalidQueryError);
      await expect(failure).rejects.toThrow(new RegExp(`${field} is `));
      expect(server.http.requests).toEqual([]);
    });

    it('says in its own words what Playblazer refuses, with the cause', async () => {
      const gifts = await startGifts();
      const id = await gifts.request({ userId: 'alice', expiresIn: 1 });
      clock.advance(5_000);

      for (const call of [
        () => gifts.request({ userId: 'nobody' }),
        () => gifts.list({ userId: 'nobody' }),
        () => gifts.reply({ userId: 'nobody', requestId: id }),
      ]) {
        const failure = call();
        await expect(failure).rejects.toThrow(GiftProfileNotFoundError);
        await expect(failure).rejects.toMatchObject({
          userId: 'nobody',
          cause: { constructor: PlayblazerNoProfileError },
        });
      }
      const missing = gifts.reply({ userId: 'bob', requestId: 'none' });
      await expect(missing).rejects.toThrow(GiftRequestNotFoundError);
      await expect(missing).rejects.toMatchObject({ requestId: 'none', cause: { remoteNumber: -30002 } });
      const expired = gifts.reply({ userId: 'bob', requestId: id });
      await expect(expired).rejects.toThrow(GiftRequestExpiredError);
      await expect(expired).rejects.toMatchObject({ requestId: id, cause: { remoteNumber: -30003 } });
    });

    it('passes on what a hook on the server says, of a request and of a reply', async () => {
      const gifts = await startGifts();
      const id = await gifts.request({ userId: 'alice' });
      server.preHook = () => ['You have exceeded your quota of gifts', -30004, 'E_GIFT_QUOTA_EXCEEDED'];

      for (const call of [
        () => gifts.request({ userId: 'alice' }),
        () => gifts.reply({ userId: 'bob', requestId: id }),
      ]) {
        const failure = call();
        await expect(failure).rejects.toThrow(GiftRefusedError);
        await expect(failure).rejects.toMatchObject({
          code: 'E_GIFT_QUOTA_EXCEEDED',
          message: 'You have exceeded your quota of gifts',
          cause: { constructor: PlayblazerError, remoteNumber: -30004 },
        });
      }
    });

    it.each<[string, Answer, RemoteErrorClass | typeof PlayblazerError]>([
      ['a wrong key', error('Invalid Secret Key', -100, 'E_INVALID_REQUEST'), PlayblazerInvalidRequestError],
      [
        'an unknown failure',
        error('Failed', -30001, 'E_GIFT_REQUEST_FAILED'),
        PlayblazerGiftRequestFailedError,
      ],
      ['an error without a code', { json: { status: 'error', error: { message: '?' } } }, PlayblazerError],
      ['an outage', { status: 503 }, RemoteUnavailableError],
      ['another shape', { json: {} }, InvalidRemoteResponseError],
    ])('passes %s on as it is', async (_, answer, type) => {
      const gifts = await startGifts();
      for (const call of [
        () => gifts.request({ userId: 'alice' }),
        () => gifts.list({ userId: 'alice' }),
        () => gifts.reply({ userId: 'alice', requestId: 'r' }),
      ]) {
        server.http.answer(answer);
        await expect(call()).rejects.toMatchObject({ constructor: type });
      }
    });
  });

  describe('hooks', () => {
    /** Records what happens, the server's part included. */
    const log: string[] = [];

    beforeEach(() => {
      log.length = 0;
      server.preHook = () => {
        log.push('sent');
        return undefined;
      };
    });

    /** Lets other work run first, as a look into a database does. */
    const aWhile = () => new Promise((resolve) => setImmediate(resolve));

    @Injectable()
    class Names {
      readonly own = 'first';
    }

    @Injectable()
    class First {
      constructor(private readonly names: Names) {}

      @BeforeGiftRequest()
      async before(request: NewGiftRequest): Promise<void> {
        await aWhile();
        log.push(`${this.names.own} before ${request.userId}`);
      }

      @AfterGiftRequest()
      async after(request: NewGiftRequest, requestId: string): Promise<void> {
        await aWhile();
        log.push(`${this.names.own} after ${request.userId} ${requestId.length}`);
      }

      @BeforeGiftReply()
      async beforeReply(reply: GiftReply): Promise<void> {
        await aWhile();
        log.push(`${this.names.own} before reply ${reply.userId} ${reply.response}`);
      }

      @AfterGiftReply()
      async afterReply(reply: GiftReply): Promise<void> {
        await aWhile();
        log.push(`${this.names.own} after reply ${reply.userId}`);
      }
    }

    @Controller()
    class Second {
      @BeforeGiftRequest()
      @BeforeGiftReply()
      before({ userId }: NewGiftRequest | GiftReply): void {
        log.push(`second before ${userId}`);
      }

      notAHook(): void {
        log.push('not a hook');
      }
    }

    it('run around a request and a reply, one after the other, each waited for', async () => {
      const app = await start(options(), { providers: [First, Names], controllers: [Second] });
      const gifts = app.get(Gifts);

      const requestId = await gifts.request({ userId: 'alice' });
      expect(log).toEqual(['first before alice', 'second before alice', 'sent', 'first after alice 32']);

      log.length = 0;
      await gifts.reply({ userId: 'bob', requestId, response: 'deny' });
      expect(log).toEqual([
        'first before reply bob deny',
        'second before bob',
        'sent',
        'first after reply bob',
      ]);
    });

    it('do not run for what the client PlayblazerService does', async () => {
      const app = await start(options(), { providers: [First, Names] });
      const playblazer = app.get(PlayblazerService);

      const requestId = await playblazer.requestGift({ userId: 'alice' });
      await playblazer.replyToGiftRequest({ userId: 'bob', requestId });

      expect(log).toEqual(['sent', 'sent']);
    });

    it('do not run for what is not as it must be, nor afterwards for what failed', async () => {
      const app = await start(options(), { providers: [First, Names] });

      await expect(app.get(Gifts).request({ userId: '' })).rejects.toThrow(InvalidGiftError);
      expect(log).toEqual([]);
      await expect(app.get(Gifts).request({ userId: 'nobody' })).rejects.toThrow(GiftProfileNotFoundError);
      expect(log).toEqual(['first before nobody']);
    });

    it.each([
      ['refuses', () => new GiftRefusedError('E_QUOTA', 'Enough for today')],
      ['fails', () => new RangeError('a bug')],
      ['throws no error', () => 'a text'],
    ])('keep it from being sent when one %s before, and pass on what it throws', async (_, makeError) => {
      const thrown = makeError();

      @Injectable()
      class Guard {
        @BeforeGiftRequest()
        @BeforeGiftReply()
        async check(): Promise<void> {
          await aWhile();
          throw thrown;
        }
      }
      const app = await start(options(), { providers: [Guard, First, Names] });

      await expect(app.get(Gifts).request({ userId: 'alice' })).rejects.toBe(thrown);
      await expect(app.get(Gifts).reply({ userId: 'bob', requestId: 'r' })).rejects.toBe(thrown);
      expect(log).toEqual([]);
      expect(server.http.requests).toEqual([]);
    });

    it('change nothing when one fails afterwards: it is logged, and the others run', async () => {
      @Injectable()
      class Counter {
        @AfterGiftRequest()
        count(): void {
          throw new Error('no room left');
        }

        @AfterGiftReply()
        async countReply(): Promise<void> {
          throw new Error('no room for replies');
        }
      }
      const app = await start(options(), { providers: [Counter, First, Names] });
      const lines: unknown[] = [];
      Logger.overrideLogger({
        log: () => {},
        warn: () => {},
        error: (...line: unknown[]) => lines.push(line),
      });

      try {
        const requestId = await app.get(Gifts).request({ userId: 'alice' });
        await app.get(Gifts).reply({ userId: 'bob', requestId });
      } finally {
        Logger.overrideLogger(false);
      }

      expect(log).toEqual([
        'first before alice',
        'sent',
        'first after alice 32',
        'first before reply bob undefined',
        'sent',
        'first after reply bob',
      ]);
      expect(lines).toEqual([
        [
          'Counter.count, which runs after request, failed: no room left',
          expect.stringContaining('playblazer.spec'),
          'Gifts',
        ],
        [
          'Counter.countReply, which runs after reply, failed: no room for replies',
          expect.anything(),
          'Gifts',
        ],
      ]);
    });

    it('cannot change what was checked', async () => {
      @Injectable()
      class Meddler {
        @BeforeGiftRequest()
        meddle(request: NewGiftRequest): void {
          request.userId = 'bob';
        }
      }

      @Injectable()
      class AttributesMeddler {
        @BeforeGiftReply()
        meddle({ attributes }: GiftReply): void {
          Object.assign(attributes ?? {}, { extra: 'x' });
        }
      }
      const app = await start(options(), { providers: [Meddler, AttributesMeddler] });

      const given = { userId: 'alice', attributes: { a: 'b' } };
      await expect(app.get(Gifts).request(given)).rejects.toThrow(/read only/);
      await expect(app.get(Gifts).reply({ ...given, requestId: 'r' })).rejects.toThrow(/not extensible/);
      expect(Object.isFrozen(given) || Object.isFrozen(given.attributes)).toBe(false);
    });

    it('belong to one application each', async () => {
      const first = await start(options(), { providers: [First, Names] });
      const second = await start(options(), { controllers: [Second] });

      await second.get(Gifts).request({ userId: 'alice' });
      expect(log).toEqual(['second before alice', 'sent']);
      log.length = 0;
      await first.get(Gifts).request({ userId: 'alice' });
      expect(log).toEqual(['first before alice', 'sent', 'first after alice 32']);
    });

    it('are found in every kind of provider, each instance once', async () => {
      class Base {
        @BeforeGiftRequest()
        inherited(): void {
          log.push(`inherited by ${this.constructor.name}`);
        }

        @BeforeGiftRequest()
        overridden(): void {
          log.push('overridden');
        }
      }
      class Made extends Base {
        override overridden(): void {}
      }
      const value = new Base();
      const app = await start(options(), {
        providers: [
          { provide: 'value', useValue: value },
          { provide: 'the same', useValue: value },
          { provide: 'made', useFactory: async () => new Made() },
          { provide: 'alias', useExisting: 'made' },
          { provide: 'nothing', useValue: null },
          { provide: 'bare', useValue: Object.create(null) },
          { provide: 'text', useValue: 'text' },
        ],
      });

      await app.get(Gifts).request({ userId: 'alice' });

      expect(log).toEqual(['inherited by Base', 'overridden', 'inherited by Made', 'sent']);
    });

    it('run in an application that was not initialized, as in a unit test', async () => {
      const app = await make(options(), { controllers: [Second] });

      await app.get(Gifts).request({ userId: 'alice' });

      expect(log).toEqual(['second before alice', 'sent']);
    });

    @Injectable({ scope: Scope.REQUEST })
    class RequestScoped {
      @BeforeGiftRequest()
      check(): void {}
    }

    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      @AfterGiftReply()
      check(): void {}
    }

    @Injectable()
    class OfTheRequest {
      constructor(@Inject(REQUEST) readonly request: unknown) {}

      @AfterGiftRequest()
      check(): void {}
    }

    it.each([RequestScoped, Transient, OfTheRequest])(
      'stop the start in a provider that is not single: %p',
      async (provider) => {
        const failure = start(options(), { providers: [provider] });

        await expect(failure).rejects.toThrow(GiftHookScopeError);
        await expect(failure).rejects.toThrow(
          `${provider.name}.check is a hook of gifts, but its class (or what is injected into it) is request-scoped`,
        );
      },
    );

    it('leave request-scoped providers without hooks alone', async () => {
      @Injectable({ scope: Scope.REQUEST })
      class Session {}

      await expect(start(options(), { providers: [Session] })).resolves.toBeDefined();
    });

    it('can only stand where they can be called', () => {
      class Wrong {
        // @ts-expect-error a hook gets a request, not a number
        @BeforeGiftRequest()
        number(_: number): void {}

        // @ts-expect-error there is no result yet before a request
        @BeforeGiftRequest()
        early(_: NewGiftRequest, _id: string): void {}

        // @ts-expect-error a reply has no result
        @AfterGiftReply()
        result(_: GiftReply, _result: string): void {}
      }
      expect(Wrong).toBeDefined();

      expect(() => {
        class Symbolic {
          // @ts-expect-error a symbol is not found
          @BeforeGiftRequest()
          [Symbol.iterator](): void {}
        }
        return Symbolic;
      }).toThrow(TypeError);
    });
  });
});
