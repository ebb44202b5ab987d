import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsString, IsUrl } from 'class-validator';
import {
  ActionEvent,
  GameEvent,
  GmfyAmount,
  GmfyConfirmation,
  type GmfyLocale,
  GmfyPayment,
  GmfyService,
  InvalidRemoteResponseError,
  InvalidRequestError,
  UniqueEvent,
} from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { makeCertificates } from '../support/certificates.js';
import { LoopbackServer } from '../support/loopback-server.js';

// What the seed's samples define: types and actions of events, and classes of events.
enum EventType {
  subscription = 'subscription',
  register = 'register',
  visitUser = 'visit_user',
}
enum EventAction {
  create = 'create',
  remove = 'remove',
}
class RegisterEvent extends GameEvent('register') {}
class SubscriptionEvent extends ActionEvent('subscription') {}
class VisitUserEvent extends UniqueEvent('visit_user') {}

class CustomAmount extends GmfyAmount {
  @IsIn(['USD', 'EUR'])
  declare currency: string;
}
class CustomConfirmation extends GmfyConfirmation {
  @IsUrl()
  declare returnUrl: string;
}
class CustomPayment extends GmfyPayment {
  @Type(() => CustomAmount)
  declare amount: CustomAmount;

  @Type(() => CustomConfirmation)
  declare confirmation: CustomConfirmation;

  @IsString()
  orderNumber!: string;
}

const userId = 'user-9';
const paymentId = 'payment-1';
const UUID = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
const META_INFO = { additionalProp1: 'string', additionalProp2: 'string', additionalProp3: 'string' };
const date = (text: string) => new Date(text);

/** The seed's own sample answers, to the letter. */
const PAYMENT_CREATED = { id: UUID, clientId: UUID, status: 'CREATED', confirmationUrl: 'string' };
const PAYMENT_DETAIL = {
  id: UUID,
  clientId: UUID,
  value: 0,
  returnUrl: 'string',
  description: 'string',
  currency: 'string',
  status: 'CREATED',
  locale: 'RU',
  expiresIn: 0,
};
const RATING = {
  userId: 'string',
  clientId: UUID,
  ratingId: UUID,
  name: 'string',
  value: 0,
  metaInfo: META_INFO,
  position: 0,
};
const challengeWith = (dateComplete: string) => ({
  userId: 'string',
  challengeId: UUID,
  clientId: UUID,
  progress: 0,
  passedSteps: [{ challengeStepId: UUID, order: 0, weight: 0, dateComplete }],
  metaInfo: META_INFO,
  name: 'string',
});
const badgeWith = (acquisitionDate: string) => ({
  userId: 'string',
  badgeId: UUID,
  clientId: UUID,
  acquisitionDate,
  metaInfo: META_INFO,
  name: 'string',
  description: 'string',
  permanent: true,
  count: 0,
});
const USERS = [
  {
    userId: 'string',
    clientId: UUID,
    userRatings: [RATING],
    userChallenges: [challengeWith('2024-08-19T13:03:31.653Z')],
    userBadges: [badgeWith('2024-08-19T13:03:31.653Z')],
    userFeatures: [
      {
        userId: 'string',
        featureId: UUID,
        clientId: UUID,
        accessDate: '2024-08-19T13:03:31.653Z',
        metaInfo: META_INFO,
        name: 'string',
        description: 'string',
      },
    ],
    userAccountBalances: [{ userId: 'string', clientId: UUID, resourceKey: 'string', amount: 0 }],
  },
];
const NOTIFICATIONS = [{ userId: 'string', clientId: UUID, message: 'string' }];

let server: LoopbackServer;
let app: INestApplicationContext;
let gmfy: GmfyService;
const opened: INestApplicationContext[] = [];

beforeEach(async () => {
  server = await LoopbackServer.start(() => ({ status: 201 }));
  app = await createContext({
    storage: false,
    gmfy: { apiKey: 'GMFY_API_KEY', url: server.url, maxRetries: 0 },
  });
  gmfy = app.get(GmfyService);
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const context of opened.splice(0)) await context.close();
  await app.close();
  await server.close();
});

function lastLine(): string {
  return `${server.lastRequest.method} ${server.lastRequest.path}`;
}

