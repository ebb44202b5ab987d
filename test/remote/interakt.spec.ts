import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type INestApplicationContext, Injectable, Logger, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  Deliveries,
  EventTracker,
  GamificationModule,
  type GamificationModuleOptions,
  GamificationOptionsError,
  InteraktError,
  InteraktFlushTimeoutError,
  type InteraktMessage,
  InteraktService,
  InvalidRemoteResponseError,
  InvalidRequestError,
  NotConfiguredError,
  type RecordedEvent,
  RemoteUnavailableError,
} from 'nestjs-gamification';
import { InteraktDestination } from '../../libs/gamification/src/providers/interakt/interakt.destination.js';
import { createContext } from '../support/application.js';
import { failureOf } from '../support/failure-of.js';
import { INTERAKT_KEY, INTERAKT_SECRET_KEY, InteraktServer } from '../support/interakt-server.js';
import type { Answer } from '../support/loopback-server.js';

type Options = Partial<NonNullable<GamificationModuleOptions['interakt']>>;
type User = Parameters<InteraktService['user']>[0];
type OnError = (error: Error, message: InteraktMessage) => void;
type Event = Parameters<InteraktService['event']>[0];

const USERS = '/v1/public/track/users/';
const EVENTS = '/v1/public/track/events/';

/** libphonenumber's calling codes as interakt-track-python 1.0.7 with phonenumbers 8.13.48 knows them. */
const CALLING_CODES = `1 7 20 27 30-34 36 39 40 41 43-49 51-58 60-66 81 82 84 86 90-95 98 211 212 213 216 218
  220-258 260-269 290 291 297 298 299 350-359 370-378 380 381 382 383 385 386 387 389 420 421 423 500-509 590-599 670
  672-683 685-692 800 808 850 852 853 855 856 870 878 880 881 882 883 886 888 960-968 970-977 979 992-996 998`
  .split(/\s+/)
  .flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
  });

let server: InteraktServer;
let app: INestApplicationContext | undefined;

beforeEach(async () => {
  server = await InteraktServer.start();
});

afterEach(async () => {
  await app?.close();
  jest.restoreAllMocks();
  await server.close();
  app = undefined;
});

async function start(options: Options = {}): Promise<InteraktService> {
  app = await createContext({
    interakt: { apiKey: INTERAKT_SECRET_KEY, url: server.url, rateLimit: 600_000, ...options },
  });
  // Repeats come at once: the delay before one is random between 0 and more.
  jest.spyOn(Math, 'random').mockReturnValue(0);
  return app.get(InteraktService);
}

function logged(level: 'error' | 'debug'): string[] {
  const lines: string[] = [];
  jest.spyOn(Logger.prototype, level).mockImplementation((line) => lines.push(line));
  return lines;
}

/** An answer that waits until it is let go. */
function held(status = 200) {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    answer: { status, json: { result: status < 300, message: 'm' }, until },
    release: () => release(),
  };
}

/** Every user of the messages so far, as the server got them. */
function users(): unknown[] {
  return server.calls.map(({ body }) => body.userId);
}

