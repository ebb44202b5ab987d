import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { IsInt } from 'class-validator';
import {
  ActionEvent,
  GameEvent,
  type GamificationModuleOptions,
  type GmfyEvent,
  GmfyPayment,
  GmfyService,
  type GmfyUserRating,
  InvalidPaymentError,
  InvalidQueryError,
  InvalidRemoteResponseError,
  InvalidRequestError,
  Leaderboards,
  NotConfiguredError,
  Notifications,
  NotSupportedByGmfyError,
  PaymentNotFoundError,
  PaymentRefusedError,
  Payments,
  Players,
  type RecordedEvent,
  RemoteRefusalError,
  RemoteUnavailableError,
  UniqueEvent,
} from 'nestjs-gamification';
import { GmfyDestination } from '../../libs/gamification/src/providers/gmfy/gmfy.destination.js';
import { createContext } from '../support/application.js';
import { failureOf } from '../support/failure-of.js';
import { GMFY_KEY, GMFY_READ_ONLY_KEY, GmfyServer } from '../support/gmfy-server.js';

class Register extends GameEvent('register') {}
class Subscription extends ActionEvent('subscription') {}
class VisitUser extends UniqueEvent('visit_user') {}
class OrderPlaced extends GameEvent('order.placed') {
  @IsInt()
  total!: number;
}

type Settings = Partial<NonNullable<GamificationModuleOptions['gmfy']>>;

let server: GmfyServer;
let app: INestApplicationContext;
const open: INestApplicationContext[] = [];

beforeEach(async () => {
  server = await GmfyServer.start();
  app = await contextWith({});
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((context) => context.close()));
  await server.close();
});

async function contextWith(settings: Settings): Promise<INestApplicationContext> {
  const gmfy = { apiKey: GMFY_KEY, url: server.url, maxRetries: 0, ...settings };
  const context = await createContext({ storage: false, gmfy });
  open.push(context);
  return context;
}

async function clientWith(settings: Settings): Promise<GmfyService> {
  return (await contextWith(settings)).get(GmfyService);
}

/** What JavaScript callers may give, whom no compiler stops. */
function untyped<T>(given: unknown): T {
  return given as T;
}

