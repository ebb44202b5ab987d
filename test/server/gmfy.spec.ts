import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication, INestApplicationContext } from '@nestjs/common';
import {
  EventTracker,
  GmfyService,
  type MechanicsDefinition,
  type PaymentCode,
  Payments,
  Players,
  RemoteRefusalError,
  Wallets,
} from 'nestjs-gamification';
import { keyText, ServerKeys } from 'nestjs-gamification-server';
import { createContext } from '../support/application.js';
import { serveProtocols } from '../support/server-application.js';
import { storages, type TestStorage } from '../support/storages.js';

const mechanics: MechanicsDefinition = {
  ratings: {
    xp: {
      name: 'Experience',
      rules: [
        { on: 'subscription', value: 5 },
        { on: 'register', value: 1 },
      ],
    },
  },
  badges: {
    subscriber: {
      name: 'Subscriber',
      description: 'Has subscribed',
      when: { on: 'subscription' },
      messages: { earned: 'You are a subscriber' },
    },
  },
  challenges: {
    start: {
      name: 'Start',
      steps: [{ on: 'register' }, { on: 'subscription', weight: 2 }],
      reward: { resource: 'coins', amount: 10 },
    },
  },
  features: { news: { name: 'News', when: 'ratings.xp >= 5' } },
  resources: { coins: { name: 'Coins' } },
};