/** Waits for a number of requests, which other asynchronous work brings about. */
async function requests(count: number): Promise<void> {
  const end = performance.now() + 25_000;
  while (server.calls.length < count) {
    if (performance.now() > end) throw new Error(`there were only ${server.calls.length} requests`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('what InteraktService sends', () => {
  const NAMED = { name: 'J', age: 24, b: true, l: [1, 'a'], n: null };

  // The Python SDK puts a space behind ":" and ",", and escapes what is not ASCII: the same JSON value.
  it.each<[string, User, string]>([
    [
      'user both ids',
      { userId: 'u1', phoneNumber: '9999999999', traits: NAMED },
      '{"traits":{"name":"J","age":24,"b":true,"l":[1,"a"],"n":null},"userId":"u1","countryCode":"+91","phoneNumber":"9999999999"}',
    ],
    ['user id only', { userId: 'u1' }, '{"traits":{},"userId":"u1"}'],
    [
      'user phone only',
      { phoneNumber: '9999999999' },
      '{"traits":{},"countryCode":"+91","phoneNumber":"9999999999"}',
    ],
    ['user id 42', { userId: 42 }, '{"traits":{},"userId":"42"}'],
    ['user id 1.5', { userId: 1.5 }, '{"traits":{},"userId":"1.5"}'],
    ['user id 0, which the SDK takes for none', { userId: 0 }, '{"traits":{},"userId":"0"}'],
    [
      'a calling code without +',
      { phoneNumber: '09999999999', countryCode: '91' },
      '{"traits":{},"countryCode":"91","phoneNumber":"09999999999"}',
    ],
    ['no calling code without a phone', { userId: 'u', countryCode: '?' }, '{"traits":{},"userId":"u"}'],
    [
      'a full phone number',
      { fullPhoneNumber: '+919999999999' },
      '{"traits":{},"fullPhoneNumber":"+919999999999"}',
    ],
    [
      'a full phone number without +',
      { userId: 'u', fullPhoneNumber: '80012345678', tags: ['a', 'b'], createdAt: new Date(0) },
      '{"traits":{},"userId":"u","fullPhoneNumber":"80012345678","createdAt":"1970-01-01T00:00:00.000Z","tags":["a","b"]}',
    ],
  ])('vector: %s', async (_, user, body) => {
    const interakt = await start({ syncMode: true });

    await interakt.user(user);

    expect(server.http.lastRequest).toMatchObject({ method: 'POST', path: USERS, body });
  });

  it.each<[string, Event, string]>([
    [
      'event',
      { userId: 'u', event: 'Order Placed', traits: { v: '50.00' } },
      '{"event":"Order Placed","traits":{"v":"50.00"},"userId":"u"}',
    ],
    [
      'event with everything',
      {
        userId: 'u',
        event: 'é',
        countryCode: '+1',
        phoneNumber: '2025550123',
        createdAt: '2020-11-01T10:26:10Z',
      },
      '{"event":"é","traits":{},"userId":"u","countryCode":"+1","phoneNumber":"2025550123","createdAt":"2020-11-01T10:26:10Z"}',
    ],
  ])('vector: %s', async (_, event, body) => {
    const interakt = await start({ syncMode: true });

    await interakt.event(event);

    expect(server.http.lastRequest).toMatchObject({ method: 'POST', path: EVENTS, body });
  });

  it.each([
    ['as the dashboard shows it', 'S0VZOg=='],
    ['as the dashboard shows it, without its padding', 'S0VZOg'],
    ['decoded', 'KEY:'],
    ['decoded, without the colon', 'KEY'],
  ])('the header of the key KEY, %s', async (_, apiKey) => {
    const interakt = await start({ apiKey, syncMode: true });

    await expect(interakt.user({ userId: 'u' })).rejects.toMatchObject({ status: 401 });
    expect(server.http.lastRequest.headers).toMatchObject({
      authorization: 'Basic S0VZOg==',
      'content-type': 'application/json',
    });
  });

  it('a key that is base64 of something else, as its own text', async () => {
    const interakt = await start({ apiKey: 'abcd', syncMode: true });

    await expect(interakt.user({ userId: 'u' })).rejects.toThrow(InteraktError);
    expect(server.http.lastRequest.headers.authorization).toBe('Basic YWJjZDo=');
  });

  it.each(['', '/'])('to a base URL that ends with %j', async (end) => {
    const interakt = await start({ url: `${server.url}${end}`, syncMode: true });

    await interakt.user({ userId: 'u' });

    expect(server.lastCall?.path).toBe(USERS);
  });

  it('a copy: what the caller changes afterwards changes nothing', async () => {
    const interakt = await start({ concurrency: 1 });
    const first = held();
    server.answer(first.answer);
    const list = ['a'];
    const traits: Record<string, string | string[]> = { name: 'J', list };
    const tags = ['t'];

    await interakt.user({ userId: 'first' });
    await interakt.user({ userId: 'second', traits, tags });
    traits.name = 'K';
    list.push('b');
    tags.push('u');
    first.release();
    await interakt.flush();

    expect(server.lastCall?.body).toEqual({
      traits: { name: 'J', list: ['a'] },
      userId: 'second',
      tags: ['t'],
    });
  });

  it('no trait that is undefined, and any name of a trait', async () => {
    const interakt = await start({ syncMode: true });

    await interakt.user({ userId: 'u', traits: { a: undefined, ['__proto__']: 1, constructor: 2, '': 3 } });

    expect(server.http.lastRequest.body).toBe('{"traits":{"__proto__":1,"constructor":2,"":3},"userId":"u"}');
  });
});

describe('what InteraktService refuses to send', () => {
  const text255 = 'a text of 1 to 255 bytes without control characters, or a finite number';
  const digits = 'digits only, without the country calling code, as many as a number of that country has';
  const code = 'a known country calling code, such as +91';
  const full =
    'a known country calling code and a number of that country, at most 15 digits, with or without a + before them';
  const scalar = 'a text, a finite number, true, false, a valid Date or null';
  const trait = `${scalar}, or a list of such`;

  it.each<[string, object, string, string, string]>([
    ['nobody', {}, 'userId', 'missing', 'given, unless phoneNumber or fullPhoneNumber is'],
    [
      'null for everybody',
      { userId: null, phoneNumber: null },
      'userId',
      'null',
      'given, unless phoneNumber or fullPhoneNumber is',
    ],
    ['an empty user id', { userId: '', phoneNumber: '9999999999' }, 'userId', '""', text255],
    ['a user id that is no text', { userId: true }, 'userId', 'true', text255],
    ['a user id that is no number', { userId: Number.NaN }, 'userId', 'NaN', text255],
    [
      'a calling code that is no text',
      { phoneNumber: '9999999999', countryCode: 91 },
      'countryCode',
      '91',
      code,
    ],
    ['an empty calling code', { phoneNumber: '9999999999', countryCode: '' }, 'countryCode', '""', code],
    [
      'a calling code with letters',
      { phoneNumber: '9999999999', countryCode: '+9a' },
      'countryCode',
      '"+9a"',
      code,
    ],
    [
      'a calling code that does not exist',
      { phoneNumber: '9999999999', countryCode: '+999' },
      'countryCode',
      '"+999"',
      code,
    ],
    [
      'a calling code with a + within',
      { phoneNumber: '9999999999', countryCode: '9+1' },
      'countryCode',
      '"9+1"',
      code,
    ],
    [
      'a calling code behind 00',
      { phoneNumber: '9999999999', countryCode: '0091' },
      'countryCode',
      '"0091"',
      code,
    ],
    [
      'a calling code with a superscript',
      { phoneNumber: '9999999999', countryCode: '9¹' },
      'countryCode',
      '"9¹"',
      code,
    ],
    ['a phone number that is no text', { phoneNumber: 9999999999 }, 'phoneNumber', '9999999999', digits],
    ['a phone number with a +', { phoneNumber: '+919' }, 'phoneNumber', '"+919"', digits],
    ['a phone number with a -', { phoneNumber: '9-9' }, 'phoneNumber', '"9-9"', digits],
    ['a phone number with a space', { phoneNumber: '9 9' }, 'phoneNumber', '"9 9"', digits],
    ['a phone number with other digits', { phoneNumber: '٩' }, 'phoneNumber', '"٩"', digits],
    ['a phone number that is too short', { phoneNumber: '1' }, 'phoneNumber', '"1"', digits],
    [
      'a phone number that is too long for its country',
      { phoneNumber: '99999999999', countryCode: '+1' },
      'phoneNumber',
      '"99999999999"',
      digits,
    ],
    [
      'a full phone number that is too short',
      { fullPhoneNumber: '+4479111' },
      'fullPhoneNumber',
      '"+4479111"',
      full,
    ],
    ['an empty phone number', { phoneNumber: '' }, 'phoneNumber', '""', digits],
    [
      'a full phone number of no country',
      { fullPhoneNumber: '+9991234' },
      'fullPhoneNumber',
      '"+9991234"',
      full,
    ],
    ['a full phone number that is only a code', { fullPhoneNumber: '+91' }, 'fullPhoneNumber', '"+91"', full],
    [
      'a full phone number that is too long',
      { fullPhoneNumber: '9112345678901234' },
      'fullPhoneNumber',
      '"9112345678901234"',
      full,
    ],
    [
      'two phone numbers',
      { phoneNumber: '9999999999', fullPhoneNumber: '911' },
      'fullPhoneNumber',
      '"911"',
      'nothing, because phoneNumber is given',
    ],
    ['traits that are a list', { userId: 'u', traits: [] }, 'traits', 'a list of 0', 'a plain object'],
    ['traits that are a text', { userId: 'u', traits: 'x' }, 'traits', '"x"', 'a plain object'],
    ['a trait that is an object', { userId: 'u', traits: { a: { b: 1 } } }, 'traits.a', 'an object', trait],
    ['a trait that is NaN', { userId: 'u', traits: { a: Number.NaN } }, 'traits.a', 'NaN', trait],
    ['a trait that is a big integer', { userId: 'u', traits: { a: 1n } }, 'traits.a', '1n', trait],
    [
      'a trait that is no date',
      { userId: 'u', traits: { a: new Date('?') } },
      'traits.a',
      'the date NaN',
      trait,
    ],
    ['a trait that is a function', { userId: 'u', traits: { a: () => 1 } }, 'traits.a', 'a function', trait],
    ['a list in a list', { userId: 'u', traits: { a: [1, [2]] } }, 'traits.a.1', 'a list of 1', scalar],
    ['a list with a hole', { userId: 'u', traits: { a: Array(1) } }, 'traits.a.0', 'missing', scalar],
    [
      'tags that are no list',
      { userId: 'u', tags: 'a' },
      'tags',
      '"a"',
      'a list of at most 1000 texts that are not empty',
    ],
    [
      'an empty tag',
      { userId: 'u', tags: [''] },
      'tags',
      'a list of 1',
      'a list of at most 1000 texts that are not empty',
    ],
    [
      'a time that is none',
      { userId: 'u', createdAt: new Date('?') },
      'createdAt',
      'the date NaN',
      'a valid Date or an ISO 8601 text',
    ],
    [
      'a time in another form',
      { userId: 'u', createdAt: '1 May 2020' },
      'createdAt',
      '"1 May 2020"',
      'a valid Date or an ISO 8601 text',
    ],
    [
      'a day that does not exist',
      { userId: 'u', createdAt: '2020-02-30' },
      'createdAt',
      '"2020-02-30"',
      'a valid Date or an ISO 8601 text',
    ],
    [
      'a property of another name',
      { userId: 'u', created_at: 1 },
      'created_at',
      '1',
      'nothing: there is no such property',
    ],
    [
      'more than 32 KB',
      { userId: 'u', traits: { a: 'x'.repeat(32 * 1024) } },
      'it',
      '32800 bytes of JSON',
      'at most 32768 bytes',
    ],
  ])('%s', async (_, user, path, got, allowed) => {
    const interakt = await start();

    const refusal = interakt.user(user);

    await expect(refusal).rejects.toThrow(InvalidRequestError);
    await expect(refusal).rejects.toMatchObject({
      message: expect.stringMatching(/^interakt\.user: /),
      operation: 'user',
      problems: [{ path, got, allowed: expect.stringContaining(allowed) }],
    });
    expect(interakt.waiting).toBe(0);
    expect(server.calls).toEqual([]);
  });

  it.each<[string, object]>([
    ['an event without a name', { userId: 'u' }],
    ['an event with an empty name', { userId: 'u', event: '' }],
    ['an event whose name is no text', { userId: 'u', event: 7 }],
  ])('%s', async (_, event) => {
    const interakt = await start();

    // As a JavaScript caller can.
    await expect(interakt.event(event as Event)).rejects.toMatchObject({
      problems: [{ path: 'event', allowed: 'a text that is not empty' }],
    });
  });

  it.each<[string, unknown]>([
    ['a text', 'u'],
    ['nothing', null],
    ['a list', []],
  ])('%s in place of a user', async (_, user) => {
    const interakt = await start();

    // As a JavaScript caller can.
    await expect(interakt.user(user as User)).rejects.toMatchObject({
      problems: [{ path: 'it', allowed: 'an object' }],
    });
  });

  it('everything at once', async () => {
    const interakt = await start();
    const user = { phoneNumber: '-', countryCode: '-', traits: { a: Number.NaN, b: {} } };

    // As a JavaScript caller can.
    await expect(interakt.user(user as unknown as User)).rejects.toMatchObject({
      problems: [
        { path: 'countryCode' },
        { path: 'phoneNumber' },
        { path: 'traits.a' },
        { path: 'traits.b' },
      ],
    });
  });

  it('traits that contain themselves', async () => {
    const interakt = await start();
    const traits: Record<string, unknown> = {};
    traits.self = traits;

    // As a JavaScript caller can.
    await expect(interakt.user({ userId: 'u', traits: traits as User['traits'] })).rejects.toMatchObject({
      problems: [{ path: 'traits.self' }],
    });
  });

  it('every calling code but the 215 that exist', async () => {
    const interakt = await start({ syncMode: true });
    const taken: number[] = [];
    for (let code = 0; code < 1_000; code++) {
      // No number has one digit, whatever its country.
      const error = await failureOf(interakt.user({ phoneNumber: '1', countryCode: `+${code}` }));
      expect(error).toBeInstanceOf(InvalidRequestError);
      if (!String(error).includes('countryCode is')) taken.push(code);
    }

    expect(taken).toEqual(CALLING_CODES);
    expect(taken).toHaveLength(215);
  });
});

describe('what InteraktService makes of an answer', () => {
  it('resolves with it, whichever 2xx it is', async () => {
    const interakt = await start({ syncMode: true });

    for (const status of [200, 201, 202, 299]) {
      server.answer({ status, json: { result: true, message: 'taken', id: '7', more: 1 } });
      expect(await interakt.user({ userId: 'u' })).toMatchObject({
        answer: { result: true, message: 'taken', id: '7' },
      });
    }
  });

  it.each<[string, number, object | string, string | undefined]>([
    ['400 {"result":false,"message":"bad"}', 400, { result: false, message: 'bad' }, 'bad'],
    ['400 that is no object', 400, ['bad'], undefined],
    ['401', 401, { result: false, message: 'Invalid key' }, 'Invalid key'],
    [
      '403 of a plan without an API',
      403,
      { result: false, message: 'API not supported on your account' },
      'API not supported on your account',
    ],
    ['404 as text', 404, '<h1>x</h1>', '<h1>x</h1>'],
    ['302', 302, '', undefined],
    ['200 with result false', 200, { result: false, message: 'no' }, 'no'],
  ])('a refusal: %s', async (_, status, body, reason) => {
    const interakt = await start({ syncMode: true });
    server.answer(typeof body === 'string' ? { status, body } : { status, json: body });

    const refusal = interakt.event({ userId: 'u', event: 'e' });

    await expect(refusal).rejects.toThrow(InteraktError);
    await expect(refusal).rejects.toMatchObject({
      code: 'INTERAKT_REFUSAL',
      system: 'interakt',
      operation: 'event',
      status,
      body,
      remoteMessage: reason,
      message: `interakt.event: it answered HTTP ${status}${reason ? `: ${reason}` : ''}`,
    });
    expect(server.calls).toHaveLength(1);
  });

  it.each<[string, Answer, string, object]>([
    [
      '429',
      { status: 429, json: { result: false, message: 'Rate limit exceeded for this resource' } },
      'rate_limited',
      { status: 429, retryAfter: undefined },
    ],
    [
      '429 with Retry-After',
      { status: 429, headers: { 'retry-after': '7' } },
      'rate_limited',
      { retryAfter: 7_000 },
    ],
    ['500 text/html', { status: 500, body: '<h1>x</h1>' }, 'failing', { status: 500, body: '<h1>x</h1>' }],
    ['a connection that breaks', { fault: 'drop' }, 'network', { status: undefined }],
    ['an answer that breaks off', { json: { result: true, message: '' }, fault: 'cut' }, 'network', {}],
    ['no answer', { fault: 'silence' }, 'timeout', {}],
    ['an answer without end', { fault: 'drip' }, 'timeout', {}],
  ])('not available: %s, and one try with syncMode', async (_, answer, reason, details) => {
    const interakt = await start({ syncMode: true, timeout: 200 });
    server.answer(answer);

    await expect(interakt.user({ userId: 'u' })).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      reason,
      operation: 'user',
      ...details,
    });
    expect(server.calls).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['no JSON', { body: 'OK' }],
    ['nothing', {}],
    ['a list', { json: [] }],
    ['an object without result', { json: { message: 'm' } }],
    ['a result that is a text', { json: { result: 'true' } }],
    ['an id that is no text', { json: { result: true, id: 7 } }],
  ])('not as the protocol says: %s', async (_, answer) => {
    const interakt = await start({ syncMode: true });
    server.answer(answer);

    await expect(interakt.user({ userId: 'u' })).rejects.toThrow(InvalidRemoteResponseError);
  });

  it.each([400, 200])('holds no form of the key in an error made of HTTP %i', async (status) => {
    const interakt = await start({ syncMode: true });
    const message = `${INTERAKT_KEY} and ${INTERAKT_SECRET_KEY}`;
    server.answer({ status, json: { result: false, message } });

    await expect(interakt.user({ userId: 'u' })).rejects.toMatchObject({
      message: `interakt.user: it answered HTTP ${status}: [secret] and [secret]`,
      remoteMessage: '[secret] and [secret]',
      body: { message: '[secret] and [secret]' },
    });
  });
});

describe('the queue of InteraktService', () => {
  it('sends what it took, in its order, and keeps to its concurrency', async () => {
    const interakt = await start({ concurrency: 2 });
    const [first, second] = [held(), held()];
    server.answer(first.answer, second.answer);

    for (const userId of ['a', 'b', 'c', 'd']) {
      expect(await interakt.user({ userId })).toMatchObject({ status: 'queued' });
    }
    await requests(2);
    expect(interakt.waiting).toBe(4);
    expect(users().sort()).toEqual(['a', 'b']);
    second.release();
    await requests(4);
    first.release();
    await interakt.flush();

    expect(users().slice(2)).toEqual(['c', 'd']);
    expect(interakt.waiting).toBe(0);
  });

  it('tries again after 429, 5xx, a timeout and a broken connection, and tells nobody when it works', async () => {
    const onError = jest.fn<OnError>();
    const interakt = await start({ onError, maxRetries: 4, timeout: 100 });
    server.answer({ status: 429 }, { status: 500 }, { fault: 'silence' }, { fault: 'drop' });

    await interakt.user({ userId: 'u' });
    await interakt.flush();

    expect(users()).toEqual(['u', 'u', 'u', 'u', 'u']);
    expect(onError).not.toHaveBeenCalled();
  });

  it('gives up after 1 + maxRetries tries, and tells onError once, with the message', async () => {
    const onError = jest.fn<OnError>();
    const interakt = await start({ onError });
    for (let i = 0; i < 5; i++) server.answer({ status: 500, body: '<h1>x</h1>' });

    const { message } = await interakt.event({ userId: 'u', event: 'e' });
    await interakt.flush();

    expect(server.calls).toHaveLength(4);
    expect(onError).toHaveBeenCalledTimes(1);
    const [error, failed] = onError.mock.calls[0] ?? [];
    expect(error).toBeInstanceOf(RemoteUnavailableError);
    expect(error).toMatchObject({ status: 500, body: '<h1>x</h1>' });
    expect(failed).toBe(message);
    expect(failed).toEqual({
      operation: 'event',
      body: { event: 'e', traits: {}, userId: 'u' },
    });
  });

  it.each<[string, object, object]>([
    [
      '400',
      { status: 400, json: { result: false, message: 'bad' } },
      { code: 'INTERAKT_REFUSAL', remoteMessage: 'bad' },
    ],
    [
      'result false',
      { json: { result: false, message: 'no' } },
      { code: 'INTERAKT_REFUSAL', remoteMessage: 'no' },
    ],
    ['an answer that is no JSON', { body: '?' }, { code: 'REMOTE_RESPONSE_INVALID' }],
    [
      '503 with a Retry-After of an hour',
      { status: 503, headers: { 'retry-after': '3600' } },
      { retryAfter: 3_600_000 },
    ],
  ])('does not try again after %s', async (_, answer, error) => {
    const onError = jest.fn<OnError>();
    const interakt = await start({ onError });
    server.answer(answer);

    await interakt.user({ userId: 'u' });
    await interakt.flush();

    expect(server.calls).toHaveLength(1);
    expect(onError.mock.calls).toEqual([[expect.objectContaining(error), expect.anything()]]);
  });

  it('keeps the order of one user, however the messages name them, and lets others pass', async () => {
    const interakt = await start();
    const first = held(503);
    server.answer(first.answer);

    await interakt.user({ userId: 'a', countryCode: '+1', phoneNumber: '2025550123', traits: { n: 1 } });
    await interakt.user({ fullPhoneNumber: '12025550123', traits: { n: 2 } });
    await interakt.event({ userId: 'a', event: 'e', traits: { n: 3 } });
    await interakt.user({ userId: 'b', traits: { n: 4 } });
    await requests(2);
    expect(server.calls.map(({ body }) => body.traits)).toEqual([{ n: 1 }, { n: 4 }]);
    first.release();
    await interakt.flush();

    expect(server.calls.map(({ body }) => body.traits)).toEqual([
      { n: 1 },
      { n: 4 },
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
  });

  it('goes on with a user after a message that failed', async () => {
    const onError = jest.fn<OnError>();
    const interakt = await start({ onError });
    server.answer({ status: 400, json: {} });

    await interakt.user({ userId: 'u', traits: { n: 1 } });
    await interakt.user({ userId: 'u', traits: { n: 2 } });
    await interakt.flush();

    expect(onError).toHaveBeenCalledTimes(1);
    expect(server.calls.map(({ body }) => body.traits)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('pauses for everybody when the server says for how long it has too many calls', async () => {
    const interakt = await start({ concurrency: 1 });
    server.answer({ status: 429, headers: { 'retry-after': '1' } });

    const begin = performance.now();
    await interakt.user({ userId: 'a' });
    await interakt.user({ userId: 'b' });
    await interakt.flush();

    expect(users()).toEqual(['a', 'a', 'b']);
    // A timer may fire a millisecond early by this clock.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(999);
  });

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('of onError');
      },
    ],
    ['rejects', () => Promise.reject(new Error('of onError'))],
  ])('is not stopped by an onError that %s', async (_, onError) => {
    const lines = logged('error');
    const interakt = await start({ onError, concurrency: 1 });
    server.answer({ status: 400, json: {} });

    await interakt.user({ userId: 'a' });
    await interakt.user({ userId: 'b' });
    await interakt.flush();

    expect(users()).toEqual(['a', 'b']);
    expect(lines).toEqual(['onError threw: of onError']);
  });

  it('logs what failed where there is no onError', async () => {
    const lines = logged('error');
    const interakt = await start();
    server.answer({ status: 400, json: { result: false, message: 'bad' } });

    await interakt.user({ userId: 'a' });
    await interakt.flush();

    expect(lines).toEqual(['interakt.user: it answered HTTP 400: bad']);
  });

  it('refuses when it is full, and takes again when there is room', async () => {
    const lines = logged('error');
    const interakt = await start({ maxQueueSize: 1 });
    const first = held();
    server.answer(first.answer);

    expect(await interakt.user({ userId: 'a' })).toMatchObject({ status: 'queued' });
    expect(await interakt.user({ userId: 'b' })).toEqual({
      status: 'refused',
      message: { operation: 'user', body: { traits: {}, userId: 'b' } },
    });
    first.release();
    await interakt.flush();
    expect(await interakt.user({ userId: 'c' })).toMatchObject({ status: 'queued' });
    await interakt.flush();

    expect(users()).toEqual(['a', 'c']);
    expect(lines).toEqual(['a message to interakt was refused: 1 wait (maxQueueSize)']);
  });

  it('flush says how many are left when the time is over', async () => {
    const interakt = await start();
    const first = held();
    server.answer(first.answer);
    await interakt.user({ userId: 'a' });
    await interakt.user({ userId: 'a' });

    const flush = interakt.flush(20);

    await expect(flush).rejects.toThrow(InteraktFlushTimeoutError);
    await expect(flush).rejects.toMatchObject({ left: 2 });
    first.release();
    await interakt.flush();
  });

  it('close sends what waits, and then takes nothing', async () => {
    logged('error');
    const interakt = await start({ concurrency: 1 });
    for (const userId of ['a', 'b', 'c']) await interakt.user({ userId });

    await interakt.close(5_000);

    expect(users()).toEqual(['a', 'b', 'c']);
    expect(await interakt.user({ userId: 'd' })).toMatchObject({ status: 'refused' });
  });

  it('is emptied when the application shuts down', async () => {
    const interakt = await start({ concurrency: 1 });
    for (const userId of ['a', 'b', 'c']) await interakt.user({ userId });

    await app?.close();

    expect(users()).toEqual(['a', 'b', 'c']);
  });

  it('close reports what was left when the time is over, once', async () => {
    const lines = logged('error');
    const onError = jest.fn<OnError>();
    const interakt = await start({ concurrency: 1, onError });
    server.answer({ fault: 'silence' });
    const { message: first } = await interakt.user({ userId: 'a' });
    const { message: second } = await interakt.user({ userId: 'b' });
    await requests(1);

    await interakt.close(0);
    await app?.close();

    const closed = expect.objectContaining({ code: 'REMOTE_UNAVAILABLE', reason: 'closed' });
    expect(onError.mock.calls).toEqual([
      [closed, first],
      [closed, second],
    ]);
    expect(lines).toEqual(['2 message(s) were not sent to interakt within 0 ms']);
    expect(users()).toEqual(['a']);
  });

  it('with syncMode, close makes calls fail', async () => {
    const interakt = await start({ syncMode: true, rateLimit: 10 });
    await interakt.user({ userId: 'a' });
    const waiting = expect(interakt.user({ userId: 'b' })).rejects.toMatchObject({ reason: 'closed' });

    await interakt.close(0);

    await waiting;
    await expect(interakt.user({ userId: 'c' })).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      reason: 'closed',
      message: 'interakt.user: the application is shutting down',
    });
    expect(users()).toEqual(['a']);
  });
});