describe('the bytes on the wire', () => {
  const vectors: readonly [
    name: string,
    settings: Settings,
    call: (gmfy: GmfyService) => Promise<unknown>,
    line: string,
    body: string,
  ][] = [
    [
      'batch: action+classic+unique',
      {},
      (gmfy) =>
        gmfy.createBatchEvents([
          [Subscription, { userId: 'u1', action: 'create' }],
          [Register, { userId: 'u1' }],
          [VisitUser, { userId: 'u1', idempotenceKey: 'k1' }],
        ]),
      'POST /v1/events/batch/',
      '[{"userId":"u1","type":"create_subscription"},{"userId":"u1","type":"register"},{"userId":"u1","idempotenceKey":"k1","type":"visit_user"}]',
    ],
    [
      'single classic',
      {},
      (gmfy) => gmfy.createEvent({ eventType: 'register', userId: '9' }),
      'POST /v1/events/',
      '{"userId":"9","type":"register"}',
    ],
    [
      'classic, event_type not excluded',
      { sendEventType: true },
      (gmfy) => gmfy.createBatchEvents([{ event_type: 'raw', user_id: '1' }]),
      'POST /v1/events/batch/',
      '[{"userId":"1","eventType":"raw","type":"raw"}]',
    ],
    [
      "the earliest SDK's own test",
      { sendEventType: true },
      (gmfy) => gmfy.createBatchEvents([[Subscription, { userId: '12345', action: 'create' }]]),
      'POST /v1/events/batch/',
      '[{"userId":"12345","eventType":"subscription","type":"create_subscription"}]',
    ],
    [
      'one event as a batch',
      {},
      (gmfy) => gmfy.createBatchEvents({ event_type: 'raw', user_id: '1' }),
      'POST /v1/events/batch/',
      '[{"userId":"1","type":"raw"}]',
    ],
    ['empty batch', {}, (gmfy) => gmfy.createBatchEvents([]), 'POST /v1/events/batch/', '[]'],
    [
      'payment EN (JavaScript writes 100.0 as 100)',
      {},
      (gmfy) =>
        gmfy.createPayment({
          locale: 'EN',
          description: 'Payment',
          userId: 'u',
          confirmation: { returnUrl: 'https://example.com/' },
          amount: { currency: 'USD', value: 100.0 },
        }),
      'POST /v1/payments/',
      '{"amount":{"value":100,"currency":"USD"},"confirmation":{"returnUrl":"https://example.com/"},"userId":"u","description":"Payment","locale":"EN"}',
    ],
    [
      'payment minimum',
      {},
      (gmfy) =>
        gmfy.createPayment({
          amount: { value: 1.5, currency: 'anything' },
          confirmation: { returnUrl: 'not a url' },
          user_id: 'u',
        }),
      'POST /v1/payments/',
      '{"amount":{"value":1.5,"currency":"anything"},"confirmation":{"returnUrl":"not a url"},"userId":"u","description":null,"locale":"RU"}',
    ],
    [
      'rating top',
      {},
      (gmfy) => gmfy.getRatingTopUsers('R'),
      'GET /v1/ratings/R/top/?offset=0&limit=10&sort=ASC',
      '',
    ],
    [
      'rating top 2',
      {},
      (gmfy) => gmfy.getRatingTopUsers('R', { sort: 'DESC', limit: 20, offset: 5 }),
      'GET /v1/ratings/R/top/?offset=5&limit=20&sort=DESC',
      '',
    ],
    ['challenge top', {}, (gmfy) => gmfy.getChallengeTopUsers('C'), 'GET /v1/challenges/C/top/?limit=10', ''],
    ['notifications', {}, (gmfy) => gmfy.getNotifications('u'), 'GET /v1/notifications/u/', ''],
  ];

  it.each(vectors)('vector: %s', async (_, settings, call, line, body) => {
    await call(await clientWith(settings));
    expect(server.lines).toEqual([line]);
    expect(server.lastRequest.body).toBe(body);
    expect(server.lastRequest.headers).toMatchObject({
      'x-api-key': GMFY_KEY,
      'content-type': 'application/json',
    });
  });

  it('vector: resend', async () => {
    const gmfy = app.get(GmfyService);
    server.http.answer({ status: 404 });
    await failureOf(gmfy.createResendCode('PID'));
    expect(server.lines).toEqual(['POST /v1/payments/PID/resend-code/']);
    expect(server.lastRequest.body).toBe('');
    expect(server.lastRequest.headers).toMatchObject({
      'content-length': '0',
      'content-type': 'application/json',
    });
  });

  it('has no slash at the end of paths without trailingSlash', async () => {
    const gmfy = await clientWith({ trailingSlash: false });
    await gmfy.createEvent(Register, { userId: 'u1' });
    await gmfy.getUser('u1');
    await gmfy.getRatingTopUsers('R');
    await gmfy.getUnreadNotifications();
    expect(server.lines).toEqual([
      'POST /v1/events',
      'GET /v1/users/u1',
      'GET /v1/ratings/R/top?offset=0&limit=10&sort=ASC',
      'GET /v1/notifications/unread',
    ]);
  });

  it('has the newer calls as their documentation has them', async () => {
    const gmfy = await clientWith({ noauthResendCode: true });
    const { id } = await gmfy.createPayment({
      amount: { value: 1, currency: 'USD' },
      confirmation: { returnUrl: 'https://example.com/' },
      userId: 'u1',
    });
    await gmfy.createResendCode(id);
    await gmfy.confirmPayment(id, { code: '1234' });
    await failureOf(gmfy.cancelPayment(id));
    expect(await gmfy.getResourceKeys()).toEqual(['coins', 'gems']);
    expect(server.lines.slice(1)).toEqual([
      'POST /v1/payments/payment-1/noauth/resend-code',
      'POST /v1/payments/payment-1/noauth/confirm?code=1234',
      'POST /v1/payments/payment-1/noauth/cancel-payment',
      'GET /v1/resources/all/keys',
    ]);
  });

  it('has a transfer of a resource', async () => {
    const transfer = {
      resourceKey: 'coins',
      amount: 5,
      receiverUserId: 'u2',
      senderUserId: 'u1',
      comment: 'Thanks',
    };
    const made = await app.get(GmfyService).transferResource(transfer);
    expect(server.lines).toEqual(['POST /v1/resources/transfer']);
    expect(JSON.parse(server.lastRequest.body)).toEqual(transfer);
    expect(made).toMatchObject({
      key: 'coins',
      amount: 5,
      fromUserId: 'u1',
      toUserId: 'u2',
      comment: 'Thanks',
    });
    expect(made.dateTime).toEqual(new Date('2024-08-19T13:03:31.653Z'));
  });
});

