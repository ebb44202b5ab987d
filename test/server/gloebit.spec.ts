import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplication, INestApplicationContext } from '@nestjs/common';
import {
  Clock,
  EventTracker,
  GloebitService,
  type MechanicsDefinition,
  Shop,
  Wallets,
} from 'nestjs-gamification';
import { ServerKeys } from 'nestjs-gamification-server';
import { GloebitGrants } from '../../libs/gamification-server/src/gloebit/gloebit-grants.js';
import { Transactions } from '../../libs/gamification-server/src/gloebit/transactions.js';
import { createContext } from '../support/application.js';
import { serveProtocols } from '../support/server-application.js';
import { storages, type TestStorage } from '../support/storages.js';

const mechanics: MechanicsDefinition = {
  products: { sword: { name: 'Sword', price: 10, limit: 3 }, gun: { name: 'Gun', price: 3 } },
};
const HTTPS = 'https://game.example/back?x=1';
const SCOPE = 'id user balance inventory transact character';

describe.each(storages)("Gloebit's protocol, served from $name", (kind) => {
  let storage: TestStorage;
  let app: INestApplication;
  let url: string;
  let clientId: string;
  let clientSecret: string;
  /** An application that may have tokens without a code. */
  let implicitId: string;
  let application: Server;
  let callbackUrl: string;
  /** What the application answers by path, and which paths were asked for. */
  let answers: Map<string, string>;
  let asked: string[];

  beforeEach(async () => {
    storage = await kind.create();
    answers = new Map();
    asked = [];
    application = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(answers.get(request.url ?? '') ?? '[true]');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => application.once('listening', resolve));
    const { port } = application.address() as AddressInfo;
    callbackUrl = `http://127.0.0.1:${port}/callback`;
    ({ app, url } = await serveProtocols(
      { storage: { url: storage.url }, mechanics },
      {
        protocols: {
          gloebit: {
            allowsImplicit: (applicationId) => applicationId === implicitId,
            purchaseUrl: (returnTo) => `/top-up?to=${encodeURIComponent(returnTo ?? '')}`,
            signIn: {
              async userOf(request) {
                const { headers } = request as { headers: Record<string, string | undefined> };
                return headers['x-user'] === undefined ? undefined : { id: headers['x-user'] };
              },
              url: (returnTo) => `/sign-in?to=${encodeURIComponent(returnTo)}`,
            },
          },
        },
      },
    ));
    const { key, secret } = await app
      .get(ServerKeys)
      .create('gloebit', { name: 'Game <b>', redirectUris: [callbackUrl] });
    clientId = key.id;
    clientSecret = secret;
    implicitId = (await app.get(ServerKeys).create('gloebit', { redirectUris: [HTTPS] })).key.id;
    await app.get(Wallets).createEntry({ userId: 'ada', amount: 100, reason: 'test' });
  });

  afterEach(async () => {
    await app.close();
    application.close();
    await storage.remove();
  });

  const authorizeUrl = (more: object = {}) =>
    `${url}/oauth2/authorize?${new URLSearchParams({
      client_id: clientId,
      redirect_uri: callbackUrl,
      scope: SCOPE,
      response_type: 'code',
      access_type: 'offline',
      state: 's-1',
      ...more,
    })}`;

  const open = (target: string, user: string | undefined = 'ada') =>
    fetch(target, { redirect: 'manual', headers: user ? { 'x-user': user } : {} });

  const decide = (ticket: string, decision: string, user = 'ada') =>
    fetch(`${url}/oauth2/authorize`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'x-user': user },
      body: new URLSearchParams({ ticket, decision }),
    });

  async function ticketOf(target = authorizeUrl()): Promise<string> {
    const page = await (await open(target)).text();
    return /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? '';
  }

  async function codeOf(target = authorizeUrl()): Promise<string> {
    const response = await decide(await ticketOf(target), 'allow');
    expect(response.status).toBe(302);
    const location = new URL(response.headers.get('location') ?? '');
    expect(location.href.startsWith(`${callbackUrl}?`)).toBe(true);
    expect(location.searchParams.get('state')).toBe('s-1');
    return location.searchParams.get('code') ?? '';
  }

  async function exchange(code: string, more: object = {}) {
    const body = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      code,
      grant_type: 'authorization_code',
      scope: SCOPE,
      redirect_uri: callbackUrl,
      ...more,
    });
    const response = await fetch(`${url}/oauth2/access-token`, { method: 'POST', body });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  const tokenOf = async (scope = SCOPE) =>
    (await exchange(await codeOf(authorizeUrl({ scope })), { scope })).body.access_token as string;

  async function call(path: string, token: string, body?: object) {
    const response = await fetch(`${url}/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(response.status).toBe(200);
    return JSON.parse(await response.text());
  }

  describe('authorizes', () => {
    it('with a page, a code and a token, as clients expect them', async () => {
      const page = await open(authorizeUrl());
      expect(page.status).toBe(200);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      const text = await page.text();
      expect(text).toContain('Game &lt;b&gt;');
      expect(text).toContain('sell you things');
      const { status, body } = await exchange(await codeOf());
      expect(status).toBe(200);
      expect(body).toEqual({
        access_token: expect.stringMatching(/^[0-9a-f]{64}$/),
        refresh_token: expect.any(String),
        scope: SCOPE,
        app_user_id: 'ada',
      });
      expect(await call('no-op', body.access_token)).toEqual({ success: true, reason: 'success' });
    });

    it('a code once, with the same address, and only with the secret', async () => {
      const code = await codeOf();
      const uses = await Promise.all([exchange(code), exchange(code), exchange(code)]);
      // None where another was so early that the token was never given.
      expect(uses.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
      expect(await app.get(GloebitGrants).grantsOf('ada')).toEqual([]);
      for (const more of [
        { client_secret: 'x' },
        { client_secret: '' },
        { redirect_uri: `${callbackUrl}/other` },
        { code: 'x' },
        { grant_type: 'password' },
        { client_secret: '', code_verifier: 'x'.repeat(43) },
      ]) {
        const { status, body } = await exchange(await codeOf(), more);
        expect([status, body]).toEqual([
          400,
          { error: expect.any(String), error_description: expect.any(String), reason: expect.any(String) },
        ]);
      }
    });

    it('nothing by a code that comes again, as somebody else has seen it', async () => {
      const code = await codeOf();
      const { body } = await exchange(code);
      const other = await exchange(await codeOf(authorizeUrl({ scope: 'id' })), { scope: 'id' });
      expect((await exchange(code)).status).toBe(400);
      expect(await call('no-op', body.access_token)).toEqual({ success: false, reason: 'unknown token2' });
      expect(await call('no-op', other.body.access_token)).toMatchObject({ success: true });
    });

    it('no application that was taken off meanwhile, and no state that cannot be sent back', async () => {
      for (const state of ['line\nbreak', 'ü', '\ud83d']) {
        const answer = await open(authorizeUrl({ state }));
        expect([answer.status, answer.headers.get('location')]).toEqual([
          302,
          `${callbackUrl}?error=invalid_request`,
        ]);
      }
      const ticket = await ticketOf();
      await app.get(ServerKeys).revoke(clientId);
      const refused = await decide(ticket, 'allow');
      expect([refused.status, refused.headers.get('location')]).toEqual([403, null]);
    });

    it('nobody who is not signed in, and sends nobody where they should not go', async () => {
      const unknown = await open(authorizeUrl(), '');
      expect([unknown.status, unknown.headers.get('location')]).toEqual([
        302,
        `/sign-in?to=${encodeURIComponent(authorizeUrl().slice(url.length))}`,
      ]);
      for (const wrong of [
        { redirect_uri: `${callbackUrl}/x` },
        { redirect_uri: 'https://evil.example/' },
        { client_id: 'none' },
        // Without a code nobody is sent back unencrypted.
        { response_type: 'token' },
      ]) {
        const response = await open(authorizeUrl(wrong));
        expect([response.status, response.headers.get('location')]).toEqual([400, null]);
      }
      for (const [wrong, error] of [
        [{ scope: 'everything' }, 'invalid_scope'],
        [{ response_type: 'id_token' }, 'unsupported_response_type'],
      ] as const) {
        const response = await open(authorizeUrl(wrong));
        expect(response.headers.get('location')).toBe(`${callbackUrl}?error=${error}&state=s-1`);
      }
    });

    it('nothing by a code that comes again before its token is given, or long after its end', async () => {
      const early = await codeOf();
      const grants = app.get(GloebitGrants);
      const save = grants.saveToken.bind(grants);
      const statuses: number[] = [];
      jest.spyOn(grants, 'saveToken').mockImplementationOnce(async (...token) => {
        statuses.push((await exchange(early)).status);
        return save(...token);
      });
      statuses.push((await exchange(early)).status);
      expect(statuses).toEqual([400, 400]);
      expect(await grants.grantsOf('ada')).toEqual([]);
      const late = await codeOf();
      const { body } = await exchange(late);
      const tomorrow = jest.spyOn(app.get(Clock), 'now').mockReturnValue(Date.now() + 24 * 60 * 60_000);
      await codeOf();
      tomorrow.mockRestore();
      expect((await exchange(late)).status).toBe(400);
      expect(await call('no-op', body.access_token)).toEqual({ success: false, reason: 'unknown token2' });
    });

    it('one token for the same scopes, in whatever order', async () => {
      const [first, second] = [await tokenOf('id balance'), await tokenOf('balance id')];
      expect(await call('no-op', first)).toEqual({ success: false, reason: 'unknown token2' });
      expect(await call('no-op', second)).toMatchObject({ success: true });
      const narrower = await tokenOf('id');
      for (const token of [second, narrower])
        expect(await call('no-op', token)).toMatchObject({ success: true });
    });

    it('a token without a code, in the fragment, for applications that may have it', async () => {
      const target = (more: object = {}) =>
        authorizeUrl({ client_id: implicitId, redirect_uri: HTTPS, response_type: 'token', ...more });
      const partsOf = (response: Response) => {
        const [address, fragment] = (response.headers.get('location') ?? '').split('#');
        return [address, Object.fromEntries(new URLSearchParams(fragment))] as const;
      };
      const [address, answer] = partsOf(await decide(await ticketOf(target()), 'allow'));
      expect([address, answer]).toEqual([HTTPS, { token: expect.any(String), state: 's-1' }]);
      expect(await call('balance', String(answer.token))).toMatchObject({ success: true, balance: 100 });
      // Whoever leads the user here again takes no token from the application: the user is asked.
      expect((await open(target({ approval_prompt: 'auto' }))).status).toBe(200);
      expect(await call('balance', String(answer.token))).toMatchObject({ success: true });
      await decide(await ticketOf(target()), 'allow');
      expect(await call('balance', String(answer.token))).toEqual({
        success: false,
        reason: 'unknown token2',
      });
      expect(partsOf(await open(target({ scope: 'x' })))).toEqual([
        HTTPS,
        { error: 'invalid_scope', state: 's-1' },
      ]);
      const other = await app.get(ServerKeys).create('gloebit', { redirectUris: [HTTPS] });
      expect(partsOf(await open(target({ client_id: other.key.id })))).toEqual([
        HTTPS,
        { error: 'unauthorized_client', state: 's-1' },
      ]);
    });

    it('with the secret in the header, and by the names of every generation', async () => {
      const body = new URLSearchParams({
        code: await codeOf(authorizeUrl({ scope: 'identity' })),
        grant_type: 'authorization_code',
        redirect_uri: callbackUrl,
      });
      const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
      const response = await fetch(`${url}/oauth2/access-token`, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}` },
        body,
      });
      const { access_token } = JSON.parse(await response.text());
      expect(await call('user/', access_token)).toMatchObject({ success: true, id: 'ada' });
    });

    it('users on their way to buy what they pay with, and back to the application alone', async () => {
      const visit = (query: object) => open(`${url}/purchase?${new URLSearchParams({ ...query })}`);
      const sent = await visit({ r: clientId, 'return-to': `${callbackUrl}/shop` });
      expect([sent.status, sent.headers.get('location')]).toEqual([
        302,
        `/top-up?to=${encodeURIComponent(`${callbackUrl}/shop`)}`,
      ]);
      for (const wrong of [
        {},
        { r: 'none' },
        { r: clientId, 'return-to': 'https://evil.example/' },
        { r: clientId, 'return-to': 'x' },
      ]) {
        const response = await visit(wrong);
        expect([response.status, response.headers.get('location')]).toEqual([400, null]);
      }
    });

    it('nothing that the user does not agree to', async () => {
      const ticket = await ticketOf();
      const refusal = await decide(ticket, 'refuse');
      expect([refusal.status, refusal.headers.get('location')]).toEqual([200, null]);
      // A ticket of another user, and one that was changed.
      expect((await decide(ticket, 'allow', 'eve')).status).toBe(403);
      expect((await decide(`${ticket.slice(0, -4)}AAAA`, 'allow')).status).toBe(403);
      expect((await decide('', 'allow')).status).toBe(403);
    });

    it('anew without a page where that was allowed before, and no longer once it is revoked', async () => {
      expect((await open(authorizeUrl({ approval_prompt: 'auto' }))).status).toBe(200);
      const token = await tokenOf();
      const again = await open(authorizeUrl({ approval_prompt: 'auto' }));
      expect(again.status).toBe(302);
      const fresh = await tokenOf();
      expect(await call('balance', token)).toEqual({ success: false, reason: 'unknown token2' });
      expect(await call('balance', fresh)).toMatchObject({ success: true });
      await app.get(ServerKeys).revoke(clientId);
      expect(await call('balance', fresh)).toEqual({ success: false, reason: 'unknown token2' });
    });
  });

  describe('serves', () => {
    it('who a user is, and what they have, as far as the token allows', async () => {
      await app.get(EventTracker).identify('ada', { name: 'Ada' });
      await app.get(Shop).purchaseProduct({ userId: 'ada', product: 'sword', quantity: 2 });
      const token = await tokenOf();
      expect(await call('id/', token)).toEqual({
        success: true,
        reason: 'success',
        id: 'ada',
        name: 'Ada',
        params: {},
      });
      expect(await call('user', token)).toMatchObject({ id: 'ada', name: 'Ada', 'full-name': 'Ada' });
      expect(await call('balance/', token)).toMatchObject({ balance: 80 });
      expect(await call('get-user-products', token)).toMatchObject({ products: { sword: 2 } });
      expect(await call('consume-user-product/sword/1/', token, {})).toMatchObject({ 'product-count': 1 });
      expect(await call('consume-user-product', token, { product_name: 'sword', count: 2 })).toEqual({
        success: false,
        reason: "user doesn't have enough",
      });
      const narrow = await tokenOf('id');
      expect(await call('balance', narrow)).toEqual({ success: false, reason: 'missing domain' });
      expect(await call('balance', 'x')).toEqual({ success: false, reason: 'unknown token2' });
    });

    it('calls of older clients, which post', async () => {
      const token = await tokenOf();
      for (const path of ['no-op/', 'user/', 'balance/', 'get-user-products/']) {
        const response = await fetch(`${url}/${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: new URLSearchParams('ignore'),
        });
        expect([response.status, JSON.parse(await response.text())]).toEqual([
          200,
          expect.objectContaining({ success: true, reason: 'success' }),
        ]);
      }
      const response = await fetch(`${url}/transact`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams({
          version: '1',
          'application-key': clientId,
          product: 'gun',
          'product-quantity': '2.9',
        }),
      });
      expect(JSON.parse(await response.text())).toMatchObject({ balance: 94, 'product-count': 2 });
    });

    it.each([
      ['2014-05', { id: 't-1', 'consumer-key': true, 'merchant-user-id': 'ada' }],
      ['2014-07', { id: 't-1', 'consumer-key': true, 'username-on-consumer': 'ada' }],
      ['final', { 'transaction-id': 't-1', 'application-key': true, 'username-on-application': 'ada' }],
    ])('transactions with the field names of %s, once for an id', async (_, names) => {
      const token = await tokenOf();
      const fields = Object.fromEntries(
        Object.entries(names).map(([name, value]) => [name, value === true ? clientId : value]),
      );
      const item = {
        version: 1,
        'request-created': 1,
        ...fields,
        'asset-code': 'hat',
        'gloebit-balance-change': 30,
      };
      const answers = await Promise.all(Array.from({ length: 5 }, () => call('transact', token, item)));
      // Who comes while another is at it is told to wait.
      expect(answers.filter(({ reason }) => reason === 'success')).toHaveLength(1);
      for (const { success, ...answer } of answers)
        expect(answer).toMatchObject(success ? { id: 't-1' } : { reason: 'pending', status: 'queued' });
      expect(await app.get(Shop).balance('ada')).toBe(70);
      expect(await call('transact', token, item)).toMatchObject({
        success: true,
        id: 't-1',
        balance: 70,
        status: 'in-progress',
        reason: 'resubmitted',
      });
      // An id is about what it was first, also where it comes with something else.
      expect(await call('transact', token, { ...item, 'gloebit-balance-change': 5 })).toMatchObject({
        balance: 70,
        reason: 'resubmitted',
      });
      expect(await app.get(Shop).balance('ada')).toBe(70);
    });

    it('one of two purchases that have the same id', async () => {
      const token = await tokenOf();
      const buy = (what: object) =>
        call('transact', token, { version: 1, id: 'same', 'consumer-key': clientId, ...what });
      await Promise.all([
        buy({ 'asset-code': 'hat', 'gloebit-balance-change': 10 }),
        buy({ product: 'sword' }),
        buy({ 'asset-code': 'hat', 'gloebit-balance-change': 10 }),
      ]);
      expect(await app.get(Shop).balance('ada')).toBe(90);
    });

    it('products, and refusals in the words that clients know', async () => {
      const token = await tokenOf();
      const buy = (more: object) =>
        call('transact/', token, { version: 1, 'consumer-key': clientId, ...more });
      expect(await buy({ product: 'sword', 'product-quantity': 2 })).toMatchObject({
        success: true,
        reason: 'success',
        status: 'queued',
        balance: 80,
        'product-count': 2,
        id: expect.any(String),
      });
      expect(await buy({ product: 'sword', 'product-quantity': 2 })).toMatchObject({
        success: false,
        reason: 'product limit exceeded',
      });
      expect(await buy({ product: 'shield' })).toMatchObject({ success: false, reason: 'unknown product' });
      const poor = { id: 't-2', 'asset-code': 'x', 'gloebit-balance-change': 1_000 };
      expect(await buy(poor)).toEqual({ success: false, reason: 'insufficient balance', status: 'queued' });
      // What was refused can be asked for again.
      await app.get(Wallets).createEntry({ userId: 'ada', amount: 1_000, reason: 'test' });
      expect(await buy(poor)).toMatchObject({ success: true, reason: 'success' });
      for (const wrong of [
        {},
        { product: 'gun', 'asset-code': 'x', 'gloebit-balance-change': 1 },
        { 'asset-code': 'x', 'gloebit-balance-change': -1 },
        { product: 'gun', 'product-quantity': 0 },
        { product: 'gun', version: 2 },
        { product: 'gun', 'consumer-key': 'other' },
        { product: 'gun', id: 'x'.repeat(37) },
      ]) {
        expect(await buy(wrong)).toMatchObject({ success: false });
      }
      expect(await app.get(Shop).balance('ada')).toBe(80);
    });

    it('callbacks: what the application does not enact is given back', async () => {
      const token = await tokenOf();
      const origin = new URL(callbackUrl).origin;
      const buy = (id: string, price = 10) =>
        call('transact', token, {
          version: 1,
          id,
          'consumer-key': clientId,
          'asset-code': 'hat',
          'gloebit-balance-change': price,
          'asset-enact-hold-url': `${origin}/enact?${id}`,
          'asset-consume-hold-url': `${origin}/consume?${id}`,
          'asset-cancel-hold-url': `${origin}/cancel?${id}`,
        });
      answers.set('/enact?later', '[false,"pending"]');
      answers.set('/enact?no', '[false,"sold out"]');
      for (const id of ['yes', 'no', 'later'])
        expect(await buy(id)).toMatchObject({ success: true, status: 'queued' });
      await app.get(Transactions).doDue();

      expect(asked.sort()).toEqual(['/cancel?no', '/consume?yes', '/enact?later', '/enact?no', '/enact?yes']);
      expect(await app.get(Shop).balance('ada')).toBe(80);
      const elsewhere = {
        'asset-enact-hold-url': 'http://10.0.0.1/',
        'asset-consume-hold-url': 'http://10.0.0.1/',
        'asset-cancel-hold-url': 'http://10.0.0.1/',
      };
      const common = { version: 1, 'consumer-key': clientId, 'asset-code': 'x', 'gloebit-balance-change': 1 };
      expect(await call('transact', token, { ...common, ...elsewhere })).toEqual({
        success: false,
        reason: 'callback url is not allowed',
      });
    });

    it('characters', async () => {
      const token = await tokenOf();
      const { character } = await call('create-character', token, { name: 'Bold', level: 1 });
      expect(character).toEqual({ id: expect.any(String), name: 'Bold', level: 1 });
      expect(await call('create-character', token, { name: 'Bold' })).toMatchObject({ success: false });
      expect(await call('update-character', token, { ...character, level: 2 })).toMatchObject({
        success: true,
      });
      expect(await call('get-characters', token)).toMatchObject({ characters: [{ ...character, level: 2 }] });
      expect(await call(`delete-character/${character.id}`, token, {})).toMatchObject({ success: true });
      expect(await call('get-characters', token)).toMatchObject({ characters: [] });
    });

    it("the library's own client", async () => {
      const client: INestApplicationContext = await createContext({
        accounts: { encryptionKeys: [{ id: 'k', key: Buffer.alloc(32, 7).toString('base64') }] },
        gloebit: { clientKey: clientId, clientSecret, redirectUri: callbackUrl, scope: SCOPE, url },
      });
      const service = client.get(GloebitService);
      const begun = await service.authorizationUrl({ user: 'ada' });
      const response = await decide(await ticketOf(begun.url), 'allow');
      const query = Object.fromEntries(new URL(response.headers.get('location') ?? '').searchParams);
      const credential = await service.exchange(query, {
        user: 'ada',
        cookies: begun.setCookie?.split(';')[0],
      });
      expect(await service.balance(credential)).toBe(100);
      expect(await service.purchaseProduct(credential, { product: 'gun', quantity: 2 })).toMatchObject({
        balance: 94,
        count: 2,
      });
      expect(await service.consumeProduct(credential, { product: 'gun' })).toBe(1);
      expect(await service.purchaseItem(credential, { item: 'hat', price: 4 })).toMatchObject({
        balance: 90,
      });
      await client.close();
    });
  });
});
