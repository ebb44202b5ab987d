import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Deliveries } from 'nestjs-gamification';
import { createApp } from '../../apps/example/src/create-app.js';
import { settingsFrom } from '../../apps/example/src/settings.js';
import { eventually } from '../delivery/delivering.js';
import { GloebitServer } from '../support/gloebit-server.js';
import { GMFY_KEY, GmfyServer } from '../support/gmfy-server.js';
import { INTERAKT_SECRET_KEY, InteraktServer } from '../support/interakt-server.js';
import { PlayblazerServer } from '../support/playblazer-server.js';
import { WalletServiceServer } from '../support/wallet-service-server.js';

type System = 'gmfy' | 'interakt' | 'wallet' | 'gloebit' | 'playblazer';
type Environment = Readonly<Record<string, string>>;

/** What a request is answered with. */
interface Answer {
  readonly status: number;
  /** JSON, where there is any. */
  readonly body: unknown;
  readonly headers: Headers;
}

interface Servers {
  readonly gmfy: GmfyServer;
  readonly interakt: InteraktServer;
  readonly wallet: WalletServiceServer;
  readonly gloebit: GloebitServer;
  readonly playblazer: PlayblazerServer;
}

/** The customer whom all systems know. */
const CUSTOMER = 'u1';
const ACCOUNT_KEY = Buffer.alloc(32, 7).toString('base64');

/** A client that says who it is in a header, or, as a browser does, with the cookies that it got. */
class Client {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly app: string,
    private readonly customer?: string,
  ) {}

  async send(method: string, path: string, body?: unknown, headers: Environment = {}): Promise<Answer> {
    const response = await fetch(new URL(path, this.app), {
      method,
      redirect: 'manual',
      headers: {
        ...(this.customer === undefined ? {} : { 'x-customer': this.customer }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
      this.cookies.set(name, value);
    }
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      body: isJson ? JSON.parse(text) : undefined,
      headers: response.headers,
    };
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown, headers: Environment = {}): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }
}