describe('events', () => {
  it('carry the traits of their class, and only what it declares', async () => {
    const gmfy = app.get(GmfyService);
    await gmfy.createEvent(OrderPlaced, { userId: 'u1', traits: { total: 7 } });
    expect(server.events).toEqual([{ userId: 'u1', type: 'order.placed', total: 7 }]);
    const wrong = untyped<{ total: number }>({ total: 'seven', more: 1 });
    const error = await failureOf(gmfy.createEvent(OrderPlaced, { userId: 'u1', traits: wrong }));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({
      problems: [{ path: 'traits.more' }, { path: 'traits.total', got: '"seven"' }],
    });
  });

  it('as plain data carry whatever else is given, in camelCase', async () => {
    await app.get(GmfyService).createEvent({
      user_id: 'u1',
      event_type: 'order',
      order_number: 'A 7',
      a_b_c: [1],
      _private: true,
      already: 'naïve ☕',
    });
    expect(server.lastRequest.body).toBe(
      '{"userId":"u1","type":"order","orderNumber":"A 7","aBC":[1],"_private":true,"already":"naïve ☕"}',
    );
  });

  it.each<[string, GmfyEvent, string]>([
    ['user id', untyped({ event_type: 'register' }), 'userId'],
    ['user id that is a text', untyped({ event_type: 'register', user_id: 1 }), 'userId'],
    ['user id with a character', { event_type: 'register', user_id: '' }, 'userId'],
    ['type', untyped({ user_id: 'u' }), 'eventType'],
    ['type with a character', { event_type: '', user_id: 'u' }, 'eventType'],
    ['key with a character', { event_type: 'visit', user_id: 'u', idempotence_key: '' }, 'idempotenceKey'],
    ['action with a character', { event_type: 'like', user_id: 'u', event_action: '' }, 'eventAction'],
    ['type by one name only', { event_type: 'a', eventType: 'b', user_id: 'u' }, 'eventType'],
    ['type that is not made up yet', { event_type: 'a', user_id: 'u', type: 'create_a' }, 'type'],
    ['body that JSON can hold', { event_type: 'a', user_id: 'u', amount: 1n }, 'traits'],
  ])('need a %s', async (_, event, path) => {
    const error = await failureOf(app.get(GmfyService).createEvent(event));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ operation: 'createEvent', problems: [{ path }] });
    expect(server.lines).toEqual([]);
  });

  it.each([
    ['action event without an action', [Subscription, { userId: 'u' }], ['action']],
    ['action event with an unknown action', [Subscription, { userId: 'u', action: 'destroy' }], ['action']],
    ['unique event without a key', [VisitUser, { userId: 'u' }], ['idempotenceKey']],
    ['classic event with an action', [Register, { userId: 'u', action: 'create' }], ['action']],
    ['event with everything wrong', [VisitUser, { userId: '' }], ['userId', 'idempotenceKey']],
    ['event at another time', [Register, { userId: 'u', occurredAt: new Date(0) }], ['occurredAt']],
    ['event without details', [Register], ['details']],
    ['class that is no event', [class {}, { userId: 'u' }], ['type']],
    ['text', 'register', ['event']],
    ['nothing', null, ['event']],
  ])('refuse an %s', async (_, event, paths) => {
    const events = untyped<readonly GmfyEvent[]>([{ eventType: 'fine', userId: 'u' }, event]);
    const error = await failureOf(app.get(GmfyService).createBatchEvents(events));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ problems: paths.map((path) => ({ path: `1.${path}` })) });
    expect(server.lines).toEqual([]);
  });

  it('are refused together, naming what is wrong with each', async () => {
    const events = [
      { eventType: 'fine', userId: 'u' },
      { eventType: '', userId: '' },
      { eventType: 'visit', userId: 'u', idempotenceKey: '' },
    ];
    const error = await failureOf(app.get(GmfyService).createBatchEvents(events));
    expect(error).toMatchObject({
      system: 'gmfy',
      operation: 'createBatchEvents',
      problems: [{ path: '1.eventType' }, { path: '1.userId' }, { path: '2.idempotenceKey' }],
    });
    expect(server.lines).toEqual([]);
  });

  it('are at most 10,000 at a time', async () => {
    const gmfy = app.get(GmfyService);
    const events = Array.from({ length: 10_001 }, () => ({ eventType: 'a', userId: 'u' }));
    await expect(gmfy.createBatchEvents(events)).rejects.toBeInstanceOf(InvalidRequestError);
    await gmfy.createBatchEvents(events.slice(1));
    expect(server.events).toHaveLength(10_000);
  });
});

