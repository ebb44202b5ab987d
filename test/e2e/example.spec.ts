import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { EventTracker } from 'nestjs-gamification';
import { createApp } from '../../apps/example/src/create-app.js';
import { durableStorages, type TestStorage } from '../support/storages.js';

/** What a request is answered with. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

describe.each(durableStorages)('the example application on $name', ({ create }) => {
  let storage: TestStorage;
  let app: INestApplication;
  let url: string;

  beforeEach(async () => {
    storage = await create();
    await start();
    await send('POST', '/customers', { body: { id: 'ann', name: 'Ann' } });
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  describe('customers', () => {
    it.each([
      ['no customer', undefined],
      ['someone unknown', 'bob'],
    ])('answers 401 to a request of %s', async (_, customer) => {
      const { status, body } = await send('GET', '/wallet', { customer });
      expect(status).toBe(401);
      expect(body).toEqual({ code: 'UNKNOWN_CUSTOMER', message: expect.stringContaining('x-customer') });
    });

    it('counts a registration once, and keeps the latest name', async () => {
      const again = await send('POST', '/customers', { body: { id: 'ann', name: 'Ann B.' } });
      expect(again).toEqual({ status: 201, body: { id: 'ann', name: 'Ann B.' } });
      expect(await activity()).toEqual([
        { type: '$identify', traits: { name: 'Ann' } },
        { type: 'register', traits: {} },
        { type: '$identify', traits: { name: 'Ann B.' } },
      ]);
    });
  });

  describe('a customer with a phone number', () => {
    it('is known by it', async () => {
      const bob = { id: 'bob', name: 'Bob', phone: '+919876543210' };
      expect(await send('POST', '/customers', { body: bob })).toEqual({ status: 201, body: bob });
      expect(await activity('bob')).toContainEqual({
        type: '$identify',
        traits: { name: 'Bob', fullPhoneNumber: '+919876543210' },
      });
    });

    it.each(['9876543210', '+91 1', 'a phone'])('is not known by %s', async (phone) => {
      expect(await send('POST', '/customers', { body: { id: 'bob', name: 'Bob', phone } })).toMatchObject({
        status: 400,
        body: { code: 'INVALID_REQUEST', message: expect.stringContaining('phone') },
      });
    });
  });

  describe('a browser', () => {
    it('belongs to the customer who registered in it, unless a request says otherwise', async () => {
      const registered = await fetch(`${url}/customers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: 'bob', name: 'Bob' }),
      });
      const [setCookie = ''] = registered.headers.getSetCookie();
      expect(setCookie).toMatch(/; HttpOnly; SameSite=Lax$/);
      const headers = { cookie: `theme=dark; ${setCookie.split(';')[0]}` };

      await order('till-1-0001');
      expect((await send('GET', '/wallet', { headers })).body).toMatchObject({ points: 0 });
      expect((await send('GET', '/wallet', { headers, customer: 'ann' })).body).toMatchObject({ points: 84 });
    });

    it.each(['customer=nobody', 'customer', 'other=ann', 'x; ; ='])(
      'is nobody with the cookie %s',
      async (cookie) => {
        expect((await send('GET', '/wallet', { headers: { cookie } })).status).toBe(401);
      },
    );
  });

  describe('orders', () => {
    it('records an order once, however often it is sent', async () => {
      const first = await order('till-1-0001');
      expect(first).toMatchObject({ status: 201, body: { total: 840, earned: 84 } });
      expect(await order('till-1-0001')).toEqual(first);
      expect((await activity()).filter(({ type }) => type === 'order.placed')).toEqual([
        { type: 'order.placed', traits: { drink: 'latte', quantity: 2, total: 840 } },
      ]);
      expect(await points()).toBe(84);
    });

    it('pays once for an order that is sent many times at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => order('till-1-0001')));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await points()).toBe(84);
    });

    it('answers 409 to another order with the id of an earlier one, and changes nothing', async () => {
      await order('till-1-0001');
      const { status, body } = await order('till-1-0001', { quantity: 3 });
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
      expect(await points()).toBe(84);
    });

    it.each([
      ['an unknown drink', { drink: 'tea' }, 'drink'],
      ['a quantity of 0', { quantity: 0 }, 'quantity'],
      ['a quantity that is a text', { quantity: '2' }, 'quantity'],
      ['a property that there is not', { price: 1 }, 'price'],
    ])('answers 400 to %s', async (_, wrong, property) => {
      const { status, body } = await order('till-1-0001', wrong);
      expect(status).toBe(400);
      expect(body).toEqual({ code: 'INVALID_REQUEST', message: expect.stringContaining(property) });
      expect(await points()).toBe(0);
    });
  });

  describe('drinks', () => {
    it('records a like as created, and its end as removed', async () => {
      expect(await send('PUT', '/drinks/latte/like', { customer: 'ann' })).toEqual({
        status: 200,
        body: { drink: 'latte', liked: true },
      });
      expect(await send('DELETE', '/drinks/latte/like', { customer: 'ann' })).toEqual({
        status: 200,
        body: { drink: 'latte', liked: false },
      });
      expect((await activity()).slice(2)).toEqual([
        { type: 'drink.like', action: 'create', traits: { drink: 'latte' } },
        { type: 'drink.like', action: 'remove', traits: { drink: 'latte' } },
      ]);
    });

    it('answers 404 to a drink that is not on the menu, and records nothing', async () => {
      const { status, body } = await send('PUT', '/drinks/tea/like', { customer: 'ann' });
      expect(status).toBe(404);
      expect(body).toMatchObject({ code: 'NO_SUCH_DRINK' });
      expect(await activity()).toHaveLength(2);
    });

    it('shows the menu to everyone', async () => {
      const { status, body } = await send('GET', '/drinks');
      expect(status).toBe(200);
      expect(body).toContainEqual({ id: 'latte', name: 'Latte', price: 420 });
    });
  });

  describe('pages', () => {
    it('counts the visit of a page once, and of another page again', async () => {
      for (const page of ['beans', 'beans', 'hours', 'beans']) {
        expect((await send('GET', `/pages/${page}`, { customer: 'ann' })).status).toBe(200);
      }
      // Visits are recorded behind the answer's back.
      await app.get(EventTracker).flush();
      expect((await activity()).filter(({ type }) => type === 'page.visited')).toHaveLength(2);
      expect(app.get(EventTracker).counters.replayed).toBe(2);
    });

    it('records no visit of a page that there is not', async () => {
      expect(await send('GET', '/pages/nowhere', { customer: 'ann' })).toMatchObject({
        status: 404,
        body: { code: 'NO_SUCH_PAGE' },
      });
      await app.get(EventTracker).flush();
      expect(await activity()).toHaveLength(2);
    });
  });

  describe('the shop', () => {
    it('gives an item for points, once', async () => {
      await order('till-1-0001');
      const bought = await buy('cookie');
      expect(bought).toMatchObject({ status: 201, body: { name: 'Cookie', used: false } });
      expect(await points()).toBe(34);
      expect(await send('GET', '/inventory', { customer: 'ann' })).toEqual({
        status: 200,
        body: [bought.body],
      });
    });

    it('takes nothing from a wallet that holds too little', async () => {
      await order('till-1-0001');
      expect(await buy('mug')).toEqual({
        status: 402,
        body: { code: 'NOT_ENOUGH_FUNDS', message: 'user "ann" has 84 points, needed: 300' },
      });
      expect(await points()).toBe(84);
      expect(await send('GET', '/inventory', { customer: 'ann' })).toEqual({ status: 200, body: [] });
    });

    it('sells one item when a purchase with a key is repeated', async () => {
      await order('till-1-0001', { quantity: 10 });
      const headers = { 'idempotency-key': 'tap-1' };
      const first = await buy('cookie', headers);
      expect(await buy('cookie', headers)).toEqual(first);
      expect(await points()).toBe(370);
      expect((await buy('cookie', { 'idempotency-key': 'tap-2' })).body).not.toEqual(first.body);
    });

    it('lets an item be used once', async () => {
      await order('till-1-0001');
      const id = entryIdOf(await buy('cookie'));
      expect(await use(id)).toEqual({ status: 200, body: { entryId: id, name: 'Cookie', used: true } });
      expect(await use(id)).toMatchObject({ status: 409, body: { code: 'ITEM_ALREADY_USED' } });
    });

    it('lets nobody use what is not theirs', async () => {
      await order('till-1-0001');
      const id = entryIdOf(await buy('cookie'));
      await send('POST', '/customers', { body: { id: 'bob', name: 'Bob' } });
      expect(await use(id, 'bob')).toMatchObject({ status: 404, body: { code: 'ENTRY_NOT_FOUND' } });
      expect((await use(id)).status).toBe(200);
    });
  });

  describe('activity', () => {
    it('is read page by page', async () => {
      const first = await send('GET', '/activity?limit=1', { customer: 'ann' });
      expect(first.body).toMatchObject({ events: [{ type: '$identify' }], next: expect.any(String) });
      const { next } = first.body as { next: string };
      const second = await send('GET', `/activity?limit=1&after=${next}`, { customer: 'ann' });
      expect(second.body).toMatchObject({ events: [{ type: 'register' }] });
      expect(second.body).not.toHaveProperty('next');
    });

    it.each([
      ['limit=0', 'INVALID_REQUEST'],
      ['after=nothing', 'INVALID_QUERY'],
    ])('answers 400 to ?%s', async (query, code) => {
      expect(await send('GET', `/activity?${query}`, { customer: 'ann' })).toMatchObject({
        status: 400,
        body: { code },
      });
    });
  });

  describe('achievements', () => {
    const mine = async () => (await send('GET', '/achievements', { customer: 'ann' })).body;

    it('are what mechanics.yaml says that the events are worth', async () => {
      expect(await mine()).toMatchObject({ ratings: [], challenges: [{ name: 'Welcome', progress: 1 }] });
      for (const id of ['1', '2', '3']) await order(id);
      expect(await mine()).toMatchObject({
        ratings: [{ name: 'Experience', value: 24, position: 1, level: 'Regular' }],
        badges: [{ name: 'Coffee lover', count: 1 }],
        challenges: [{ progress: 3, steps: ['sign-up', 'order'] }],
        streaks: [{ name: 'A coffee a day', length: 1 }],
        features: ['The secret menu'],
      });
    });

    it('go as they came, when what gave them is taken back', async () => {
      await send('PUT', '/drinks/latte/like', { customer: 'ann' });
      expect(await mine()).toMatchObject({ ratings: [{ value: 1 }] });
      await send('DELETE', '/drinks/latte/like', { customer: 'ann' });
      expect(await mine()).toMatchObject({ ratings: [] });
    });

    it('open the secret menu', async () => {
      const secret = () => send('GET', '/drinks/secret', { customer: 'ann' });
      expect(await secret()).toMatchObject({ status: 403, body: { code: 'FEATURE_CLOSED' } });
      for (const id of ['1', '2', '3']) await order(id);
      expect(await secret()).toMatchObject({ status: 200, body: [{ id: 'affogato' }] });
    });

    it('pay into the wallet and tell the customer', async () => {
      await order('1');
      await send('GET', '/pages/beans', { customer: 'ann' });
      await app.get(EventTracker).flush();
      expect(await points()).toBe(84 + 25);
      const { body } = await send('GET', '/achievements/notifications', { customer: 'ann' });
      expect(body).toContainEqual({ message: 'You have completed Welcome: 25 points are yours' });
    });

    it('rank customers', async () => {
      await send('POST', '/customers', { body: { id: 'bob', name: 'Bob' } });
      await order('1');
      await order('2', {}, 'bob');
      await order('3', {}, 'bob');
      const { body } = await send('GET', '/achievements/leaderboards/xp', { customer: 'ann' });
      expect(body).toMatchObject([
        { customer: 'bob', position: 1, value: 16 },
        { customer: 'ann', position: 2, value: 8 },
      ]);
    });
  });

  describe('friends', () => {
    beforeEach(async () => {
      await send('POST', '/customers', { body: { id: 'bob', name: 'Bob' } });
      expect((await send('PUT', '/friends/bob', { customer: 'ann' })).body).toEqual({ state: 'requested' });
      expect((await send('PUT', '/friends/ann', { customer: 'bob' })).body).toEqual({ state: 'friends' });
    });

    it('are listed, until one of them ends it', async () => {
      expect((await send('GET', '/friends', { customer: 'ann' })).body).toMatchObject([{ id: 'bob' }]);
      expect((await send('DELETE', '/friends/ann', { customer: 'bob' })).status).toBe(204);
      expect((await send('GET', '/friends', { customer: 'ann' })).body).toEqual([]);
    });

    it('give drinks to each other, which cost them points, and not too often a day', async () => {
      await order('till-1-0001');
      const asked = await send('POST', '/gifts', { customer: 'bob', body: { drink: 'latte' } });
      const { gifts } = (await send('GET', '/gifts', { customer: 'ann' })).body as {
        gifts: { id: string }[];
      };
      expect(gifts).toEqual([
        { ...(asked.body as object), drink: 'latte', from: 'Bob', expiresAt: expect.any(String) },
      ]);

      const reply = { customer: 'ann', body: { response: 'accept' } };
      expect((await send('POST', `/gifts/${gifts[0]?.id}/reply`, reply)).status).toBe(204);

      expect(await points()).toBe(84 - 42);
      expect((await send('GET', '/wallet', { customer: 'bob' })).body).toMatchObject({ points: 42 });
      for (const status of [201, 201, 409]) {
        expect((await send('POST', '/gifts', { customer: 'bob', body: { drink: 'latte' } })).status).toBe(
          status,
        );
      }
    });
  });

  describe('perks', () => {
    it('are bought up to a limit, and used up', async () => {
      await order('till-1-0001');
      const bookTasting = () => send('POST', '/perks/tasting/purchases', { customer: 'ann' });
      expect((await bookTasting()).body).toEqual({ count: 1, points: 69 });
      expect((await bookTasting()).status).toBe(201);
      expect(await bookTasting()).toMatchObject({ status: 409, body: { code: 'PURCHASE_REFUSED' } });
      expect((await send('GET', '/perks', { customer: 'ann' })).body).toMatchObject([
        { id: 'tasting', price: 15, count: 2, limit: 2 },
        { id: 'wifi', price: 5, count: 0 },
      ]);
      const take = () => send('POST', '/perks/tasting/uses', { customer: 'ann' });
      expect([(await take()).body, (await take()).body, (await take()).status]).toEqual([
        { count: 1 },
        { count: 0 },
        409,
      ]);
    });
  });

  describe('a tip', () => {
    it('is paid with the code that comes to the phone', async () => {
      await order('till-1-0001');
      const tip = await send('POST', '/tips', { customer: 'ann', body: { points: 10 } });
      const { id } = tip.body as { id: string };
      const { message } = (await send('GET', '/phone', { customer: 'ann' })).body as { message: string };
      expect(await points()).toBe(84);

      const form = new URLSearchParams({ action: 'confirm', code: message.slice(0, 6) });
      const page = await fetch(`${url}/payments/${id}`, { method: 'POST', body: form });

      expect(await page.text()).toContain('It is paid');
      expect(await points()).toBe(74);
    });
  });

  it('is up', async () => {
    const { status, body } = await send('GET', '/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', info: { gamification: { status: 'up', waiting: 0 } } });
  });

  it('serves its documentation, with every path', async () => {
    const page = await fetch(`${url}/docs`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('swagger-ui');
    const { body } = await send('GET', '/docs-json');
    expect(Object.keys((body as { paths: object }).paths).sort()).toEqual([
      '/achievements',
      '/achievements/leaderboards/{ratingId}',
      '/achievements/notifications',
      '/activity',
      '/customers',
      '/drinks',
      '/drinks/secret',
      '/drinks/{drink}/like',
      '/friends',
      '/friends/{id}',
      '/gifts',
      '/gifts/{id}/reply',
      '/health',
      '/inventory',
      '/inventory/{entryId}/use',
      '/orders',
      '/pages/{id}',
      '/perks',
      '/perks/{perk}/purchases',
      '/perks/{perk}/uses',
      '/phone',
      '/shop',
      '/shop/purchases',
      '/tips',
      '/wallet',
    ]);
  });

  it('keeps customers, points, items and what was tracked over a restart', async () => {
    await order('till-1-0001');
    await buy('cookie');
    await send('GET', '/pages/beans', { customer: 'ann' });
    await app.close();
    await start();
    // The page was the last step of the challenge, which is worth 25.
    expect(await points()).toBe(59);
    expect((await send('GET', '/inventory', { customer: 'ann' })).body).toHaveLength(1);
    expect((await activity()).at(-1)).toEqual({ type: 'page.visited', traits: {} });
    // An order from before the restart is still known.
    await order('till-1-0001');
    expect(await points()).toBe(59);
  });

  async function start(): Promise<void> {
    app = await createApp({ databaseUrl: storage.url });
    await app.listen(0);
    const { port }: AddressInfo = app.getHttpServer().address();
    url = `http://localhost:${port}`;
  }

  async function send(
    method: string,
    path: string,
    request: { customer?: string | undefined; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(request.customer === undefined ? {} : { 'x-customer': request.customer }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Two lattes, which earn 84 points, unless told. */
  function order(id: string, changes: object = {}, customer = 'ann'): Promise<Answer> {
    return send('POST', '/orders', {
      customer,
      body: { id, drink: 'latte', quantity: 2, ...changes },
    });
  }

  function buy(item: string, headers: Record<string, string> = {}): Promise<Answer> {
    return send('POST', '/shop/purchases', { customer: 'ann', body: { item }, headers });
  }

  function use(entryId: string, customer = 'ann'): Promise<Answer> {
    return send('POST', `/inventory/${entryId}/use`, { customer });
  }

  async function points(): Promise<number> {
    const { body } = await send('GET', '/wallet', { customer: 'ann' });
    return (body as { points: number }).points;
  }

  /** What a customer did, ann unless told, without the times. */
  async function activity(customer = 'ann'): Promise<{ type: string }[]> {
    const { body } = await send('GET', '/activity', { customer });
    const { events } = body as { events: { type: string; occurredAt: string }[] };
    return events.map(({ occurredAt: _, ...event }) => event);
  }
});

function entryIdOf({ body }: Answer): string {
  return (body as { entryId: string }).entryId;
}