describe('the example application with remote systems', () => {
  let servers: Servers;
  let directory: string;
  let variables: Readonly<Record<System, Environment>>;
  let app: INestApplication | undefined;
  let url: string;
  /** The customer's till. */
  let ann: Client;

  beforeEach(async () => {
    servers = {
      gmfy: await GmfyServer.start(),
      interakt: await InteraktServer.start(),
      wallet: await WalletServiceServer.start(),
      gloebit: await GloebitServer.start(),
      playblazer: await PlayblazerServer.start(() => Date.now()),
    };
    servers.playblazer.addProfile({ first_name: 'Ann', fbid: CUSTOMER });
    servers.playblazer.addProfile({ first_name: 'Bob', fbid: 'bob' });
    directory = await mkdtemp(join(tmpdir(), 'coffee-shop-'));
    const authority = join(directory, 'authority.json');
    await writeFile(authority, JSON.stringify(servers.wallet.addAuthority()));
    variables = {
      gmfy: { GMFY_URL: servers.gmfy.url, GMFY_API_KEY: GMFY_KEY },
      interakt: { INTERAKT_URL: servers.interakt.url, INTERAKT_API_KEY: INTERAKT_SECRET_KEY },
      wallet: { WALLET_CONFIG: authority },
      gloebit: {
        GLOEBIT_URL: servers.gloebit.url,
        GLOEBIT_CLIENT_ID: GloebitServer.CLIENT.clientKey,
        GLOEBIT_CLIENT_SECRET: GloebitServer.CLIENT.clientSecret,
        ACCOUNT_KEY,
      },
      playblazer: {
        PLAYBLAZER_URL: servers.playblazer.url,
        PLAYBLAZER_APP_ID: servers.playblazer.appId,
        PLAYBLAZER_SECRET_KEY: servers.playblazer.secretKey,
        PLAYBLAZER_MODE: 'fb',
      },
    };
  });

  afterEach(async () => {
    await app?.close();
    app = undefined;
    await Promise.all(Object.values(servers).map((server) => server.close()));
    await rm(directory, { recursive: true, force: true });
  });

  /** The environment in which these systems are used. */
  function environmentOf(...systems: readonly System[]): NodeJS.ProcessEnv {
    const database = { DATABASE_URL: `file:${join(directory, 'gamification.db')}` };
    return Object.assign({}, database, ...systems.map((system) => variables[system]));
  }

  /** Opens the shop, and registers a customer. */
  async function open(...systems: readonly System[]): Promise<INestApplication> {
    const { databaseUrl, remote } = settingsFrom(environmentOf(...systems));
    // Nothing is tried again, and nothing is paced, so that no test has to wait.
    const quick = { maxRetries: 0, timeout: 5_000 };
    app = await createApp({
      databaseUrl,
      remote: {
        ...remote,
        gmfy: remote.gmfy && { ...remote.gmfy, ...quick },
        interakt: remote.interakt && { ...remote.interakt, ...quick, rateLimit: 600_000 },
        wallet: remote.wallet && { ...remote.wallet, ...quick },
        gloebit: remote.gloebit && { ...remote.gloebit, ...quick },
        playblazer: remote.playblazer && { ...remote.playblazer, ...quick },
      },
    });
    app.useLogger(false);
    await app.listen(0);
    const { port }: AddressInfo = app.getHttpServer().address();
    url = `http://localhost:${port}`;
    ann = new Client(url, CUSTOMER);
    const customer = { id: CUSTOMER, name: 'Ann', phone: '+919876543210' };
    expect((await ann.post('/customers', customer)).status).toBe(201);
    return app;
  }

  /** Two lattes, which earn 84 points. */
  function order(id = 'till-1-0001'): Promise<Answer> {
    return ann.post('/orders', { id, drink: 'latte', quantity: 2 });
  }

  /** A browser of the customer's, which has agreed at Gloebit and come back. */
  async function linkedBrowser(): Promise<Client> {
    const browser = new Client(url);
    await browser.post('/customers', { id: CUSTOMER, name: 'Ann' });
    const toGloebit = await browser.get('/accounts/gloebit/link');
    expect(toGloebit.status).toBe(302);
    const back = await servers.gloebit.authorize(toGloebit.headers.get('location') ?? '', 'Ann');
    expect(back.href).toMatch(/^http:\/\/localhost:3000\/accounts\/gloebit\/callback\?/);
    const linked = await browser.get(back.pathname + back.search);
    expect(linked.status).toBe(302);
    expect(new URL(linked.headers.get('location') ?? '', url + back.pathname).pathname).toBe(
      '/accounts/gloebit',
    );
    return browser;
  }

  /** The types of events that came to Interakt. */
  function interaktEvents(): unknown[] {
    return servers.interakt.calls.flatMap(({ body }) => ('event' in body ? [body.event] : []));
  }

  async function delivered(): Promise<void> {
    await app?.get(Deliveries).flush();
  }

  async function pathsOf(): Promise<string[]> {
    const { body } = await ann.get('/docs-json');
    return Object.keys((body as { paths: object }).paths);
  }

  it('serves a whole visit with all five systems at once', async () => {
    await open('gmfy', 'interakt', 'wallet', 'gloebit', 'playblazer');

    // She orders: her points are in the wallet service.
    expect(await order()).toMatchObject({ status: 201, body: { total: 840, earned: 84 } });
    expect((await ann.get('/wallet')).body).toEqual({ points: 84 });
    expect(servers.wallet.entries).toMatchObject([{ user_id: CUSTOMER, amount: 84 }]);

    // She spends some of them.
    expect((await ann.post('/shop/purchases', { item: 'cookie' })).status).toBe(201);
    expect((await ann.get('/wallet')).body).toEqual({ points: 34 });

    // Her browser goes to Gloebit and comes back, and she buys something with gloebits.
    const browser = await linkedBrowser();
    expect((await browser.get('/accounts/gloebit')).body).toMatchObject({ linked: true });
    expect((await browser.get('/souvenirs/balance')).body).toEqual({ balance: 100 });
    expect(await browser.post('/souvenirs/purchases', { souvenir: 'beans' })).toMatchObject({
      status: 201,
      body: { souvenir: 'beans', balance: 60 },
    });
    expect(servers.gloebit.user('Ann').balance).toBe(60);

    // She asks her friends for a latte, and Bob agrees.
    const asked = await ann.post('/gifts', { drink: 'latte' });
    expect(asked.status).toBe(201);
    const bob = new Client(url, 'bob');
    await bob.post('/customers', { id: 'bob', name: 'Bob' });
    expect((await bob.get('/gifts')).body).toMatchObject({
      gifts: [{ ...(asked.body as object), drink: 'latte', from: 'Ann' }],
    });
    const { id } = asked.body as { id: string };
    expect((await bob.post(`/gifts/${id}/reply`, { response: 'accept' })).status).toBe(204);
    expect(servers.playblazer.replies).toMatchObject([{ requestId: id, resp: 'accept' }]);

    // All that she did has come to GMFY and Interakt.
    await delivered();
    const toGmfy = servers.gmfy.events.map(({ userId, type }) => `${userId} ${type}`);
    expect(toGmfy.sort()).toEqual(['bob register', 'u1 order.placed', 'u1 register']);
    expect(interaktEvents().sort()).toEqual(['order.placed', 'register', 'register']);
    expect((await ann.get('/achievements')).body).toMatchObject({ badges: [{ name: 'Regular' }] });
    expect((await ann.get('/health')).body).toMatchObject({
      status: 'ok',
      systems: {
        gmfy: { status: 'up' },
        interakt: { status: 'up' },
        wallet: { status: 'up' },
        gloebit: { status: 'up' },
        playblazer: { status: 'up' },
        'gmfy-events': { status: 'up', waiting: 0, dead: 0 },
        'interakt-events': { status: 'up', waiting: 0, dead: 0 },
      },
    });
  });

  describe('with GMFY alone', () => {
    beforeEach(() => open('gmfy'));

    it('sends events there, and nothing that is only for the shop', async () => {
      await order();
      await ann.send('PUT', '/drinks/latte/like');
      await delivered();

      expect(servers.gmfy.events).toEqual([
        expect.objectContaining({ type: 'register', userId: CUSTOMER, idempotenceKey: 'once' }),
        expect.objectContaining({ type: 'order.placed', drink: 'latte', quantity: 2, total: 840 }),
        expect.objectContaining({ type: 'create_drink.like', drink: 'latte' }),
      ]);
    });

    it('shows what they gave', async () => {
      expect((await ann.get('/achievements')).body).toEqual({
        ratings: [{ ratingId: 'R', name: 'Experience', customer: CUSTOMER, position: 1, value: 99 }],
        badges: [{ name: 'Regular', description: 'Ten orders', count: 3 }],
        challenges: [{ name: 'Onboarding', progress: 2.5, steps: ['S'] }],
        streaks: [],
        features: ['Dark mode'],
      });
      expect((await ann.get('/achievements/leaderboards/R')).body).toMatchObject([
        { customer: 'u1', position: 1 },
        { customer: 'u2', position: 2 },
        { customer: 'u3', position: 3 },
        { position: 4 },
      ]);
      expect((await ann.get('/achievements/notifications')).body).toEqual([{ message: 'A feature for you' }]);
    });

    it('keeps its own wallets, and has no feature of another system', async () => {
      await order();
      expect((await ann.get('/wallet')).body).toMatchObject({ points: 84, entries: [{ amount: 84 }] });
      expect(await pathsOf()).toEqual(expect.arrayContaining(['/achievements']));
      expect((await pathsOf()).filter((path) => /accounts|souvenirs/.test(path))).toEqual([]);
      expect((await ann.get('/health')).body).toMatchObject({
        systems: { gmfy: { status: 'up' }, 'gmfy-events': { status: 'up' } },
      });
    });

    it('takes orders while GMFY is down, is healthy, and says what is not', async () => {
      await servers.gmfy.close();

      expect((await order()).status).toBe(201);
      let health = await ann.get('/health');
      await eventually(async () => {
        health = await ann.get('/health');
        return JSON.stringify(health.body).includes('"network"');
      });

      expect(health).toMatchObject({
        status: 200,
        body: { status: 'ok', systems: { 'gmfy-events': { status: 'down', problem: 'network' } } },
      });
      expect(await ann.get('/achievements')).toMatchObject({
        status: 503,
        body: { code: 'REMOTE_UNAVAILABLE', message: expect.not.stringContaining('gmfy') },
      });
    });

    it('answers 502 where GMFY does not answer as it should, and does not repeat what it said', async () => {
      await delivered();
      servers.gmfy.http.answer({ status: 403, json: { message: 'internal' } });

      expect(await ann.get('/achievements')).toMatchObject({
        status: 502,
        body: { code: 'REMOTE_REFUSAL', message: 'another system does not do its part' },
      });
    });
  });

  describe('with Interakt alone', () => {
    it('tells it who customers are, with their phone numbers, and what they do', async () => {
      await open('interakt');
      await order();
      await delivered();

      expect(servers.interakt.calls.map(({ path, body }) => [path, body])).toEqual([
        [
          '/v1/public/track/users/',
          expect.objectContaining({
            userId: CUSTOMER,
            fullPhoneNumber: '+919876543210',
            traits: { name: 'Ann' },
          }),
        ],
        ['/v1/public/track/events/', expect.objectContaining({ userId: CUSTOMER, event: 'register' })],
        [
          '/v1/public/track/events/',
          expect.objectContaining({
            userId: CUSTOMER,
            event: 'order.placed',
            traits: expect.objectContaining({ drink: 'latte', total: 840 }),
          }),
        ],
      ]);
      expect((await ann.get('/health')).body).toMatchObject({
        systems: { interakt: { status: 'up' }, 'interakt-events': { delivered: 3 } },
      });
    });
  });

  describe('with a wallet service alone', () => {
    beforeEach(() => open('wallet'));

    it('pays an order once that is sent again', async () => {
      expect((await order()).status).toBe(201);
      expect(await order()).toMatchObject({
        status: 409,
        body: { code: 'ALREADY_BOOKED', message: expect.stringContaining('order:till-1-0001') },
      });
      expect(servers.wallet.entries).toHaveLength(1);
      expect((await ann.get('/wallet')).body).toEqual({ points: 84 });
    });

    it('pays an order once that is sent many times at once', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => order()));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
      expect(servers.wallet.entries).toHaveLength(1);
    });

    it('keeps items there, and sells one when a purchase with a key is repeated', async () => {
      await order();
      const buy = () => ann.post('/shop/purchases', { item: 'cookie' }, { 'idempotency-key': 'tap-1' });
      const bought = await buy();
      expect(bought).toMatchObject({ status: 201, body: { name: 'Cookie', used: false } });
      expect((await buy()).status).toBe(409);
      expect((await ann.get('/inventory')).body).toEqual([bought.body]);

      const { entryId } = bought.body as { entryId: string };
      expect(entryId).toBe(servers.wallet.entries[1]?.entry_id);
      expect((await ann.post(`/inventory/${entryId}/use`, {})).body).toMatchObject({ used: true });
      expect((await ann.post(`/inventory/${entryId}/use`, {})).status).toBe(409);
      expect((await ann.post('/shop/purchases', { item: 'mug' })).status).toBe(402);
    });

    it('takes an order again that it could not take while the service was down', async () => {
      servers.wallet.answer({ status: 503 });
      expect(await order()).toMatchObject({ status: 503, body: { code: 'REMOTE_UNAVAILABLE' } });
      expect(await order()).toMatchObject({ status: 201, body: { earned: 84 } });
    });

    it('does not pay an order again of which the answer was lost', async () => {
      servers.wallet.answer({ json: { ok: true, version: '1.1.0' } }, { fault: 'drop' });
      expect((await order()).status).toBe(503);
      expect((await order()).status).toBe(409);
      expect(servers.wallet.calls.filter((call) => call === 'POST /api/v1/entry')).toHaveLength(1);
    });

    it('tells nobody of what it notes for itself', async () => {
      await order();
      const { body } = await ann.get('/activity');
      expect((body as { events: { type: string }[] }).events.map(({ type }) => type)).toEqual([
        '$identify',
        'register',
        'order.placed',
      ]);
    });
  });

  describe('with Gloebit alone', () => {
    beforeEach(() => open('gloebit'));

    it('says so where no account is linked', async () => {
      expect((await ann.get('/accounts/gloebit')).body).toEqual({ linked: false });
      expect(await ann.get('/souvenirs/balance')).toMatchObject({
        status: 409,
        body: { code: 'ACCOUNT_NOT_LINKED' },
      });
    });

    it('sells for gloebits, once for each key, as long as there are some', async () => {
      const browser = await linkedBrowser();
      const buy = (key: string) =>
        browser.post('/souvenirs/purchases', { souvenir: 'beans' }, { 'idempotency-key': key });
      const first = await buy('tap-1');
      expect(first).toMatchObject({
        status: 201,
        body: { souvenir: 'beans', purchase: 'tap-1', balance: 60 },
      });
      expect((await buy('tap-1')).status).toBe(201);
      expect(servers.gloebit.user('Ann').balance).toBe(60);
      await buy('tap-2');
      expect(await buy('tap-3')).toMatchObject({ status: 402, body: { code: 'INSUFFICIENT_BALANCE' } });
      expect((await browser.post('/souvenirs/purchases', { souvenir: 'no such' })).body).toMatchObject({
        code: 'INVALID_REQUEST',
      });
    });

    it('forgets an account that the customer unlinks', async () => {
      const browser = await linkedBrowser();
      expect((await browser.send('DELETE', '/accounts/gloebit')).status).toBe(204);
      expect((await browser.get('/souvenirs/balance')).status).toBe(409);
    });

    it('links nothing for a browser that is nobody, or another', async () => {
      const nobody = new Client(url);
      expect((await nobody.get('/accounts/gloebit/link')).status).toBe(401);
      const mallory = new Client(url);
      await mallory.post('/customers', { id: 'mallory', name: 'Mallory' });
      const { headers } = await mallory.get('/accounts/gloebit/link');
      const back = await servers.gloebit.authorize(headers.get('location') ?? '', 'Mallory');
      const callback = back.pathname + back.search;
      expect((await nobody.get(callback)).status).toBe(401);
      expect((await ann.get(callback)).status).toBe(403);
      expect((await ann.get('/accounts/gloebit')).body).toEqual({ linked: false });
    });
  });

  describe('with Playblazer alone', () => {
    let bob: Client;

    beforeEach(async () => {
      await open('playblazer');
      bob = new Client(url, 'bob');
      await bob.post('/customers', { id: 'bob', name: 'Bob' });
    });

    it('lets customers ask three times a day, over a restart as well', async () => {
      expect((await ann.post('/gifts', { drink: 'latte' })).status).toBe(201);
      expect((await ann.post('/gifts', { drink: 'espresso' })).status).toBe(201);
      await app?.close();
      await open('playblazer');
      expect((await ann.post('/gifts', { drink: 'latte' })).status).toBe(201);
      const requests = servers.playblazer.http.requests.length;

      expect(await ann.post('/gifts', { drink: 'latte' })).toMatchObject({
        status: 409,
        body: { code: 'E_GIFT_QUOTA_EXCEEDED' },
      });
      expect(servers.playblazer.http.requests).toHaveLength(requests);
    });

    it('lets friends deny, and passes on what is wrong with a reply', async () => {
      const { body } = await ann.post('/gifts', { drink: 'latte' });
      const { id } = body as { id: string };
      expect((await bob.post(`/gifts/${id}/reply`, { response: 'deny' })).status).toBe(204);
      expect(servers.playblazer.replies).toMatchObject([{ requestId: id, resp: 'deny' }]);
      expect(await bob.post('/gifts/nothing/reply', { response: 'accept' })).toMatchObject({
        status: 404,
        body: { code: 'GIFT_REQUEST_NOT_FOUND' },
      });
      expect((await bob.post(`/gifts/${id}/reply`, {})).status).toBe(400);
    });

    it('shows what friends ask for page by page', async () => {
      for (let asker = 0; asker < 7; asker++) {
        servers.playblazer.addProfile({ first_name: `F${asker}`, fbid: `friend-${asker}` });
        const friend = new Client(url, `friend-${asker}`);
        await friend.post('/customers', { id: `friend-${asker}`, name: 'Friend' });
        for (let time = 0; time < 3; time++) await friend.post('/gifts', { drink: 'latte' });
      }
      const first = (await bob.get('/gifts')).body as { gifts: object[]; next: string };
      expect(first.gifts).toHaveLength(20);
      const rest = (await bob.get(`/gifts?after=${first.next}`)).body;
      expect(rest).toEqual({ gifts: [expect.objectContaining({ drink: 'latte' })] });
    });

    it('says so where Playblazer does not know a customer', async () => {
      const carol = new Client(url, 'carol');
      await carol.post('/customers', { id: 'carol', name: 'Carol' });
      expect(await carol.get('/gifts')).toMatchObject({
        status: 404,
        body: { code: 'GIFT_PROFILE_NOT_FOUND' },
      });
    });
  });

  it.each<[System, Environment, string]>([
    ['gmfy', { GMFY_URL: 'here' }, 'gmfy.url'],
    ['gloebit', { ACCOUNT_KEY: 'short-secret' }, 'accounts.encryptionKeys'],
    ['wallet', { WALLET_CONFIG: './nowhere/authority.json' }, './nowhere/authority.json'],
    ['playblazer', { PLAYBLAZER_APP_ID: '?' }, 'playblazer.appId'],
  ])('stays closed when %s is set up wrongly, as with %j', async (system, wrong, named) => {
    const settings = settingsFrom({ ...environmentOf(system), ...wrong });
    const opening = createApp(settings).then((made) => {
      app = made;
    });
    await expect(opening).rejects.toThrow(named);
    await expect(opening).rejects.not.toThrow('short-secret');
  });
});