describe('refusals and failures', () => {
  it('names a wrong key and one that can only read', async () => {
    const wrong = await clientWith({ apiKey: 'another-key' });
    expect(await failureOf(wrong.getUsers())).toMatchObject({ status: 401, operation: 'getUsers' });
    const readOnly = await clientWith({ apiKey: GMFY_READ_ONLY_KEY });
    await expect(readOnly.getUsers()).resolves.toHaveLength(4);
    const error = await failureOf(readOnly.createEvent(Register, { userId: 'u1' }));
    expect(error).toBeInstanceOf(RemoteRefusalError);
    expect(error).toMatchObject({ status: 403, body: { message: 'read only' } });
  });

  it.each([
    ['amount.value', { amount: { value: '1', currency: 'USD' } }],
    ['amount.value', { amount: { value: Number.NaN, currency: 'USD' } }],
    ['amount.currency', { amount: { value: 1, currency: '' } }],
    ['amount.more', { amount: { value: 1, currency: 'USD', more: 1 } }],
    ['amount', { amount: undefined }],
    ['confirmation.returnUrl', { confirmation: { return_url: 'x', returnUrl: undefined } }],
    ['userId', { userId: '' }],
    ['locale', { locale: 'DE' }],
    ['description', { description: 7 }],
    ['orderNumber', { orderNumber: 'only in a class of its own' }],
  ])('refuses a payment whose %s is wrong', async (path, wrong) => {
    const right = {
      amount: { value: 1, currency: 'USD' },
      confirmation: { returnUrl: 'https://example.com/' },
      userId: 'u',
    };
    const payment = untyped<GmfyPayment>({ ...right, ...wrong });
    const error = await failureOf(app.get(GmfyService).createPayment(payment));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as InvalidRequestError).problems.map((problem) => problem.path)).toContain(path);
    expect(server.lines).toEqual([]);
  });

  it.each([{ offset: -1 }, { limit: 0 }, { limit: 1.5 }, { sort: 'asc' }])(
    'refuses the part %j of a rating',
    async (query) => {
      const call = app.get(GmfyService).getRatingTopUsers('R', untyped(query));
      await expect(call).rejects.toBeInstanceOf(InvalidRequestError);
      expect(server.lines).toEqual([]);
    },
  );

  it('refuses a transfer of nothing', async () => {
    const call = app
      .get(GmfyService)
      .transferResource({ resourceKey: 'coins', amount: 0, receiverUserId: 'u' });
    await expect(call).rejects.toMatchObject({ problems: [{ path: 'amount' }] });
    expect(server.lines).toEqual([]);
  });

  it('refuses to ask for the notifications of a user named as a path of the API', async () => {
    const call = app.get(GmfyService).getNotifications('unread');
    await expect(call).rejects.toBeInstanceOf(InvalidRequestError);
    expect(server.lines).toEqual([]);
  });

  it('does not take an empty user id for all users', async () => {
    await expect(app.get(GmfyService).getNotifications('')).rejects.toBeInstanceOf(InvalidRequestError);
    await expect(app.get(GmfyService).getUnreadNotifications('')).rejects.toBeInstanceOf(InvalidRequestError);
    await expect(app.get(GmfyService).getUser('')).rejects.toBeInstanceOf(InvalidRequestError);
    expect(server.lines).toEqual([]);
  });

  it.each([
    [
      'a rating without a place',
      [{ userId: 'u', clientId: 'c', ratingId: 'R', name: 'n', value: 1, metaInfo: {} }],
    ],
    ['a rating that is none', ['first']],
    ['no list', { users: [] }],
  ])('does not pass on %s', async (_, json) => {
    server.http.answer({ json });
    const error = await failureOf(app.get(GmfyService).getRatingTopUsers('R'));
    expect(error).toBeInstanceOf(InvalidRemoteResponseError);
  });

  it('takes a user without lists, and drops what it does not know', async () => {
    server.http.answer({ json: { userId: 'u', clientId: 'c', userBadges: null, level: 9 } });
    expect(await app.get(GmfyService).getUser('u')).toEqual(
      expect.objectContaining({ userRatings: [], userBadges: [], userFeatures: [] }),
    );
    server.http.answer({ json: { userId: 'u', clientId: 'c', level: 9 } });
    expect(await app.get(GmfyService).getUser('u')).not.toHaveProperty('level');
  });

  it('takes additional properties as they are, whatever they are called', async () => {
    const metaInfo = { constructor: 'c', toString: 'd', level: '3' };
    const rating = { userId: 'u', clientId: 'c', ratingId: 'R', name: 'n', value: 1, metaInfo, position: 1 };
    const feature = {
      userId: 'u',
      featureId: 'f',
      clientId: 'c',
      accessDate: '2024-07-22T17:28:03Z',
      name: 'n',
    };
    const user = { userId: 'u', clientId: 'c', userRatings: [rating], userFeatures: [feature] };
    server.http.answer({ json: [user] }, { json: [{ ...rating, metaInfo: { level: 3 } }] });
    const [found] = await app.get(GmfyService).getUsers();
    expect(found?.userRatings[0]?.metaInfo).toEqual(metaInfo);
    expect(found?.userFeatures[0]?.metaInfo).toEqual({});
    const wrong = await failureOf(app.get(GmfyService).getRatingTopUsers('R'));
    expect(wrong).toBeInstanceOf(InvalidRemoteResponseError);
  });

  it('takes a user alone, in a list, and in an empty one', async () => {
    const gmfy = app.get(GmfyService);
    const user = { userId: 'u', clientId: 'c' };
    server.http.answer({ json: user }, { json: [user] }, { json: [] }, { json: [user, user] });
    expect(await gmfy.getUser('u')).toMatchObject(user);
    expect(await gmfy.getUser('u')).toMatchObject(user);
    expect(await gmfy.getUser('u')).toBeUndefined();
    await expect(gmfy.getUser('u')).rejects.toBeInstanceOf(InvalidRemoteResponseError);
  });
});