describe.each(storages)("GMFY's protocol, served from $name", (kind) => {
  let storage: TestStorage;
  let app: INestApplication;
  let url: string;
  let apiKey: string;
  let client: INestApplicationContext;
  let gmfy: GmfyService;
  let sent: PaymentCode[];

  beforeEach(async () => {
    storage = await kind.create();
    sent = [];
    ({ app, url } = await serveProtocols({
      storage: { url: storage.url },
      mechanics,
      payments: {
        confirmationUrl: 'https://pay.example/{paymentId}',
        codeSender: {
          async send(code) {
            sent.push(code);
          },
        },
      },
    }));
    const { key, secret } = await app.get(ServerKeys).create('gmfy');
    apiKey = keyText(key.id, secret);
    client = await createContext({ storage: false, gmfy: { url, apiKey, maxRetries: 0 } });
    gmfy = client.get(GmfyService);
  });

  afterEach(async () => {
    await client.close();
    await app.close();
    await storage.remove();
  });

  const send = (path: string, body: unknown, headers: Record<string, string> = { 'x-api-key': apiKey }) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const get = async (path: string, key = apiKey) => {
    const response = await fetch(`${url}${path}`, { headers: { 'x-api-key': key } });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text) };
  };

  it('takes the vectors of the protocol, and gives what they are worth', async () => {
    const batch =
      '[{"userId":"u1","type":"create_subscription"},{"userId":"u1","type":"register"},{"userId":"u1","idempotenceKey":"k1","type":"visit_user"}]';
    const created = await send('/v1/events/batch/', batch);
    expect([created.status, await created.text()]).toEqual([201, '']);
    expect((await send('/v1/events/', '{"userId":"9","type":"register"}')).status).toBe(201);
    expect((await send('/v1/events/batch/', '[{"userId":"1","eventType":"raw","type":"raw"}]')).status).toBe(
      201,
    );
    expect((await send('/v1/events/batch', '[]')).status).toBe(201);

    const { body: user } = await get('/v1/users/u1/');
    expect(user).toMatchObject({
      userId: 'u1',
      clientId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      userRatings: [{ ratingId: 'xp', name: 'Experience', value: 6, position: 1, metaInfo: {} }],
      userChallenges: [
        {
          challengeId: 'start',
          progress: 3,
          passedSteps: [
            {
              challengeStepId: '1',
              order: 1,
              weight: 1,
              dateComplete: expect.stringMatching(/T.*\.\d{3}Z$/),
            },
            { challengeStepId: '2', order: 2, weight: 2 },
          ],
        },
      ],
      userBadges: [{ badgeId: 'subscriber', description: 'Has subscribed', permanent: false, count: 1 }],
      userFeatures: [{ featureId: 'news', name: 'News' }],
      userAccountBalances: [{ resourceKey: 'coins', amount: 10 }],
    });
    expect((await get('/v1/users')).body.map(({ userId }: { userId: string }) => userId)).toEqual([
      '9',
      'u1',
    ]);
    // What is removed takes back what it gave.
    await send('/v1/events/', { userId: 'u1', type: 'remove_subscription' });
    expect((await get('/v1/users/u1')).body).toMatchObject({ userBadges: [], userRatings: [{ value: 1 }] });
  });

  it("is what the library's own client speaks", async () => {
    await gmfy.createBatchEvents([
      { userId: 'ada', eventType: 'subscription', eventAction: 'create' },
      { userId: 'bob', eventType: 'register' },
    ]);
    expect(await gmfy.getUser('ada')).toMatchObject({
      userId: 'ada',
      userBadges: [{ badgeId: 'subscriber' }],
    });
    expect((await gmfy.getUsers()).map(({ userId }) => userId)).toEqual(['ada', 'bob']);
    expect(await gmfy.getUserBadges('ada')).toHaveLength(1);
    expect(await gmfy.getRatingTopUsers('xp', { limit: 1, sort: 'DESC' })).toMatchObject([{ userId: 'bob' }]);
    expect(await gmfy.getChallengeTopUsers('start')).toMatchObject([{ userId: 'ada' }, { userId: 'bob' }]);
    expect(await gmfy.getNotifications('ada')).toMatchObject([{ message: 'You are a subscriber' }]);
    expect(await gmfy.getUnreadNotifications()).toHaveLength(1);
    expect(await gmfy.getApiVersion()).toMatchObject({ version: '1.0' });
    for (const path of ['', 'unread/', 'unread/ada/', 'ada/']) {
      expect((await get(`/v1/notifications/${path}`)).body).toMatchObject([{ userId: 'ada' }]);
    }
  });

  it('creates payments, which are confirmed with the code', async () => {
    await app.get(EventTracker).track('register', { userId: 'u' });
    await app.get(EventTracker).track('subscription', { userId: 'u' });
    const answer = await send('/v1/payments/', {
      amount: { value: 5.0, currency: 'coins' },
      confirmation: { returnUrl: 'https://example.com/' },
      userId: 'u',
      description: 'Payment',
      locale: 'EN',
    });
    expect(answer.status).toBe(200);
    const { id, ...created } = JSON.parse(await answer.text());
    expect(created).toEqual({
      clientId: expect.any(String),
      status: 'CREATED',
      confirmationUrl: `https://pay.example/${id}`,
    });
    expect((await send(`/v1/payments/${id}/resend-code/`, '')).status).toBe(200);
    expect((await get(`/v1/payments/${id}/`)).body).toMatchObject({
      id,
      value: 5,
      currency: 'coins',
      returnUrl: 'https://example.com/',
      description: 'Payment',
      locale: 'EN',
      status: 'CREATED',
      expiresIn: 600,
    });
    expect((await send(`/v1/payments/${id}/noauth/confirm?code=${sent[1]?.code}`, '')).status).toBe(200);
    expect((await app.get(Payments).get(id)).status).toBe('PAID');
    expect((await get('/v1/payments/none')).status).toBe(404);
    expect((await send('/v1/payments/', { userId: 'u' })).status).toBe(400);
  });

  it('moves resources, and tells which there are', async () => {
    expect((await get('/v1/resources/all/keys')).body).toEqual({ keys: ['coins'] });
    const given = { resourceKey: 'coins', amount: 5, receiverUserId: 'ada', comment: 'Welcome' };
    expect((await send('/v1/resources/transfer', given)).status).toBe(200);
    const moved = await send('/v1/resources/transfer', {
      ...given,
      senderUserId: 'ada',
      receiverUserId: 'bob',
    });
    expect(await moved.json()).toMatchObject({ key: 'coins', amount: 5, fromUserId: 'ada', toUserId: 'bob' });
    expect(
      (await send('/v1/resources/transfer', { ...given, senderUserId: 'ada', receiverUserId: 'bob' })).status,
    ).toBe(402);
  });

  it('gives nobody what a sender that cannot be does not pay', async () => {
    for (const senderUserId of [5, ['ada'], {}, true, '']) {
      const answer = await send('/v1/resources/transfer', {
        resourceKey: 'coins',
        amount: 5,
        receiverUserId: 'eve',
        senderUserId,
      });
      expect(answer.status).toBe(400);
    }
    expect((await app.get(Wallets).getWallets({ userIds: ['eve'] })).items).toEqual([]);
  });

  it('refuses who has no key, and who may only read', async () => {
    const event = { userId: 'u', type: 'register' };
    for (const key of ['', 'x', `${apiKey}0`, apiKey.replace('.', '')]) {
      expect((await send('/v1/events/', event, { 'x-api-key': key })).status).toBe(401);
      expect((await get('/v1/users', key)).status).toBe(401);
    }
    const { key, secret } = await app.get(ServerKeys).create('gmfy', { permission: 'read' });
    const readOnly = keyText(key.id, secret);
    expect((await get('/v1/users', readOnly)).status).toBe(200);
    expect((await send('/v1/events/', event, { 'x-api-key': readOnly })).status).toBe(403);
    expect(await app.get(ServerKeys).revoke(key.id)).toBe(true);
    expect((await get('/v1/users', readOnly)).status).toBe(401);
    expect((await get('/v1/users')).body).toEqual([]);
  });

  it('refuses what is not an event, as a whole, and what is not there', async () => {
    for (const wrong of [{}, [], { userId: 'u' }, { userId: 1, type: 'a' }, { userId: 'u', type: '' }, 'x']) {
      expect((await send('/v1/events/', JSON.stringify(wrong))).status).toBe(400);
      const batch = JSON.stringify([{ userId: 'u', type: 'register' }, wrong]);
      expect((await send('/v1/events/batch/', batch)).status).toBe(400);
    }
    expect((await get('/v1/users')).body).toEqual([]);
    expect((await get('/v1/ratings/none/top')).status).toBe(404);
    expect((await get('/v1/ratings/xp/top?limit=x')).status).toBe(400);
    expect((await get('/v1/ratings/xp/top?limit=100000')).status).toBe(400);
    expect((await get('/v1/challenges/none/top')).status).toBe(404);
    await expect(gmfy.getRatingTopUsers('none')).rejects.toThrow(RemoteRefusalError);
    expect(await app.get(Players).list()).toEqual({ items: [] });
  });
});
