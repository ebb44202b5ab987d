import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AccountLinks,
  type Credential,
  GloebitCrossSiteError,
  GloebitOptions,
  GloebitProductsAccessError,
  GloebitScopeError,
  GloebitService,
  GloebitTransactFailureError,
  GloebitUserNameRequiredError,
  InvalidRequestError,
} from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import {
  accounts,
  cookieOf,
  type GloebitContext,
  gloebitContext,
  queryOf,
  REDIRECT_URI,
} from '../support/gloebit-application.js';
import { GloebitServer } from '../support/gloebit-server.js';

/** The calls and examples of the README of python-django-gloebit. */
describe('python-django-gloebit', () => {
  let context: GloebitContext;
  let gloebit: GloebitService;

  beforeEach(async () => {
    context = await gloebitContext({ scope: 'id balance transact inventory' });
    gloebit = context.app.get(GloebitService);
  });

  afterEach(() => context.close());

  const credential = (scope: string): Credential => ({
    accessToken: context.server.grant('alice', scope),
    scope,
  });

  it('seed: gloebit.Client_Secrets(MERCHANT_KEY, MERCHANT_SECRET, _sandbox=True)', async () => {
    const app = await createContext({
      accounts,
      gloebit: { ...GloebitServer.CLIENT, redirectUri: REDIRECT_URI, sandbox: true },
    });
    const { url } = await app.get(GloebitService).authorizationUrl({ user: 'alice' });
    await app.close();

    expect(new URL(url).origin).toBe('https://sandbox.gloebit.com');
    expect(new URL(url).searchParams.get('client_id')).toBe(GloebitServer.CLIENT.clientKey);
  });

  it('seed: "Cut-and-paste them … into an oauth2client client secrets JSON file"', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gloebit-'));
    const clientSecretsFile = join(folder, 'client_secrets.json');
    const { clientKey, clientSecret } = GloebitServer.CLIENT;
    const web = {
      client_id: clientKey,
      client_secret: clientSecret,
      redirect_uris: [],
      auth_uri: 'https://www.gloebit.com/oauth2/authorize',
      token_uri: 'https://www.gloebit.com/oauth2/access-token',
    };
    await writeFile(clientSecretsFile, JSON.stringify({ web }));
    const app = await createContext({ accounts, gloebit: { clientSecretsFile, redirectUri: REDIRECT_URI } });
    const { url } = await app.get(GloebitService).authorizationUrl({ user: 'alice' });
    await app.close();
    await rm(folder, { recursive: true });

    expect(url).toMatch(/^https:\/\/www\.gloebit\.com\/oauth2\/authorize\?/);
    expect(new URL(url).searchParams.get('client_id')).toBe(clientKey);
  });

  it("seed: gloebit.Merchant(CLIENT_SECRETS, scope='id balance transact', secret_key=your_app_secret_key)", async () => {
    await context.close();
    context = await gloebitContext({
      scope: 'id balance transact',
      state: 'hmac',
      secretKey: 'your_app_secret_key',
    });
    gloebit = context.app.get(GloebitService);

    const { url, setCookie } = await gloebit.authorizationUrl({ user: 'alice' });
    expect(new URL(url).searchParams.get('scope')).toBe('id balance transact');
    expect(new URL(url).searchParams.get('state')).toMatch(/^[\w-]{36}$/);
    expect(setCookie).toBeUndefined();
    const back = await context.server.authorize(url, 'Alice');
    expect(await gloebit.exchange(queryOf(back), { user: 'alice' })).toMatchObject({
      scope: 'id balance transact',
    });
  });

  it("seed: \"default is 'id' and 'transact'\"", () => {
    expect(new GloebitOptions().scope).toBe('id transact');
  });

  it('seed: user_authorization_url(user=None, redirect_uri=None)', async () => {
    const { url } = await gloebit.authorizationUrl({
      user: 'alice',
      redirectUri: 'https://app.example/other',
    });

    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe(`${context.server.url}/oauth2/authorize`);
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: GloebitServer.CLIENT.clientKey,
      redirect_uri: 'https://app.example/other',
      scope: 'id balance transact inventory',
      response_type: 'code',
      access_type: 'offline',
      state: expect.stringMatching(/^[\w-]{43}$/),
    });
    // Without one of its own, that of the options, as of "when creating your Merchant object".
    const usual = await gloebit.authorizationUrl({ user: 'alice' });
    expect(new URL(usual.url).searchParams.get('redirect_uri')).toBe(REDIRECT_URI);
  });

  it('seed: user_authorization_url: "Note that the redirect URI must be absolute"', async () => {
    const call = gloebit.authorizationUrl({ user: 'alice', redirectUri: '/accounts/gloebit/callback' });

    await expect(call).rejects.toBeInstanceOf(InvalidRequestError);
    await expect(call).rejects.toMatchObject({ problems: [{ path: 'redirectUri' }] });
  });

  it('seed: exchange_for_user_credential(query_args, user=None)', async () => {
    const { url, setCookie } = await gloebit.authorizationUrl({ user: 'alice' });
    const back = await context.server.authorize(url, 'Alice');

    const cookies = cookieOf(setCookie);
    const exchanged = await gloebit.exchange(queryOf(back), { user: 'alice', cookies });

    expect(context.server.tokens.get(exchanged.accessToken)?.user.name).toBe('Alice');
    expect(exchanged).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      scope: 'id balance transact inventory',
    });
    expect(await gloebit.balance(exchanged)).toBe(100);
  });

  it('seed: "The user passed to this method must match the user_authorization_url user"', async () => {
    const { url, setCookie } = await gloebit.authorizationUrl({ user: 'alice' });
    const back = await context.server.authorize(url, 'Alice');

    const exchange = gloebit.exchange(queryOf(back), { user: 'bob', cookies: cookieOf(setCookie) });

    await expect(exchange).rejects.toBeInstanceOf(GloebitCrossSiteError);
    expect(context.server.requests('/oauth2/access-token')).toEqual([]);
  });

  it('seed: user_info(credential)', async () => {
    expect(await gloebit.userInfo(credential('id'))).toEqual({
      id: context.server.user('alice').id,
      name: 'alice',
      params: {},
    });
    expect(context.server.http.lastRequest).toMatchObject({ method: 'GET', path: '/id/' });
  });

  it('seed: user_info: "Can be invoked only if \'id\' is in your merchant scope"', async () => {
    await expect(gloebit.userInfo(credential('balance transact'))).rejects.toBeInstanceOf(GloebitScopeError);
    expect(context.server.http.requests).toEqual([]);
  });

  it('seed: user_balance(credential)', async () => {
    context.server.user('alice').balance = 12.5;

    expect(await gloebit.balance(credential('balance'))).toBe(12.5);
    expect(context.server.http.lastRequest).toMatchObject({ method: 'GET', path: '/balance/' });
  });

  it('seed: user_balance: "Can be invoked only if \'balance\' is in your merchant scope"', async () => {
    await expect(gloebit.balance(credential('id transact'))).rejects.toBeInstanceOf(GloebitScopeError);
    expect(context.server.http.requests).toEqual([]);
  });

  it('seed: purchase_item(credential, item, item_price, item_quantity=1, username=None)', async () => {
    const purchase = await gloebit.purchaseItem(credential('id balance transact'), { item: 'hat', price: 7 });

    expect(purchase).toEqual({ id: expect.any(String), balance: 93, resubmitted: false });
    const { method, path, headers, body } = context.server.http.lastRequest;
    expect([method, path, headers['content-type']]).toEqual(['POST', '/transact/', 'application/json']);
    expect(JSON.parse(body)).toEqual({
      version: 1,
      id: purchase.id,
      'request-created': Math.floor(context.clock.now() / 1_000),
      'asset-code': 'hat',
      'asset-quantity': 1,
      'asset-enact-hold-url': null,
      'asset-consume-hold-url': null,
      'asset-cancel-hold-url': null,
      'gloebit-balance-change': 7,
      'gloebit-recipient-user-name': null,
      'consumer-key': GloebitServer.CLIENT.clientKey,
      'merchant-user-id': 'alice',
    });
  });

  it('seed: purchase_item: "item_quantity number at item_price gloebits"', async () => {
    const bought = await gloebit.purchaseItem(credential('id balance transact'), {
      item: 'hat',
      price: 7,
      quantity: 3,
    });

    expect(bought.balance).toBe(79);
    expect(JSON.parse(context.server.http.lastRequest.body)).toMatchObject({
      'asset-quantity': 3,
      'gloebit-balance-change': 21,
    });
  });

  it('seed: purchase_item: "Also requires sufficient user balance"', async () => {
    const purchase = gloebit.purchaseItem(credential('id transact'), { item: 'castle', price: 101 });

    await expect(purchase).rejects.toBeInstanceOf(GloebitTransactFailureError);
    await expect(purchase).rejects.toMatchObject({ remoteMessage: 'insufficient balance' });
    expect(context.server.user('alice').balance).toBe(100);
  });

  it('seed: purchase_item: "Can be invoked only if \'transact\' is in your merchant scope"', async () => {
    const purchase = gloebit.purchaseItem(credential('id balance'), { item: 'hat', price: 7 });

    await expect(purchase).rejects.toBeInstanceOf(GloebitScopeError);
    expect(context.server.http.requests).toEqual([]);
  });

  it('seed: purchase_item: "A username is required if \'id\' is not in your merchant scope"', async () => {
    const purchase = { item: 'hat', price: 7 };

    await expect(gloebit.purchaseItem(credential('transact'), purchase)).rejects.toBeInstanceOf(
      GloebitUserNameRequiredError,
    );
    expect(context.server.http.requests).toEqual([]);
    await gloebit.purchaseItem(credential('transact'), { ...purchase, username: 'Alice A.' });
    expect(JSON.parse(context.server.http.lastRequest.body)).toMatchObject({
      'merchant-user-id': 'Alice A.',
    });
  });

  it('seed: purchase_item: "The balance will be None if your merchant scope does not include \'balance\'"', async () => {
    const bought = await gloebit.purchaseItem(credential('id transact'), { item: 'hat', price: 7 });

    expect(bought).not.toHaveProperty('balance');
    expect(context.server.user('alice').balance).toBe(93);
  });

  it('seed: purchase_product(credential, product, product_quantity=1, username=None)', async () => {
    const all = credential('id balance transact inventory');

    expect(await gloebit.purchaseProduct(all, { product: 'sword' })).toEqual({
      id: expect.any(String),
      balance: 90,
      count: 1,
      resubmitted: false,
    });
    const bought = await gloebit.purchaseProduct(all, { product: 'sword', quantity: 2, username: 'Al' });
    expect(bought).toMatchObject({ balance: 70, count: 3 });
    expect(JSON.parse(context.server.http.lastRequest.body)).toEqual({
      version: 1,
      id: bought.id,
      'request-created': Math.floor(context.clock.now() / 1_000),
      product: 'sword',
      'product-quantity': 2,
      'gloebit-recipient-user-name': null,
      'consumer-key': GloebitServer.CLIENT.clientKey,
      'merchant-user-id': 'Al',
    });
  });

  it('seed: purchase_product: "Can be invoked only if \'transact\' is in your merchant scope"', async () => {
    const purchase = gloebit.purchaseProduct(credential('id balance inventory'), { product: 'sword' });

    await expect(purchase).rejects.toBeInstanceOf(GloebitScopeError);
    expect(context.server.http.requests).toEqual([]);
  });

  it('seed: purchase_product: "Also requires sufficient user balance"', async () => {
    context.server.user('alice').balance = 9;

    const purchase = gloebit.purchaseProduct(credential('id transact'), { product: 'sword' });

    await expect(purchase).rejects.toBeInstanceOf(GloebitTransactFailureError);
    expect(context.server.user('alice').balance).toBe(9);
    expect(context.server.user('alice').products.get('sword')).toBeUndefined();
  });

  it('seed: purchase_product: "A username is required if \'id\' is not in your merchant scope"', async () => {
    const purchase = gloebit.purchaseProduct(credential('transact'), { product: 'sword' });

    await expect(purchase).rejects.toBeInstanceOf(GloebitUserNameRequiredError);
    expect(context.server.http.requests).toEqual([]);
    await gloebit.purchaseProduct(credential('transact'), { product: 'sword', username: 'Alice A.' });
    expect(JSON.parse(context.server.http.lastRequest.body)).toMatchObject({
      'merchant-user-id': 'Alice A.',
    });
  });

  it('seed: purchase_product: "The balance will be None if your merchant scope does not include \'balance\'"', async () => {
    const bought = await gloebit.purchaseProduct(credential('id transact inventory'), { product: 'sword' });

    expect(bought).not.toHaveProperty('balance');
    expect(bought).toMatchObject({ count: 1 });
    expect(context.server.user('alice').balance).toBe(90);
  });

  it('seed: purchase_product: "The count will be None if your merchant scope does non include \'inventory\'"', async () => {
    const bought = await gloebit.purchaseProduct(credential('id balance transact'), { product: 'sword' });

    expect(bought).toMatchObject({ balance: 90 });
    expect(bought).not.toHaveProperty('count');
  });

  it('seed: consume_product(credential, product, product_quantity=1)', async () => {
    context.server.user('alice').products.set('sword', 5);

    expect(await gloebit.consumeProduct(credential('inventory'), { product: 'sword' })).toBe(4);
    expect(await gloebit.consumeProduct(credential('inventory'), { product: 'sword', quantity: 3 })).toBe(1);
    expect(context.server.http.lastRequest).toMatchObject({
      method: 'POST',
      path: '/consume-user-product/sword/3/',
      body: '{}',
    });
  });

  it('seed: consume_product: "User\'s inventory must contain at least as many as the quantity"', async () => {
    context.server.user('alice').products.set('sword', 1);

    const consumption = gloebit.consumeProduct(credential('inventory'), { product: 'sword', quantity: 2 });

    await expect(consumption).rejects.toBeInstanceOf(GloebitProductsAccessError);
    await expect(consumption).rejects.toMatchObject({ remoteMessage: "user doesn't have enough" });
    expect(context.server.user('alice').products.get('sword')).toBe(1);
  });

  it("seed: consume_product without 'inventory' in the scope is refused, as the original module does", async () => {
    const consumption = gloebit.consumeProduct(credential('id transact'), { product: 'sword' });

    await expect(consumption).rejects.toBeInstanceOf(GloebitScopeError);
    expect(context.server.http.requests).toEqual([]);
  });

  it('seed: the example application keeps the credential of its user and spends with it', async () => {
    const { url, setCookie } = await gloebit.authorizationUrl({ user: 'alice' });
    const back = await context.server.authorize(url, 'Alice');
    const callback = await gloebit.verifyCallback(queryOf(back), {
      user: 'alice',
      cookies: cookieOf(setCookie),
    });

    expect(await gloebit.link(callback)).toMatchObject({ userId: 'alice', provider: 'gloebit' });

    await gloebit.purchaseProduct('alice', { product: 'sword' });
    expect(await gloebit.consumeProduct('alice', { product: 'sword' })).toBe(0);
    expect(await gloebit.balance('alice')).toBe(90);
    expect(await context.app.get(AccountLinks).unlink('alice', 'gloebit')).toBe(true);
  });
});