describe('a rating read page by page', () => {
  const read = async (ratings: AsyncIterable<GmfyUserRating>) => {
    const users: string[] = [];
    for await (const { userId } of ratings) users.push(userId);
    return users;
  };

  it('brings everybody once', async () => {
    const gmfy = app.get(GmfyService);
    expect(await read(gmfy.iterateRatingTopUsers('R', { pageSize: 3 }))).toEqual([
      'u1',
      'u2',
      'u3',
      'a b/c?d',
    ]);
    expect(server.lines).toEqual([
      'GET /v1/ratings/R/top/?offset=0&limit=3&sort=ASC',
      'GET /v1/ratings/R/top/?offset=3&limit=3&sort=ASC',
    ]);
    expect(await read(gmfy.iterateRatingTopUsers('R', { pageSize: 2, sort: 'DESC' }))).toEqual([
      'a b/c?d',
      'u3',
      'u2',
      'u1',
    ]);
  });

  it('ends where a server answers with the same page again', async () => {
    const rating = {
      userId: 'u',
      clientId: 'c',
      ratingId: 'R',
      name: 'n',
      value: 1,
      metaInfo: {},
      position: 1,
    };
    server.http.handle(() => ({ json: [rating] }));
    expect(await read(app.get(GmfyService).iterateRatingTopUsers('R', { pageSize: 1 }))).toEqual(['u']);
  });
});

