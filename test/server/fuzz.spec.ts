import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { Wallets } from 'nestjs-gamification';
import { type GloebitServerOptions, keyText, ServerKeys } from 'nestjs-gamification-server';
import { GloebitGrants } from '../../libs/gamification-server/src/gloebit/gloebit-grants.js';
import { ALL_PROTOCOLS, serveProtocols } from '../support/server-application.js';
import { durableStorages, memory, type TestStorage } from '../support/storages.js';

const ROUTES = [
  'POST /v1/events',
  'POST /v1/events/batch',
  'POST /v1/payments',
  'POST /v1/payments/:p/resend-code',
  'POST /v1/payments/:p/noauth/confirm',
  'POST /v1/resources/transfer',
  'GET /v1/users/:p',
  'GET /v1/badges/:p',
  'GET /v1/ratings/:p/top',
  'GET /v1/challenges/:p/top',
  'GET /v1/notifications/:p',
  'GET /v1/payments/:p',
  'GET /api/v1/wallet',
  'GET /api/v1/entry/inventory',
  'POST /api/v1/entry',
  'POST /api/v1/entry/:p/inventory/use',
  'POST /v1/app/:app/gifts/:p/:p/request/new',
  'POST /v1/app/:app/gifts/:p/:p/request/reply',
  'GET /v1/app/:app/gifts/:p/:p/list',
  'POST /v1/app/:app/profile/:p/:p/login',
  'POST /v1/public/track/users',
  'POST /v1/public/track/events',
  'GET /oauth2/authorize',
  'POST /oauth2/authorize',
  'POST /oauth2/access-token',
  'GET /g/balance',
  'POST /g/transact',
  'POST /g/consume-user-product/:p/:p',
  'GET /g/get-user-products',
  'POST /g/grant-user-product/:p/:p',
  'POST /g/set-user-product-count/:p/:p',
  'GET /g/get-character-products/:p',
  'POST /g/consume-user-product',
  'POST /g/consume-character-product/:c/:p/:p',
  'POST /g/grant-character-product/:c/:p/:p',
  'POST /g/set-character-product-count/:c/:p/:p',
  'POST /g/new-inventory-item',
  'GET /g/get-inventory-item-ids/:p',
  'GET /g/get-inventory-item/:p',
  'PUT /g/update-inventory-item',
  'POST /g/delete-inventory-item/:p',
  'GET /g/get-characters',
  'GET /purchase',
  'POST /g/create-character',
  'POST /g/update-character',
  'POST /g/delete-character/:p',
] as const;

const FIELDS = [
  'userId',
  'type',
  'idempotenceKey',
  'amount',
  'confirmation',
  'resourceKey',
  'receiverUserId',
  'senderUserId',
  'user_id',
  'reason',
  'item',
  'traits',
  'event',
  'phoneNumber',
  'fullPhoneNumber',
  'countryCode',
  'createdAt',
  'version',
  'product',
  'product-quantity',
  'asset-code',
  'gloebit-balance-change',
  'id',
  'name',
  'ticket',
  'code',
  'character-id',
  'character_id',
  'product_name',
  'count',
  'type-id',
  'folder-id',
  'item_id',
  'params',
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
];

/** What stands in a token's own fields is not looked at: those of the call count. */
const GAME = { id: 'game', grants: [] };

const odd = fc.oneof(
  fc.constantFrom(
    '',
    'gun',
    '1',
    '\0',
    '../..',
    "' or 1=1 --",
    '%',
    '\u{1f600}',
    'a'.repeat(300),
    '__proto__',
    '{}',
  ),
  fc.string(),
);
/** Half of a character, which no path can hold, and objects that say of themselves that they become no text. */
const oddInBodies = fc.constantFrom('\ud83d', { toString: 1, valueOf: null }, { toString: { toString: '' } });
/** Stands for a value of many levels, which the test itself could not write down. */
const DEEP_MARK = 'deep';
/** Levels that end the stack of whoever goes through them by calls within calls. */
const DEEP = 15_000;
const request = fc.record({
  route: fc.constantFrom(...ROUTES),
  parts: fc.array(odd, { minLength: 2, maxLength: 2 }),
  query: fc.dictionary(
    fc.constantFrom(
      'limit',
      'offset',
      'sort',
      'user_ids',
      'used',
      'start',
      'code',
      'client_id',
      'redirect_uri',
      'scope',
      'response_type',
      'r',
      'return-to',
    ),
    odd,
  ),
  body: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(odd, oddInBodies, fc.jsonValue()), {
        noNullPrototype: true,
      }),
    },
    { weight: 2, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.constantFrom(...FIELDS).map((name) => ({ [name]: DEEP_MARK })) },
  ),
  signed: fc.integer({ min: 0, max: 9 }).map((chance) => chance > 0),
});