/** An answer as a caller gets it, in plain data and with dates as texts. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('clients', () => {
  it('seed: gmfy_sync = GMFYClientSync(GMFY_API_KEY, GMFY_URL)', async () => {
    server.answer({ json: { version: '1.0', deploymentDate: '2024-07-22T17:28:03.876Z' } });
    await gmfy.getApiVersion();
    expect(server.lastRequest.headers).toMatchObject({
      'x-api-key': 'GMFY_API_KEY',
      'content-type': 'application/json',
    });
  });

  it('seed: gmfy_async = GMFYClientAsync(GMFY_API_KEY, GMFY_URL, verify=True, timeout=120)', async () => {
    const { key, cert } = makeCertificates();
    const untrusted = await LoopbackServer.start(() => ({ status: 201 }), { tls: { key, cert } });
    const settings = { apiKey: 'GMFY_API_KEY', verify: true, timeout: 120_000, maxRetries: 0 };
    const clientOf = async (url: string) => {
      const context = await createContext({ storage: false, gmfy: { ...settings, url } });
      opened.push(context);
      return context.get(GmfyService);
    };

    const failure = (await clientOf(untrusted.url)).createEvent(RegisterEvent, { userId });
    await expect(failure).rejects.toMatchObject({ reason: 'tls' });
    expect(untrusted.requests).toHaveLength(0);
    await untrusted.close();

    // The time limit runs a thousand times as fast.
    const limit = AbortSignal.timeout.bind(AbortSignal);
    jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => limit(ms / 1_000));
    server.answer({ fault: 'silence' });
    await expect((await clientOf(server.url)).createEvent(RegisterEvent, { userId })).rejects.toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('within 120000 ms'),
    });
  });
});

describe('events', () => {
  const batch =
    '[{"userId":"user-9","type":"create_subscription"},{"userId":"user-9","type":"register"},' +
    '{"userId":"user-9","idempotenceKey":"instance-3","type":"visit_user"}]';

  it('seed: event_data = [create_subscription_event, register_event, visit_user_event] # EventData(...).model_dump(by_alias=True)', async () => {
    // The dump of `EventData` has all four names, those without a value as null.
    await gmfy.createBatchEvents([
      {
        event_type: EventType.subscription,
        user_id: userId,
        event_action: EventAction.create,
        idempotence_key: null,
      },
      { event_type: EventType.register, user_id: userId, event_action: null, idempotence_key: null },
      { event_type: EventType.visitUser, user_id: userId, event_action: null, idempotence_key: 'instance-3' },
    ]);
    expect(lastLine()).toBe('POST /v1/events/batch/');
    expect(server.lastRequest.body).toBe(batch);
  });

  it('seed: event_data = [{"event_type": EventType.subscription, "user_id": f"{user.id}", "event_action": EventAction.create}, …]', async () => {
    await gmfy.createBatchEvents([
      { event_type: EventType.subscription, user_id: userId, event_action: EventAction.create },
      { event_type: EventType.register, user_id: userId },
      { event_type: EventType.visitUser, user_id: userId, idempotence_key: 'instance-3' },
    ]);
    expect(server.lastRequest.body).toBe(batch);
  });

  it('seed: gmfy_sync.create_batch_events(event_data) # RegisterEvent(BaseEvent), SubscriptionEvent(BaseActionEvent), VisitUserEvent(BaseUniqueEvent)', async () => {
    await gmfy.createBatchEvents([
      [SubscriptionEvent, { userId, action: 'create' }],
      [RegisterEvent, { userId }],
      [VisitUserEvent, { userId, idempotenceKey: 'instance-3' }],
    ]);
    expect(server.lastRequest.body).toBe(batch);
  });

  it('seed: TypeError: Event classes inherited from BaseEvent were not found in your project.', async () => {
    class NoEvent {}
    // JavaScript callers can give anything.
    const given = [[NoEvent, { userId }]] as unknown as Parameters<GmfyService['createBatchEvents']>[0];
    await expect(gmfy.createBatchEvents(given)).rejects.toThrow(InvalidRequestError);
    expect(server.requests).toHaveLength(0);
  });

  it('seed: gmfy_sync.create_event(event_data) # EventData(event_type=EventType.subscription, user_id=f"{user_id}", event_action=EventAction.create)', async () => {
    await gmfy.createEvent({
      event_type: EventType.subscription,
      user_id: userId,
      event_action: EventAction.create,
      idempotence_key: null,
    });
    expect(lastLine()).toBe('POST /v1/events/');
    expect(server.lastRequest.body).toBe('{"userId":"user-9","type":"create_subscription"}');
  });

  it('seed: event_data = {"event_type": EventType.subscription, "user_id": f"{user.id}", "event_action": EventAction.create}', async () => {
    await gmfy.createEvent({
      event_type: EventType.subscription,
      user_id: userId,
      event_action: EventAction.create,
    });
    expect(server.lastRequest.body).toBe('{"userId":"user-9","type":"create_subscription"}');
  });

  it('seed: await gmfy_async.create_event(event_data) # class SubscriptionEvent(BaseActionEvent), EventAction.remove', async () => {
    await gmfy.createEvent(SubscriptionEvent, { userId, action: 'remove' });
    expect(server.lastRequest.body).toBe('{"userId":"user-9","type":"remove_subscription"}');
  });

  it('seed: "You can also expand these classes with your own functionality, for example likes or dislikes."', async () => {
    class Like extends ActionEvent('like', 'dislike') {}
    await gmfy.createEvent(Like, { userId, action: 'dislike' });
    expect(server.lastRequest.body).toBe('{"userId":"user-9","type":"dislike_like"}');
  });
});

describe('payments', () => {
  const data = {
    amount: { value: 100, currency: 'USD' },
    confirmation: { returnUrl: 'https://example.com/' },
    user_id: userId,
    description: 'Payment for order #123',
    locale: 'EN' satisfies GmfyLocale,
  } as const;
  const sent =
    '{"amount":{"value":100,"currency":"USD"},"confirmation":{"returnUrl":"https://example.com/"},' +
    '"userId":"user-9","description":"Payment for order #123","locale":"EN"}';

  it('seed: payment_data = {"amount": {"value": 100, "currency": "USD"}, …, "locale": LocaleEnum.EN}', async () => {
    server.answer({ json: PAYMENT_CREATED });
    expect(plain(await gmfy.createPayment(data))).toEqual(PAYMENT_CREATED);
    expect(lastLine()).toBe('POST /v1/payments/');
    expect(server.lastRequest.body).toBe(sent);
  });

  it('seed: "when creating a payment you will receive a response status of 200, not 201, as well as a response from the server"', async () => {
    server.answer({ status: 201 }, { status: 200, json: PAYMENT_CREATED });
    expect(await gmfy.createEvent(RegisterEvent, { userId })).toBeUndefined();
    expect(plain(await gmfy.createPayment(data))).toEqual(PAYMENT_CREATED);
    // Both are answers; without what the server says there is no payment to go on with.
    server.answer({ status: 201, json: PAYMENT_CREATED }, { status: 200 });
    expect(plain(await gmfy.createPayment(data))).toEqual(PAYMENT_CREATED);
    await expect(gmfy.createPayment(data)).rejects.toThrow(InvalidRemoteResponseError);
  });

  it('seed: gmfy_sync.create_payment(BasePayment(**payment_data)) # PaymentData(...).model_dump(by_alias=True)', async () => {
    server.answer({ json: PAYMENT_CREATED });
    const { user_id, ...rest } = data;
    const payment = Object.assign(new GmfyPayment(), { ...rest, userId: user_id });
    await gmfy.createPayment(payment);
    expect(server.lastRequest.body).toBe(sent);
  });

  it('seed: gmfy_sync.create_payment(CustomPayment(**payment_data))', async () => {
    server.answer({ json: PAYMENT_CREATED });
    await gmfy.createPayment({ ...data, orderNumber: '123' }, CustomPayment);
    expect(server.lastRequest.body).toBe(`${sent.slice(0, -1)},"orderNumber":"123"}`);
  });

  it('seed: class CustomAmount(BaseAmount), class CustomConfirmation(BaseConfirmation) # modify the class according to your needs', async () => {
    const wrong = {
      ...data,
      orderNumber: '1',
      amount: { value: 1, currency: 'XXX' },
      confirmation: { returnUrl: 'x' },
    };
    const call = gmfy.createPayment(wrong, CustomPayment);
    await expect(call).rejects.toMatchObject({
      problems: [
        { path: 'amount.currency', got: '"XXX"' },
        { path: 'confirmation.returnUrl', got: '"x"' },
      ],
    });
    expect(server.requests).toHaveLength(0);
  });

  it('seed: gmfy_sync.create_resend_code(payment_id=f"{payment_id}")', async () => {
    server.answer({ json: PAYMENT_DETAIL });
    expect(plain(await gmfy.createResendCode(paymentId))).toEqual(PAYMENT_DETAIL);
    expect(lastLine()).toBe('POST /v1/payments/payment-1/resend-code/');
    expect(server.lastRequest.headers['content-length']).toBe('0');
  });

  it('seed: gmfy_sync.get_payment(payment_id=f"{payment_id}")', async () => {
    server.answer({ json: PAYMENT_DETAIL });
    expect(plain(await gmfy.getPayment(paymentId))).toEqual(PAYMENT_DETAIL);
    expect(lastLine()).toBe('GET /v1/payments/payment-1/');
  });
});

describe('reads', () => {
  it('seed: gmfy_sync.get_users()', async () => {
    server.answer({ json: USERS });
    const users = await gmfy.getUsers();
    expect(plain(users)).toEqual(USERS);
    expect(users[0]?.userFeatures[0]?.accessDate).toEqual(date('2024-08-19T13:03:31.653Z'));
    expect(lastLine()).toBe('GET /v1/users/');
  });

  it('seed: gmfy_sync.get_users(user_id=f"{user_id}")', async () => {
    // The seed shows a list for one user, too; GMFY may as well answer with the user itself.
    server.answer({ json: USERS }, { json: USERS[0] });
    expect(plain(await gmfy.getUser(userId))).toEqual(USERS[0]);
    expect(plain(await gmfy.getUser(userId))).toEqual(USERS[0]);
    expect(lastLine()).toBe('GET /v1/users/user-9/');
  });

  it('seed: gmfy_sync.get_user_badges(user_id=f"{user_id}")', async () => {
    const badges = [badgeWith('2024-08-19T14:34:11.608Z')];
    server.answer({ json: badges });
    expect(plain(await gmfy.getUserBadges(userId))).toEqual(badges);
    expect(lastLine()).toBe('GET /v1/badges/user-9/');
  });

  it('seed: gmfy_sync.get_rating_top_users(rating_id=f"{rating_id}")', async () => {
    server.answer({ json: [RATING] });
    expect(plain(await gmfy.getRatingTopUsers('R'))).toEqual([RATING]);
    expect(lastLine()).toBe('GET /v1/ratings/R/top/?offset=0&limit=10&sort=ASC');
  });

  it('seed: gmfy_sync.get_rating_top_users(rating_id=f"{rating_id}", offset=5, limit=20, sort="DESC")', async () => {
    server.answer({ json: [RATING] });
    await gmfy.getRatingTopUsers('R', { offset: 5, limit: 20, sort: 'DESC' });
    expect(lastLine()).toBe('GET /v1/ratings/R/top/?offset=5&limit=20&sort=DESC');
  });

  it('seed: gmfy_sync.get_challenge_top_users(challenge_id=f"{challenge_id}")', async () => {
    const challenges = [challengeWith('2024-08-19T14:20:26.219Z')];
    server.answer({ json: challenges });
    const [challenge] = await gmfy.getChallengeTopUsers('C');
    expect(plain([challenge])).toEqual(challenges);
    expect(challenge?.passedSteps[0]?.dateComplete).toEqual(date('2024-08-19T14:20:26.219Z'));
    expect(lastLine()).toBe('GET /v1/challenges/C/top/?limit=10');
  });

  it('seed: gmfy_sync.get_challenge_top_users(challenge_id=f"{challenge_id}", limit=20)', async () => {
    server.answer({ json: [] });
    expect(await gmfy.getChallengeTopUsers('C', { limit: 20 })).toEqual([]);
    expect(lastLine()).toBe('GET /v1/challenges/C/top/?limit=20');
  });

  it('seed: gmfy_sync.get_notifications()', async () => {
    server.answer({ json: NOTIFICATIONS });
    expect(plain(await gmfy.getNotifications())).toEqual(NOTIFICATIONS);
    expect(lastLine()).toBe('GET /v1/notifications/');
  });

  it('seed: gmfy_sync.get_unread_notifications()', async () => {
    server.answer({ json: NOTIFICATIONS });
    expect(plain(await gmfy.getUnreadNotifications())).toEqual(NOTIFICATIONS);
    expect(lastLine()).toBe('GET /v1/notifications/unread/');
  });

  it('seed: gmfy_sync.get_unread_notifications(user_id=f"{user_id}")', async () => {
    server.answer({ json: NOTIFICATIONS });
    expect(plain(await gmfy.getUnreadNotifications(userId))).toEqual(NOTIFICATIONS);
    expect(lastLine()).toBe('GET /v1/notifications/unread/user-9/');
  });

  it('seed: gmfy_sync.get_api_version()', async () => {
    server.answer({ json: { version: '1.0', deploymentDate: '2024-07-22T17:28:03.876Z' } });
    expect({ ...(await gmfy.getApiVersion()) }).toEqual({
      version: '1.0',
      deploymentDate: date('2024-07-22T17:28:03.876Z'),
    });
    expect(lastLine()).toBe('GET /v1/version/');
  });
});