describe('as the home of domains', () => {
  const date = new Date('2024-08-19T13:03:31.653Z');
  const metaInfo = { additionalProp1: 'string' };

  it('serves players', async () => {
    const player = await app.get(Players).get('a b/c?d');
    expect(player).toEqual({
      userId: 'a b/c?d',
      ratings: [{ userId: 'a b/c?d', ratingId: 'R', name: 'Experience', value: 99, position: 1, metaInfo }],
      challenges: [
        {
          userId: 'a b/c?d',
          challengeId: 'C',
          name: 'Onboarding',
          progress: 2.5,
          passedSteps: [{ challengeStepId: 'S', order: 1, weight: 2.5, dateComplete: date }],
          metaInfo,
        },
      ],
      badges: [
        {
          userId: 'a b/c?d',
          badgeId: 'B',
          name: 'Regular',
          description: 'Ten orders',
          permanent: true,
          count: 3,
          acquisitionDate: date,
          metaInfo,
        },
      ],
      features: [
        {
          userId: 'a b/c?d',
          featureId: 'F',
          name: 'Dark mode',
          description: 'Easy on the eyes',
          accessDate: date,
          metaInfo,
        },
      ],
      balances: [{ userId: 'a b/c?d', resourceKey: 'coins', amount: 7.5 }],
      streaks: [],
    });
    expect(await app.get(Players).badges('a b/c?d')).toEqual(player.badges);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['traits', () => app.get(Players).traits('u')],
    ['an export', () => app.get(Players).export('u').next()],
    ['erasing', () => app.get(Players).erase('u')],
    ['one place', () => app.get(Leaderboards).rank('R', 'u')],
    ['the players around one', () => app.get(Leaderboards).around('R', 'u', 1)],
    ['a board by period', () => app.get(Leaderboards).top('R', { period: 'week' })],
    ['a board of some users', () => app.get(Leaderboards).top('R', { users: ['u'] })],
    ['marking as read', () => app.get(Notifications).markRead('u')],
    ['a stream', async () => app.get(Notifications).stream('u')],
  ])('refuses %s, which its protocol has no place for', async (_, call) => {
    await expect(call()).rejects.toThrow(NotSupportedByGmfyError);
  });

  it('has a player with nothing for a user that GMFY does not know', async () => {
    const nothing = {
      userId: 'x',
      ratings: [],
      challenges: [],
      badges: [],
      features: [],
      balances: [],
      streaks: [],
    };
    expect(await app.get(Players).get('x')).toEqual(nothing);
    server.http.answer({ json: [] }, { status: 404 });
    expect(await app.get(Players).get('x')).toEqual(nothing);
    expect(await app.get(Players).badges('x')).toEqual([]);
  });

  it('lists players by user id, in pages', async () => {
    const players = app.get(Players);
    const first = await players.list({ limit: 3 });
    expect(first.items.map(({ userId }) => userId)).toEqual(['a b/c?d', 'u1', 'u2']);
    const second = await players.list({ limit: 3, after: first.next ?? '' });
    expect(second.items.map(({ userId }) => userId)).toEqual(['u3']);
    expect(second).not.toHaveProperty('next');
    expect((await players.list()).items).toHaveLength(4);
    await expect(players.list({ limit: 0 })).rejects.toBeInstanceOf(InvalidQueryError);
    await expect(players.list({ after: 'x' })).rejects.toBeInstanceOf(InvalidQueryError);
  });

  it('lists players by code point, as the other lists of the library are sorted', async () => {
    // In UTF-16, which JavaScript compares by, the second would stand first.
    const userIds = ['\uFF5E', '\u{1F600}'];
    const json = userIds.map((userId) => ({ userId, clientId: 'c' })).reverse();
    server.http.answer({ json }, { json });
    const players = app.get(Players);

    const first = await players.list({ limit: 1 });
    const second = await players.list({ limit: 1, after: first.next ?? '' });

    expect([...first.items, ...second.items].map(({ userId }) => userId)).toEqual(userIds);
  });

  it('serves leaderboards', async () => {
    const leaderboards = app.get(Leaderboards);
    const top = await leaderboards.top('R', { offset: 1, limit: 2 });
    expect(top.map(({ userId, position }) => [userId, position])).toEqual([
      ['u2', 2],
      ['u3', 3],
    ]);
    expect(top[0]).toEqual({
      userId: 'u2',
      ratingId: 'R',
      name: 'Experience',
      value: 98,
      position: 2,
      metaInfo,
    });
    const [last] = await leaderboards.top('R', { sort: 'desc', limit: 1 });
    expect(last).toMatchObject({ userId: 'a b/c?d', position: 4 });
    const [furthest] = await leaderboards.topOfChallenge('C', { limit: 1 });
    expect(furthest).toMatchObject({ userId: 'u1', progress: 2.5, passedSteps: [{ dateComplete: date }] });
    expect(server.lines).toEqual([
      'GET /v1/ratings/R/top/?offset=1&limit=2&sort=ASC',
      'GET /v1/ratings/R/top/?offset=0&limit=1&sort=DESC',
      'GET /v1/challenges/C/top/?limit=1',
    ]);
    expect(await leaderboards.top('unknown')).toEqual([]);
    expect(await leaderboards.topOfChallenge('unknown')).toEqual([]);
  });

  it.each([{ limit: 0 }, { limit: 1_001 }, { offset: -1 }, { sort: 'ASC' }])(
    'refuses the part %j of a leaderboard',
    async (query) => {
      await expect(app.get(Leaderboards).top('R', untyped(query))).rejects.toBeInstanceOf(InvalidQueryError);
      expect(server.lines).toEqual([]);
    },
  );

  it.each<[string, (context: INestApplicationContext) => Promise<unknown>]>([
    ['a player', (context) => context.get(Players).get('')],
    ['a player', (context) => context.get(Players).get('..')],
    ['badges', (context) => context.get(Players).badges('\n')],
    ['a leaderboard', (context) => context.get(Leaderboards).top('')],
    ['a leaderboard', (context) => context.get(Leaderboards).topOfChallenge('.')],
    ['notifications', (context) => context.get(Notifications).list({ userId: '' })],
    ['notifications', (context) => context.get(Notifications).list({ userId: 'unread' })],
    ['notifications', (context) => context.get(Notifications).unread({ userId: '..' })],
  ])('refuses an id that cannot be one of %s', async (_, ask) => {
    expect(await failureOf(ask(app))).toBeInstanceOf(InvalidQueryError);
    expect(server.lines).toEqual([]);
  });

  it('serves notifications, in pages', async () => {
    const notifications = app.get(Notifications);
    const first = await notifications.list({ limit: 2 });
    expect(first.items).toEqual([
      { userId: 'u1', message: 'You are first!' },
      { userId: 'u2', message: 'A badge for you' },
    ]);
    const second = await notifications.list({ limit: 2, after: first.next ?? '' });
    expect(second).toEqual({ items: [{ userId: 'u1', message: 'A feature for you' }] });
    const one = await notifications.list({ limit: 1 });
    const two = await notifications.list({ limit: 1, after: one.next ?? '' });
    const three = await notifications.list({ limit: 1, after: two.next ?? '' });
    expect([...one.items, ...two.items, ...three.items]).toEqual([...first.items, ...second.items]);
    expect(three).not.toHaveProperty('next');
    expect((await notifications.list({ userId: 'u2' })).items).toHaveLength(1);
    expect((await notifications.unread()).items).toHaveLength(2);
    expect((await notifications.unread({ userId: 'u1' })).items).toEqual([
      { userId: 'u1', message: 'A feature for you' },
    ]);
    await expect(notifications.list({ after: 'x' })).rejects.toBeInstanceOf(InvalidQueryError);
    await expect(notifications.unread({ limit: 1_001 })).rejects.toBeInstanceOf(InvalidQueryError);
    server.http.answer({ status: 404 });
    expect(await notifications.list({ userId: 'nobody' })).toEqual({ items: [] });
  });

  it('serves payments from their creation to their confirmation', async () => {
    const payments = app.get(Payments);
    const created = await payments.create({
      userId: 'u1',
      amount: { value: '9.90', currency: 'USD' },
      returnUrl: 'https://example.com/thanks',
      description: 'Two coffees',
    });
    expect(created).toEqual({
      id: 'payment-1',
      status: 'CREATED',
      confirmationUrl: 'https://gmfy.example/payment-1',
    });
    expect(JSON.parse(server.lastRequest.body)).toMatchObject({ amount: { value: 9.9 }, locale: 'EN' });
    const payment = {
      id: 'payment-1',
      status: 'CREATED',
      amount: { value: '9.9', currency: 'USD' },
      returnUrl: 'https://example.com/thanks',
      description: 'Two coffees',
      locale: 'EN',
      expiresIn: 300,
    };
    expect(await payments.get(created.id)).toEqual(payment);
    expect(await payments.resendCode(created.id)).toEqual(payment);
    const wrongCode = await failureOf(payments.confirm(created.id, '9999'));
    expect(wrongCode).toBeInstanceOf(PaymentRefusedError);
    expect(wrongCode).toMatchObject({ cause: { status: 400 } });
    await payments.confirm(created.id, '1234');
    expect(await payments.get(created.id)).toMatchObject({ status: 'CONFIRMED' });
    await expect(payments.cancel(created.id)).rejects.toBeInstanceOf(PaymentRefusedError);
  });

  it('cancels a payment', async () => {
    const payments = app.get(Payments);
    const { id } = await payments.create({
      userId: 'u1',
      amount: { value: '0.0000001', currency: 'coins' },
      returnUrl: 'http://localhost:3000/',
      locale: 'RU',
    });
    await payments.cancel(id);
    const payment = await payments.get(id);
    expect(payment).toMatchObject({ status: 'CANCELLED', amount: { value: '0.0000001' }, locale: 'RU' });
    expect(payment).not.toHaveProperty('description');
  });

  it.each(['x', '', '..', 'no\nid'])('finds no payment %j', async (id) => {
    const payments = app.get(Payments);
    for (const call of [
      payments.get(id),
      payments.resendCode(id),
      payments.confirm(id, '1'),
      payments.cancel(id),
    ]) {
      expect(await failureOf(call)).toBeInstanceOf(PaymentNotFoundError);
    }
  });

  it('refuses a payment that is not as it must be', async () => {
    const payment = { userId: '', amount: { value: '-1', currency: 'USD' }, returnUrl: 'nowhere' };
    const error = await failureOf(app.get(Payments).create(payment));
    expect(error).toBeInstanceOf(InvalidPaymentError);
    expect(error).toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ path: 'userId' }),
        expect.objectContaining({ path: 'amount.value' }),
        expect.objectContaining({ path: 'returnUrl' }),
      ]),
    });
    expect(server.lines).toEqual([]);
  });

  it('passes on that GMFY cannot be used', async () => {
    server.http.handle(() => ({ status: 503 }));
    for (const call of [
      app.get(Players).get('u1'),
      app.get(Leaderboards).top('R'),
      app.get(Notifications).list(),
      app.get(Payments).get('p'),
    ]) {
      expect(await failureOf(call)).toBeInstanceOf(RemoteUnavailableError);
    }
    server.http.handle(() => ({ status: 401 }));
    expect(await failureOf(app.get(Payments).confirm('p', '1234'))).toMatchObject({ status: 401 });
  });

  it('is missing without the option', async () => {
    const context = await createContext({ storage: false });
    open.push(context);
    for (const token of [Players, Leaderboards, Payments, Notifications, GmfyService]) {
      const missing = (method: string) => () => Reflect.get(context.get<object>(token), method)();
      const [method = ''] = Object.getOwnPropertyNames(token.prototype).filter(
        (name) => name !== 'constructor',
      );
      if (method) expect(missing(method)).toThrow(NotConfiguredError);
    }
  });
});