function protocolOf(template: string): string {
  if (template.startsWith('/api')) return 'wallet';
  if (template.includes('/public/')) return 'interakt';
  return /^\/(g|oauth2|purchase)(\/|$)/.test(template) ? 'gloebit' : 'gmfy';
}

describe.each([memory, ...durableStorages])('whatever is sent to a server on $name', (kind) => {
  let storage: TestStorage;
  let app: INestApplication;
  let url: string;
  let headers: Record<string, Record<string, string>>;
  let playblazer: { appId: string; secret: string };
  let character: string;

  beforeAll(async () => {
    storage = await kind.create();
    ({ app, url } = await serveProtocols(
      {
        storage: { url: storage.url },
        mechanics: { products: { gun: { name: 'Gun', price: 1 } } },
        payments: { confirmationUrl: 'http://x/{paymentId}', codeSender: { async send() {} } },
      },
      {
        protocols: {
          ...ALL_PROTOCOLS,
          interakt: { callsPerMinute: 1_000_000 },
          gloebit: {
            ...(ALL_PROTOCOLS.gloebit as GloebitServerOptions),
            allowsImplicit: () => true,
            canBeGranted: ['gun'],
            canBeSet: ['gun'],
          },
        },
      },
    ));
    const keys = app.get(ServerKeys);
    const gmfy = await keys.create('gmfy');
    const interakt = await keys.create('interakt');
    const wallet = await keys.create('wallet');
    const gifts = await keys.create('playblazer');
    playblazer = { appId: gifts.key.id, secret: gifts.secret };
    const token = await new SignJWT({ sub: wallet.key.id })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(createPrivateKey(wallet.secret));
    const basic = Buffer.from(`${keyText(interakt.key.id, interakt.secret)}:`).toString('base64');
    const game = await keys.create('gloebit', { redirectUris: ['http://game/'] });
    const token2 = 'f'.repeat(64);
    await app.get(GloebitGrants).saveToken(
      {
        accessToken: token2,
        scope: ['balance', 'inventory', 'transact', 'character'],
        client: GAME,
        user: GAME,
      },
      { id: game.key.id, grants: [] },
      { id: 'player' },
    );
    headers = {
      gloebit: { authorization: `Bearer ${token2}`, 'x-user': 'player' },
      gmfy: { 'x-api-key': keyText(gmfy.key.id, gmfy.secret) },
      wallet: { authorization: token },
      interakt: { authorization: `Basic ${basic}` },
    };
    const made = await fetch(`${url}/create-character`, {
      method: 'POST',
      headers: headers.gloebit ?? {},
      body: new URLSearchParams({ name: 'Bold' }),
    });
    ({ id: character } = JSON.parse(await made.text()).character);
    await app.get(Wallets).createEntry({ userId: 'rich', amount: 1_000, reason: 'test' });
  });

  afterAll(async () => {
    await app.close();
    await storage.remove();
  });

  it('is answered, and never with a 500', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ route, parts, query, body, signed }) => {
        const [method = '', template = ''] = route.split(' ');
        const values = [...parts];
        const path = template
          .replace(':app', playblazer.appId)
          .replace('/g/', '/')
          .replace(':c', character)
          .replaceAll(':p', () => encodeURIComponent(values.pop() || 'x').replaceAll('.', '%2E'));
        const protocol = protocolOf(template);
        const search = new URLSearchParams(query);
        if (signed && template.includes(':app')) search.set('secret_key', playblazer.secret);
        const response = await fetch(`${url}${path}?${search}`, {
          method,
          redirect: 'manual',
          headers: { 'content-type': 'application/json', ...(signed ? headers[protocol] : {}) },
          ...(method === 'GET'
            ? {}
            : { body: JSON.stringify(body).replace(`"${DEEP_MARK}"`, '['.repeat(DEEP) + ']'.repeat(DEEP)) }),
          signal: AbortSignal.timeout(10_000),
        });
        const text = await response.text();
        expect([response.status < 500 || response.status === 501, text]).toEqual([true, text]);
        expect(text).not.toMatch(/\bat .*\.(ts|js):\d+/);
        if (!signed && response.status < 300) expect(text).toMatch(/"status":"error"|"success":false/);
      }),
      { numRuns: kind === memory ? 1_500 : 400 },
    );
    const { items } = await app.get(Wallets).getWallets({ userIds: ['rich'] });
    expect(items).toMatchObject([{ total: 1_000 }]);
  }, 120_000);
});