describe('the option rateLimit', () => {
  it('spaces the calls of everybody evenly', async () => {
    // A call every 40 ms.
    const interakt = await start({ syncMode: true, rateLimit: 1_500 });
    const destination = app?.get(InteraktDestination);

    const begin = performance.now();
    await Promise.all([
      interakt.user({ userId: 'a' }),
      interakt.event({ userId: 'b', event: 'e' }),
      interakt.user({ userId: 'c' }),
      destination?.deliver([recorded({ userId: 'd' }), recorded({ userId: 'd' })]),
    ]);

    expect(users().sort()).toEqual(['a', 'b', 'c', 'd', 'd']);
    // A timer may fire a millisecond early by this clock.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(4 * 39);
  });

  it('bounds the calls that wait for their turn', async () => {
    const interakt = await start({ syncMode: true, rateLimit: 10, maxQueueSize: 1 });
    await interakt.user({ userId: 'a' });
    const waiting = expect(interakt.user({ userId: 'b' })).rejects.toMatchObject({ reason: 'closed' });

    await expect(interakt.user({ userId: 'c' })).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      reason: 'rate_limited',
      message: 'interakt.user: 1 calls wait already (rateLimit: 10 a minute)',
    });
    await interakt.close(0);
    await waiting;
  });
});

describe('the option debug', () => {
  it('logs each message and what became of it, and nothing personal or secret', async () => {
    const lines = logged('debug');
    const interakt = await start({ debug: true, syncMode: true });
    const traits = { name: 'John Doe', age: 24 };

    await interakt.user({ userId: 'user-7', phoneNumber: '9999999999', traits });
    server.answer({ status: 400, json: { result: false, message: 'user-7 is unknown' } });
    await interakt.event({ userId: 'user-7', event: 'Order Placed' }).catch(() => {});
    server.answer({ status: 503 });
    await interakt.event({ userId: 'user-7', event: 'Order Placed' }).catch(() => {});

    expect(lines).toEqual([
      'user (traits: name, age): sent',
      'event "Order Placed" (traits: none): not sent: INTERAKT_REFUSAL (HTTP 400)',
      'event "Order Placed" (traits: none): not sent: REMOTE_UNAVAILABLE (failing)',
    ]);
  });
});