describe('as a destination of events', () => {
  const recorded = (event: Partial<RecordedEvent>): RecordedEvent => ({
    id: '0194251b-0000-7000-8000-000000000001',
    userId: 'u1',
    type: 'register',
    traits: {},
    occurredAt: new Date(0),
    receivedAt: new Date(0),
    ...event,
  });

  it('gets batches, every event with a key by which a repeat is known', async () => {
    const destination = app.get(GmfyDestination);
    expect(destination).toMatchObject({ name: 'gmfy', maxBatchSize: 500, concurrency: 4 });
    await destination.deliver([
      recorded({}),
      recorded({
        type: 'like',
        action: 'create',
        idempotenceKey: 'k1',
        traits: { drink_id: 'latte', size: 2 },
      }),
    ]);
    expect(server.lines).toEqual(['POST /v1/events/batch/']);
    expect(server.lastRequest.body).toBe(
      '[{"userId":"u1","idempotenceKey":"0194251b-0000-7000-8000-000000000001","type":"register"},' +
        '{"userId":"u1","idempotenceKey":"k1","type":"create_like","drinkId":"latte","size":2}]',
    );
  });

  it('does not let traits take the place of what an event is', async () => {
    const traits = JSON.parse(
      '{"userId":"x","user_id":"x","type":"x","idempotence_key":"x","event_type":"x","eventAction":"x","__proto__":{"a":1},"ok":1}',
    );
    await app.get(GmfyDestination).deliver([recorded({ idempotenceKey: 'k', traits })]);
    expect(server.lastRequest.body).toBe('[{"userId":"u1","idempotenceKey":"k","type":"register","ok":1}]');
  });

  it('sends eventType where the option says so', async () => {
    const context = await contextWith({ sendEventType: true });
    await context
      .get(GmfyDestination)
      .deliver([recorded({ action: 'create', type: 'like', idempotenceKey: 'k' })]);
    expect(server.events).toEqual([
      { userId: 'u1', eventType: 'like', idempotenceKey: 'k', type: 'create_like' },
    ]);
  });

  it('gets the selected events, and none of the library itself', async () => {
    const accepted = async (events: boolean | string[]) => {
      const destination = (await contextWith({ events })).get(GmfyDestination);
      return ['register', 'like', '$identify'].filter((type) => destination.accepts(type));
    };
    expect(await accepted(true)).toEqual(['register', 'like']);
    expect(await accepted(false)).toEqual([]);
    expect(await accepted(['like', '$identify'])).toEqual(['like']);
  });

  it('says at once that it did not get them: the repeats have a schedule of their own', async () => {
    const context = await contextWith({ maxRetries: 3 });
    server.http.answer({ status: 503, headers: { 'retry-after': '1' } });
    const error = await failureOf(context.get(GmfyDestination).deliver([recorded({})]));
    expect(error).toMatchObject({ reason: 'failing', retryAfter: 1_000 });
    expect(server.lines).toHaveLength(1);
  });
});
