import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplication, INestApplicationContext } from '@nestjs/common';
import {
  GloebitProductsAccessError,
  GloebitScopeError,
  GloebitService,
  GloebitTransactFailureError,
  type MechanicsDefinition,
  Shop,
  Wallets,
} from 'nestjs-gamification';
import { type GloebitServerOptions, ServerKeys } from 'nestjs-gamification-server';
import { GloebitGrants } from '../../libs/gamification-server/src/gloebit/gloebit-grants.js';
import { Transactions } from '../../libs/gamification-server/src/gloebit/transactions.js';
import { createContext, TestClock } from '../support/application.js';
import { ALL_PROTOCOLS, serveProtocols } from '../support/server-application.js';
import { storages, type TestStorage } from '../support/storages.js';

const mechanics: MechanicsDefinition = {
  products: {
    sword: { name: 'Sword', price: 10, limit: 3 },
    gun: { name: 'Gun', price: 3, stock: 100 },
    medal: { name: 'Medal', price: 1_000, limit: 5 },
  },
};
const SCOPE = 'id balance inventory transact character';
const TOO_FEW = { success: false, reason: "user doesn't have enough" };
const NO_FOLDER = '00000000-0000-0000-0000-000000000000';

describe.each(storages)("Gloebit's products and inventories, served from $name", (kind) => {
  let storage: TestStorage;
  let clock: TestClock;
  let app: INestApplication;
  let url: string;
  let clientId: string;
  let clientSecret: string;
  let token: string;
  let application: Server;
  let origin: string;
  /** What the application answers when it is asked to enact. */
  let enact: string;

  beforeEach(async () => {
    storage = await kind.create();
    enact = '[true]';
    clock = new TestClock();
    application = createServer((request, response) => {
      response.end(request.url === '/enact' ? enact : '[true]');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => application.once('listening', resolve));
    origin = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
    ({ app, url } = await serveProtocols(
      { storage: { url: storage.url }, mechanics },
      {
        clock,
        protocols: {
          gloebit: {
            ...(ALL_PROTOCOLS.gloebit as GloebitServerOptions),
            canBeGranted: ['medal', 'sword'],
            canBeSet: ['medal', 'sword'],
          },
        },
      },
    ));
    const { key, secret } = await app
      .get(ServerKeys)
      .create('gloebit', { redirectUris: [`${origin}/callback`] });
    clientId = key.id;
    clientSecret = secret;
    token = await tokenOf('ada');
    await app.get(Wallets).createEntry({ userId: 'ada', amount: 100, reason: 'test' });
  });

  afterEach(async () => {
    await app.close();
    application.close();
    await storage.remove();
  });

  const tokenOf = (userId: string, scope = SCOPE, client = clientId) =>
    app.get(GloebitGrants).issueToken({ clientId: client, userId, scopes: scope.split(' ') });

  async function call(
    path: string,
    body?: object,
    { as = token, method = body ? 'POST' : 'GET' }: { as?: string; method?: string } = {},
  ) {
    const response = await fetch(`${url}/${path}`, {
      method,
      headers: { authorization: `Bearer ${as}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(response.status).toBe(200);
    return JSON.parse(await response.text());
  }

  const buy = (more: object, as = token) =>
    call('transact', { version: 1, 'application-key': clientId, ...more }, { as });
  const balance = () => app.get(Shop).balance('ada');
  const newCharacter = async (name: string, as = token): Promise<string> =>
    (await call('create-character', { name }, { as })).character.id;
  const callbackUrls = () => ({
    'asset-enact-hold-url': `${origin}/enact`,
    'asset-consume-hold-url': `${origin}/consume`,
    'asset-cancel-hold-url': `${origin}/cancel`,
  });
  /** Has the application refuse what it was asked about before. */
  async function settle(): Promise<void> {
    await app.get(Transactions).doDue();
    enact = '[false,"no"]';
    clock.advance(60_000);
    await app.get(Transactions).doDue();
  }
  const productsOf = async (character?: string) =>
    (await call(character ? `get-character-products/${character}` : 'get-user-products')).products;

  describe('products of a character', () => {
    it('are bought for it, with what the user has, and used up', async () => {
      const bold = await newCharacter('Bold');
      const shy = await newCharacter('Shy');
      expect(await buy({ product: 'sword', 'product-quantity': 2, 'character-id': bold })).toEqual({
        success: true,
        reason: 'success',
        status: 'queued',
        id: expect.any(String),
        balance: 80,
        'product-count': 2,
      });
      expect([await productsOf(bold), await productsOf(shy), await productsOf()]).toEqual([
        { sword: 2 },
        {},
        {},
      ]);
      expect(await call(`get-character-products?x`, { character_id: bold })).toMatchObject({
        products: { sword: 2 },
      });
      expect(await call(`consume-character-product/${bold}/sword/1/`, {})).toMatchObject({
        success: true,
        'product-count': 1,
      });
      const form = { character_id: bold, product_name: 'sword', count: 2 };
      expect(await call('consume-character-product', form)).toEqual(TOO_FEW);
      expect(await call('consume-character-product', { ...form, count: 1 })).toMatchObject({
        'product-count': 0,
      });
      expect(await productsOf(bold)).toEqual({});
      await app.get(Shop).purchaseProduct({ userId: 'ada', product: 'gun' });
      expect(await call(`consume-character-product/${bold}/gun/1`, {})).toEqual(TOO_FEW);
    });

    it('are bought once for an id, also by several calls at once', async () => {
      const bold = await newCharacter('Bold');
      const purchase = { id: 't-1', product: 'sword', 'character-id': bold };
      const answers = await Promise.all(Array.from({ length: 5 }, () => buy(purchase)));
      // Who comes while another is at it is told to wait, and later what came of it.
      const pending = { success: false, reason: 'pending', status: 'queued' };
      const bought = { success: true, balance: 90, 'product-count': 1 };
      expect(answers.filter(({ reason }) => reason === 'success')).toHaveLength(1);
      for (const answer of answers) expect(answer).toMatchObject(answer.success ? bought : pending);
      expect(await buy(purchase)).toMatchObject({ ...bought, reason: 'resubmitted' });
      expect([await productsOf(bold), await balance()]).toEqual([{ sword: 1 }, 90]);
    });

    it('cost nothing where they are refused', async () => {
      const bold = await newCharacter('Bold');
      const eve = await tokenOf('eve');
      const hers = await newCharacter('Hers', eve);
      for (const [more, reason] of [
        [{ product: 'sword', 'product-quantity': 4, 'character-id': bold }, 'product limit exceeded'],
        [{ product: 'medal', 'character-id': bold }, 'insufficient balance'],
        [{ product: 'shield', 'character-id': bold }, 'unknown product'],
        [{ product: 'sword', 'character-id': hers }, 'unknown character'],
        [{ product: 'sword', 'character-id': 'none' }, 'unknown character'],
      ] as const) {
        expect(await buy(more)).toEqual({ success: false, reason, status: 'queued' });
      }
      expect([await balance(), await productsOf(bold), await productsOf()]).toEqual([100, {}, {}]);
    });

    it("are another user's, another application's, and a wider token's", async () => {
      const bold = await newCharacter('Bold');
      await buy({ product: 'sword', 'character-id': bold });
      const other = await app.get(ServerKeys).create('gloebit', { redirectUris: [`${origin}/other`] });
      const unknown = { success: false, reason: 'unknown character' };
      for (const as of [await tokenOf('eve'), await tokenOf('ada', SCOPE, other.key.id)]) {
        expect(await call(`get-character-products/${bold}`, undefined, { as })).toEqual(unknown);
        expect(await call(`consume-character-product/${bold}/sword/1`, {}, { as })).toEqual(unknown);
        expect(await call(`grant-character-product/${bold}/sword/1`, {}, { as })).toEqual(unknown);
      }
      const as = await tokenOf('ada', 'transact');
      for (const path of [`get-character-products/${bold}`, 'get-user-products', 'get-inventory-item-ids'])
        expect(await call(path, undefined, { as })).toEqual({ success: false, reason: 'missing domain' });
      const blind = await buy({ product: 'gun' }, as);
      expect(blind).toEqual({ success: true, reason: 'success', status: 'queued', id: expect.any(String) });
    });

    it('go with it', async () => {
      const bold = await newCharacter('Bold');
      await buy({ product: 'sword', 'character-id': bold });
      expect(await call('delete-character', { id: bold })).toMatchObject({ success: true });
      expect(await call(`get-character-products/${bold}`)).toEqual({
        success: false,
        reason: 'unknown character',
      });
      expect(await call(`delete-character/${bold}`)).toEqual({ success: false, reason: 'unknown character' });
    });

    it('are taken back, and paid back, where the application does not enact, as far as they are not used up', async () => {
      const bold = await newCharacter('Bold');
      enact = '[false,"pending"]';
      const urls = callbackUrls();
      await buy({ product: 'sword', 'product-quantity': 2, 'character-id': bold, ...urls });
      expect([await productsOf(bold), await balance()]).toEqual([{ sword: 2 }, 80]);
      await settle();
      expect([await productsOf(bold), await balance()]).toEqual([{}, 100]);
      enact = '[false,"pending"]';
      await buy({ product: 'gun', 'product-quantity': 2, 'character-id': bold, ...urls });
      await call(`consume-character-product/${bold}/gun/1`, {});
      await settle();
      expect([await productsOf(bold), await balance()]).toEqual([{}, 97]);
    });

    it('are taken back once, also where paying back fails at first', async () => {
      const bold = await newCharacter('Bold');
      await buy({ product: 'sword', 'character-id': bold });
      enact = '[false,"pending"]';
      await buy({ product: 'sword', 'character-id': bold, ...callbackUrls() });
      jest.spyOn(app.get(Shop), 'refundProduct').mockRejectedValueOnce(new Error('out of order'));
      await settle();
      expect([await productsOf(bold), await balance()]).toEqual([{ sword: 2 }, 80]);
      await settle();
      expect([await productsOf(bold), await balance()]).toEqual([{ sword: 1 }, 90]);
    });
  });

  describe('granting and setting', () => {
    it('is refused unless it is allowed', async () => {
      const bold = await newCharacter('Bold');
      for (const [path, reason] of [
        ['grant-user-product/gun/1', 'product cannot be granted'],
        ['set-user-product-count/gun/1', 'product count cannot be set'],
        [`grant-character-product/${bold}/gun/1`, 'product cannot be granted'],
        [`set-character-product-count/${bold}/gun/1`, 'product count cannot be set'],
        ['grant-user-product/shield/1', 'unknown product'],
        ['grant-user-product/sword/0', 'invalid product or count'],
        ['grant-user-product', 'invalid product or count'],
        ['set-user-product-count/sword/-1', 'invalid product or count'],
        ['consume-user-product/sword/1.5', 'invalid product or count'],
        [`consume-character-product/${bold}`, 'invalid product or count'],
      ]) {
        expect(await call(String(path), {})).toEqual({ success: false, reason });
      }
    });

    it('gives users what they can use up like what they have bought', async () => {
      await buy({ product: 'sword', 'product-quantity': 1 });
      expect(await call('grant-user-product/sword/2', {})).toMatchObject({ 'product-count': 3 });
      expect(await call('grant-user-product/sword/1', {})).toEqual({
        success: false,
        reason: 'product limit exceeded',
      });
      expect([await productsOf(), await balance()]).toEqual([{ sword: 3 }, 90]);
      expect(await call('consume-user-product/sword/4', {})).toEqual(TOO_FEW);
      expect(await productsOf()).toEqual({ sword: 3 });
      expect(await call('consume-user-product', { product_name: 'sword' })).toMatchObject({
        'product-count': 2,
      });
      expect(await call('consume-user-product/sword/2', {})).toMatchObject({ 'product-count': 0 });
      expect(await productsOf()).toEqual({});
    });

    it('sets what there is, bought or not', async () => {
      await buy({ product: 'sword', 'product-quantity': 2 });
      const set = (count: number) => call('set-user-product-count', { product_name: 'sword', count });
      for (const count of [3, 2, 1, 0, 3]) {
        expect(await set(count)).toMatchObject({ success: true, 'product-count': count });
        expect(await productsOf()).toEqual(count === 0 ? {} : { sword: count });
      }
      expect(await set(4)).toEqual({ success: false, reason: 'product limit exceeded' });
      const bold = await newCharacter('Bold');
      expect(await call(`set-character-product-count/${bold}/medal/5`, {})).toMatchObject({
        'product-count': 5,
      });
      expect(await call(`grant-character-product/${bold}/medal/1`, {})).toMatchObject({ success: false });
      expect(await call(`set-character-product-count/${bold}/medal/0`, {})).toMatchObject({
        'product-count': 0,
      });
      expect(
        await call('grant-character-product', { character_id: bold, product_name: 'medal', count: 2 }),
      ).toMatchObject({ 'product-count': 2 });
      expect(await productsOf(bold)).toEqual({ medal: 2 });
    });

    it('lets nobody use up more than there is, however many try', async () => {
      await buy({ product: 'sword', 'product-quantity': 2 });
      await call('grant-user-product/sword/1', {});
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => call('consume-user-product/sword/1', {})),
      );
      expect(answers.filter(({ success }) => success)).toHaveLength(3);
      expect(await productsOf()).toEqual({});
    });
  });

  it('items are kept in folders, changed and removed', async () => {
    const { 'item-id': id, ...made } = await call('new-inventory-item', {
      'type-id': 'hat',
      params: { color: 'red', size: 1 },
    });
    expect([made, id]).toEqual([{ success: true, reason: 'success' }, expect.any(String)]);
    const { 'item-id': boxed } = await call('new-inventory-item', { 'type-id': 'hat', 'folder-id': 'box' });
    const idsIn = async (folder: string) =>
      (await call(`get-inventory-item-ids${folder}`))['item-ids'] as unknown;
    expect(await idsIn('')).toEqual([
      ['hat', id, NO_FOLDER],
      ['hat', boxed, 'box'],
    ]);
    expect(await idsIn('/box')).toEqual([['hat', boxed, 'box']]);
    const change = { item_id: id, folder_id: 'box', params: { size: 2, __proto__x: 1 } };
    expect(await call('update-inventory-item', change, { method: 'PUT' })).toEqual({
      success: true,
      reason: 'success',
    });
    expect(await call(`get-inventory-item/${id}/`)).toMatchObject({
      item: {
        'item-id': id,
        'type-id': 'hat',
        'folder-id': 'box',
        params: { color: 'red', size: 2, __proto__x: 1 },
      },
    });
    const as = await tokenOf('eve');
    const unknown = { success: false, reason: 'unknown item' };
    expect(await call(`get-inventory-item/${id}`, undefined, { as })).toEqual(unknown);
    expect(await call(`delete-inventory-item/${id}`, {}, { as })).toEqual(unknown);
    expect(await call('update-inventory-item', { item_id: id }, { as, method: 'PUT' })).toEqual(unknown);
    expect(await call(`delete-inventory-item/${id}`, {})).toMatchObject({ success: true });
    expect(await call(`delete-inventory-item/${id}`, {})).toEqual(unknown);
    expect(await idsIn('')).toEqual([['hat', boxed, 'box']]);
    for (const [wrong, reason] of [
      [{}, 'invalid type-id'],
      [{ 'type-id': 'hat', 'folder-id': 1 }, 'invalid folder-id'],
      [{ 'type-id': 'hat', params: [] }, 'invalid params'],
      [{ 'type-id': 'hat', params: { x: 'x'.repeat(20_000) } }, 'too much data'],
    ] as const) {
      expect(await call('new-inventory-item', wrong)).toEqual({ success: false, reason });
    }
  });

  it.each(['2014-05', 'final'] as const)(
    "the library's own client has products, with the field names %s",
    async (fieldNames) => {
      const client: INestApplicationContext = await createContext({
        accounts: { encryptionKeys: [{ id: 'k', key: Buffer.alloc(32, 7).toString('base64') }] },
        gloebit: {
          clientKey: clientId,
          clientSecret,
          redirectUri: `${origin}/callback`,
          scope: SCOPE,
          url,
          fieldNames,
        },
      });
      try {
        const service = client.get(GloebitService);
        const credential = { accessToken: token };
        expect(await service.products(credential)).toEqual({});
        const purchase = { product: 'sword', quantity: 2, idempotencyKey: 'order 1' };
        const first = await service.purchaseProduct(credential, purchase);
        expect(first).toEqual({ id: expect.any(String), balance: 80, count: 2, resubmitted: false });
        expect(await service.purchaseProduct(credential, purchase)).toEqual({ ...first, resubmitted: true });
        await service.purchaseProduct(credential, { product: 'gun', quantity: 1 });
        expect(await service.products(credential)).toEqual({ gun: 1, sword: 2 });
        expect(await service.consumeProduct(credential, { product: 'sword' })).toBe(1);
        const refused = async (refusal: Promise<unknown>) => refusal.catch((error: unknown) => error);
        const tooFew = await refused(service.consumeProduct(credential, { product: 'sword', quantity: 2 }));
        expect(tooFew).toBeInstanceOf(GloebitProductsAccessError);
        expect(tooFew).toMatchObject({ remoteMessage: "user doesn't have enough" });
        const tooPoor = await refused(service.purchaseProduct(credential, { product: 'medal' }));
        expect(tooPoor).toBeInstanceOf(GloebitTransactFailureError);
        expect(tooPoor).toMatchObject({ remoteMessage: 'insufficient balance' });
        const none = await refused(service.purchaseProduct(credential, { product: 'shi/eld' }));
        expect(none).toMatchObject({ remoteMessage: 'unknown product' });
        const narrow = { accessToken: await tokenOf('ada', 'id transact'), scope: 'id transact' };
        expect(await refused(service.products(narrow))).toBeInstanceOf(GloebitScopeError);
        expect(await service.purchaseProduct(narrow, { product: 'gun' })).toEqual({
          id: expect.any(String),
          resubmitted: false,
        });
        const character = await service.createCharacter(credential, { name: 'Bold', attributes: { age: 3 } });
        const change = { id: character.id, name: 'Bolder' };
        expect(await service.updateCharacter(credential, change)).toEqual({ ...change, attributes: {} });
        expect(await service.characters(credential)).toEqual([{ ...change, attributes: {} }]);
        await service.deleteCharacter(credential, { id: character.id });
        expect(await service.characters(credential)).toEqual([]);
        expect(await service.balance(credential)).toBe(74);
      } finally {
        await client.close();
      }
    },
  );
});