describe('the options of interakt', () => {
  it.each<[string, object, string]>([
    ['interakt.apiKey', { apiKey: undefined }, 'a text of printable ASCII characters without spaces'],
    ['interakt.apiKey', { apiKey: 'two words' }, 'a text of printable ASCII characters without spaces'],
    ['interakt.url', { url: 'api.interakt.ai' }, 'an http:// or https:// URL'],
    ['interakt.syncMode', { syncMode: 1 }, 'a boolean'],
    ['interakt.debug', { debug: 'yes' }, 'a boolean'],
    ['interakt.timeout', { timeout: 0 }, 'not less than 1'],
    ['interakt.maxRetries', { maxRetries: 11 }, 'not greater than 10'],
    ['interakt.maxQueueSize', { maxQueueSize: 0 }, 'not less than 1'],
    ['interakt.onError', { onError: 'log' }, 'a function'],
    ['interakt.rateLimit', { rateLimit: 9 }, 'not less than 10'],
    ['interakt.concurrency', { concurrency: 17 }, 'not greater than 16'],
    ['interakt.events', { events: 'all' }, 'true, false or a list of event types'],
    ['interakt.key', { key: 'x' }, 'nothing: there is no such property'],
  ])('stop the start with a wrong %s', async (path, options, allowed) => {
    const failure = createContext({ interakt: { apiKey: 'k3y', ...options } });

    await expect(failure).rejects.toThrow(GamificationOptionsError);
    await expect(failure).rejects.toMatchObject({
      problems: [{ path, allowed: expect.stringContaining(allowed) }],
    });
    await expect(failure).rejects.not.toThrow(/k3y|two words/);
  });

  it('are named when InteraktService is injected without them', async () => {
    @Injectable()
    class Greeter {
      constructor(readonly interakt: InteraktService) {}
    }
    @Module({ imports: [GamificationModule.forRoot({})], providers: [Greeter] })
    class GreeterModule {}
    const module = await Test.createTestingModule({ imports: [GreeterModule] }).compile();

    const failure = module.init();

    await expect(failure).rejects.toThrow(NotConfiguredError);
    await expect(failure).rejects.toThrow(/InteraktService is injected into Greeter.*`interakt`/);
  });
});

