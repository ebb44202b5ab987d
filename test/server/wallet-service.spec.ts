import { createPrivateKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { SignJWT, UnsecuredJWT } from 'jose';
import { Wallets } from 'nestjs-gamification';
import { ServerKeys } from 'nestjs-gamification-server';
import { describeWallets } from '../contracts/wallets.contract.js';
import { createContext, TestClock } from '../support/application.js';
import { serveProtocols } from '../support/server-application.js';
import { durableStorages, storages, type TestStorage } from '../support/storages.js';

async function newAuthority(app: INestApplication, url: string) {
  const { key, secret } = await app.get(ServerKeys).create('wallet');
  return { config_schema_version: '0.1.0', api_base_url: url, authority_id: key.id, private_key: secret };
}

for (const kind of durableStorages) {
  describeWallets(
    `a wallet service of its own, ${kind.name}`,
    async () => {
      const storage = await kind.create();
      const { app, url } = await serveProtocols({ storage: { url: storage.url } });
      const [own, shop] = [await newAuthority(app, url), await newAuthority(app, url)];
      const open = (config: object) => createContext({ storage: false, wallet: { config, maxRetries: 0 } });
      const [client, shopClient] = [await open(own), await open(shop)];
      return {
        wallets: client.get(Wallets),
        authorityId: own.authority_id,
        shop: {
          authorityId: shop.authority_id,
          createEntry: (entry) => shopClient.get(Wallets).createEntry(entry),
        },
        async close() {
          await client.close();
          await shopClient.close();
          await app.close();
          await storage.remove();
        },
      };
    },
    {
      cannot: [
        'currencies',
        'idempotencyKeys',
        'writingAsAnother',
        'transfers',
        'history',
        'anyData',
        'rangeErrors',
        'exclusiveUse',
      ],
    },
  );
}

describe.each(storages)("a wallet service's protocol, served from $name", (kind) => {
  const clock = new TestClock(1_700_000_000_000);
  let storage: TestStorage;
  let app: INestApplication;
  let url: string;
  let authority: Awaited<ReturnType<typeof newAuthority>>;
  let token: string;

  const sign = (claims: Record<string, unknown>, key = authority.private_key, alg = 'ES256') =>
    new SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT' }).sign(createPrivateKey(key));

  beforeEach(async () => {
    storage = await kind.create();
    ({ app, url } = await serveProtocols({ storage: { url: storage.url } }, { clock }));
    authority = await newAuthority(app, url);
    token = await sign({ sub: authority.authority_id });
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  async function ask(method: string, path: string, body?: unknown, authorization = token) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(authorization ? { authorization } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: JSON.parse(text) };
  }

  it('has health without a token', async () => {
    expect((await ask('GET', '/health', undefined, '')).body).toEqual({ ok: true, version: '1.1.0' });
    const deprecated = await fetch(`${url}/api/v0/health`);
    expect(await deprecated.json()).toEqual({
      ok: 'server version 0.1.0 has be deprecated',
      version: '0.1.0',
    });
  });

  it('writes entries, whose time always has a fraction', async () => {
    const entry = {
      user_id: 'ada',
      amount: 5,
      reason: 'test',
      item: { name: 'tea', data: { sort: 'green' } },
    };
    const { status, text, body } = await ask('POST', '/entry', entry);
    expect(status).toBe(200);
    expect(text).toContain('"created_on":1700000000.0,');
    expect(body.entry).toEqual({
      entry_id: expect.any(String),
      authority_id: authority.authority_id,
      created_on: 1_700_000_000,
      ...entry,
      item: { ...entry.item, used: false },
    });
    expect(
      (await ask('POST', '/entry', { user_id: 'eve', amount: '0', reason: 'nothing', item: null })).status,
    ).toBe(200);
    expect((await ask('GET', '/wallet?user_ids=&authority_ids=')).body.wallets).toEqual([
      { user_id: 'ada', total: 5 },
      { user_id: 'eve', total: 0 },
    ]);
    expect((await ask('GET', '/wallet?user_ids=ada%2Cbob')).body.wallets).toEqual([
      { user_id: 'ada', total: 5 },
    ]);
  });

  it('refuses what cannot be paid, with its words, also of a user without entries, and however many ask', async () => {
    expect(await ask('POST', '/entry', { user_id: 'bob', amount: -3, reason: 'x' })).toMatchObject({
      status: 402,
      body: { error: 'user bob does not have enough money to pay -3 as their wallet only has 0 in value' },
    });
    await ask('POST', '/entry', { user_id: 'ada', amount: 10, reason: 'x' });
    const spend = () => ask('POST', '/entry', { user_id: 'ada', amount: -10, reason: 'x' });
    const answers = await Promise.all(Array.from({ length: 10 }, spend));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, 'any.required'],
    ['a list', [], 'any.required'],
    ['an unknown key', { user_id: 'u', amount: 1, reason: 'x', foo: 1 }, 'object.unknown'],
    ['an empty reason', { user_id: 'u', amount: 1, reason: '' }, 'string.empty'],
    ['a fraction', { user_id: 'u', amount: 1.5, reason: 'x' }, 'number.integer'],
    ['no number', { user_id: 'u', amount: 'x', reason: 'x' }, 'number.base'],
    ['too much', { user_id: 'u', amount: 2 ** 60, reason: 'x' }, 'number.unsafe'],
    [
      'data that is a text',
      { user_id: 'u', amount: 1, reason: 'x', item: { name: 'n', data: '{}' } },
      'object.base',
    ],
    [
      'a used item',
      { user_id: 'u', amount: 1, reason: 'x', item: { name: 'n', used: true } },
      'object.unknown',
    ],
  ])('refuses %s with the body of the real one', async (_, given, type) => {
    const { status, body } = await ask('POST', '/entry', given);
    expect(status).toBe(400);
    expect(body.error.details).toEqual([
      { message: expect.any(String), path: expect.any(Array), type, context: expect.any(Object) },
    ]);
    expect(body.error).toHaveProperty('_original');
  });

  it('uses items, again and again with the same answer, and by any authority', async () => {
    const { body } = await ask('POST', '/entry', {
      user_id: 'ada',
      amount: 1,
      reason: 'x',
      item: { name: 'tea' },
    });
    const id = body.entry.entry_id;
    const other = await newAuthority(app, url);
    const theirs = await sign({ sub: other.authority_id }, other.private_key);
    const first = await ask('POST', `/entry/${id}/inventory/use`, undefined, theirs);
    expect(first).toMatchObject({
      status: 200,
      body: { entry: { ...body.entry, item: { name: 'tea', used: true } } },
    });
    expect((await ask('POST', `/entry/${id}/inventory/use`)).body).toEqual(first.body);
    expect((await ask('GET', '/entry/inventory?used=false')).body.inventory).toEqual([]);
    expect((await ask('GET', '/entry/inventory?used=true')).body.inventory).toMatchObject([{ entry_id: id }]);
    expect((await ask('GET', `/entry/inventory?entry_ids=${id},x`)).body.inventory).toHaveLength(1);
    expect((await ask('GET', '/entry/inventory?used=maybe')).status).toBe(400);
    expect(await ask('POST', '/entry/nothing/inventory/use')).toMatchObject({
      status: 404,
      body: { error: expect.any(String) },
    });
    expect((await ask('GET', '/wallet?user_ids=a&user_ids=b')).status).toBe(400);
  });

  it('lets in only who signs as an authority', async () => {
    expect(await ask('GET', '/wallet', undefined, '')).toMatchObject({
      status: 401,
      body: { error: 'authorization data required' },
    });
    const other = await newAuthority(app, url);
    const sub = authority.authority_id;
    const now = Math.floor(Date.now() / 1_000);
    const wrong = [
      `Bearer ${token}`,
      'nonsense',
      await sign({}),
      await sign({ sub: 'none' }),
      await sign({ sub }, other.private_key),
      await sign({ sub, exp: now - 10 }),
      await sign({ sub, nbf: now + 1_000 }),
      new UnsecuredJWT({ sub }).encode(),
      await new SignJWT({ sub })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from('secret-secret-secret-secret-secret')),
    ];
    for (const each of wrong) {
      expect(await ask('GET', '/wallet', undefined, each)).toMatchObject({
        status: 403,
        body: { error: 'forbidden' },
      });
    }
    expect(
      (await ask('GET', '/wallet', undefined, await sign({ sub, exp: now + 100, extra: 1 }))).status,
    ).toBe(200);
    await app.get(ServerKeys).revoke(sub);
    expect((await ask('GET', '/wallet')).status).toBe(403);
  });
});