describe('Interakt as a destination of events', () => {
  async function destinationOf(options: Options = {}): Promise<InteraktDestination> {
    await start(options);
    if (!app) throw new Error('the application was not started');
    return app.get(InteraktDestination);
  }

  it.each<[string, Partial<RecordedEvent>, object]>([
    [
      'an event by its type, with its id and its time',
      { type: 'order.placed', traits: { total: 7 } },
      {
        event: 'order.placed',
        traits: { total: 7, eventId: 'id-1' },
        userId: 'u',
        createdAt: '2026-01-02T03:04:05.000Z',
      },
    ],
    [
      'an event with an action',
      { type: 'like', action: 'remove' },
      {
        event: 'remove_like',
        traits: { eventId: 'id-1' },
        userId: 'u',
        createdAt: '2026-01-02T03:04:05.000Z',
      },
    ],
    [
      'traits that Interakt does not have, as their JSON text',
      {
        type: 'e',
        traits: {
          n: null,
          address: { city: 'Pune' },
          list: ['a', 1, ['b'], { c: 1 }],
          eventId: 'of the trait',
        },
      },
      {
        event: 'e',
        traits: { n: null, address: '{"city":"Pune"}', list: ['a', 1, '["b"]', '{"c":1}'], eventId: 'id-1' },
        userId: 'u',
        createdAt: '2026-01-02T03:04:05.000Z',
      },
    ],
  ])('gets %s', async (_, event, body) => {
    const destination = await destinationOf();

    await destination.deliver([recorded(event)]);

    expect(server.calls).toEqual([{ path: EVENTS, body }]);
  });

  it.each<[string, Record<string, unknown>, object]>([
    [
      'as they are',
      { name: 'J', address: { city: 'Pune' } },
      { traits: { name: 'J', address: '{"city":"Pune"}' } },
    ],
    [
      'a phone number',
      { name: 'J', phoneNumber: '2025550123', countryCode: '+1' },
      { traits: { name: 'J' }, countryCode: '+1', phoneNumber: '2025550123' },
    ],
    [
      'a phone number of the default country',
      { phoneNumber: '9999999999' },
      { traits: {}, countryCode: '+91', phoneNumber: '9999999999' },
    ],
    [
      'a full phone number',
      { fullPhoneNumber: '+12025550123' },
      { traits: {}, fullPhoneNumber: '+12025550123' },
    ],
    ['tags', { tags: ['vip'] }, { traits: {}, tags: ['vip'] }],
    [
      'what is not as Interakt wants it, as traits',
      { phoneNumber: '+1 23', countryCode: '+1', fullPhoneNumber: 'none', tags: 'vip' },
      { traits: { phoneNumber: '+1 23', countryCode: '+1', fullPhoneNumber: 'none', tags: 'vip' } },
    ],
    [
      'a phone number of another length than there is, as a trait',
      { phoneNumber: '23', countryCode: '+1' },
      { traits: { phoneNumber: '23', countryCode: '+1' } },
    ],
    [
      'one of two phone numbers',
      { phoneNumber: '2025550123', countryCode: '+1', fullPhoneNumber: '+12025550123' },
      { traits: { fullPhoneNumber: '+12025550123' }, countryCode: '+1', phoneNumber: '2025550123' },
    ],
  ])('gets traits of a user: %s', async (_, traits, body) => {
    const destination = await destinationOf();

    await destination.deliver([recorded({ type: '$identify', traits })]);

    expect(server.calls).toEqual([{ path: USERS, body: { userId: 'u', ...body } }]);
  });

  it.each<[boolean | string[], string[]]>([
    [true, ['a', 'b', '$identify']],
    [false, []],
    [['a'], ['a']],
    [
      ['b', '$identify'],
      ['b', '$identify'],
    ],
  ])('is given, with the option events %j, %j', async (events, accepted) => {
    const destination = await destinationOf({ events });

    const types = ['a', 'b', '$identify', '$other'];
    expect(types.filter((type) => destination.accepts(type))).toEqual(accepted);
  });

  it.each<[string, GamificationModuleOptions]>([
    ['from the log', {}],
    ['from memory', { storage: false }],
  ])('gets what the application tracks, %s, in the order of each user', async (_, options) => {
    app = await createContext({
      ...options,
      interakt: { apiKey: INTERAKT_SECRET_KEY, url: server.url, rateLimit: 600_000 },
    });
    const tracker = app.get(EventTracker);

    await tracker.identify('alice', { name: 'Alice', phoneNumber: '2025550123', countryCode: '+1' });
    const { eventId } = await tracker.track('order.placed', { userId: 'alice', traits: { total: 7 } });
    await app.get(Deliveries).flush();

    expect(server.calls).toEqual([
      {
        path: USERS,
        body: { traits: { name: 'Alice' }, userId: 'alice', countryCode: '+1', phoneNumber: '2025550123' },
      },
      {
        path: EVENTS,
        body: {
          event: 'order.placed',
          traits: { total: 7, eventId },
          userId: 'alice',
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        },
      },
    ]);
  });

  it('does not hold up others with an event that Interakt refuses, which becomes a dead letter', async () => {
    app = await createContext({
      delivery: { retryDelays: [] },
      interakt: { apiKey: INTERAKT_SECRET_KEY, url: server.url, rateLimit: 600_000 },
    });
    server.answer({ status: 400, json: { result: false, message: 'no such user' } });

    await app.get(EventTracker).track('refused', { userId: 'alice' });
    await app.get(EventTracker).track('taken', { userId: 'alice' });
    await app.get(Deliveries).flush();

    expect(server.calls.map(({ body }) => body.event)).toEqual(['refused', 'taken']);
    expect(await app.get(Deliveries).deadLetters({ destination: 'interakt' })).toMatchObject({
      items: [{ event: { type: 'refused' }, reason: expect.stringContaining('HTTP 400: no such user') }],
    });
  });

  it('tries once, and says what went wrong, whatever maxRetries and syncMode are', async () => {
    const destination = await destinationOf({ maxRetries: 3 });
    server.answer({ status: 503 });
    await expect(destination.deliver([recorded({})])).rejects.toThrow(RemoteUnavailableError);
    server.answer({ status: 401, json: { result: false, message: 'Invalid key' } });
    await expect(destination.deliver([recorded({})])).rejects.toMatchObject({
      code: 'INTERAKT_REFUSAL',
      status: 401,
    });

    expect(server.calls).toHaveLength(2);
  });

  it('does not get an event that is too large, and says so', async () => {
    const destination = await destinationOf();

    await expect(
      destination.deliver([recorded({ traits: { text: 'x'.repeat(33 * 1024) } })]),
    ).rejects.toThrow(InvalidRequestError);
    expect(server.calls).toEqual([]);
  });

  it('takes one event a call, as many calls at a time as the option concurrency says', async () => {
    const destination = await destinationOf({ concurrency: 2 });

    expect(destination).toMatchObject({ name: 'interakt', maxBatchSize: 1, concurrency: 2 });
  });
});

function recorded(event: Partial<RecordedEvent>): RecordedEvent {
  const time = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
  return { id: 'id-1', userId: 'u', type: 'e', traits: {}, occurredAt: time, receivedAt: time, ...event };
}
