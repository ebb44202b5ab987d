import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { GamificationOptions, type MechanicsDefinition, Players, Shop, Wallets } from 'nestjs-gamification';
import { ServerKeys } from 'nestjs-gamification-server';
import { GloebitGrants } from '../../libs/gamification-server/src/gloebit/gloebit-grants.js';
import { TransactionLog } from '../../libs/gamification-server/src/gloebit/transaction-log.js';
import { Transactions } from '../../libs/gamification-server/src/gloebit/transactions.js';
import { TestClock } from '../support/application.js';
import { serveProtocols } from '../support/server-application.js';
import { memory, storages, type TestStorage } from '../support/storages.js';

const mechanics: MechanicsDefinition = { products: { sword: { name: 'Sword', price: 10 } } };
const SCOPES = ['id', 'balance', 'inventory', 'transact', 'character'];

/** An application that Gloebit asks, and what it answers. */
class Application {
  readonly asked: string[] = [];
  enact = '[true]';
  /** What it says of an address of its own, where that is another thing. */
  readonly decisions = new Map<string, string>();
  /** Whether it never answers. */
  hangs = false;
  /** What it answers with. */
  status = 200;
  private readonly server: Server = createServer((request, response) => {
    this.asked.push(request.url ?? '');
    response.statusCode = this.status;
    if (!this.hangs) response.end(this.answerTo(request.url ?? ''));
  });
  origin = '';

  private answerTo(path: string): string {
    return path.startsWith('/enact') ? (this.decisions.get(path) ?? this.enact) : '[true]';
  }

  async open(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await new Promise((resolve) => this.server.once('listening', resolve));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What is asked next. */
  next(): Promise<unknown> {
    return new Promise((resolve) => this.server.once('request', resolve));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  callbacks(origin = this.origin) {
    return {
      'asset-enact-hold-url': `${origin}/enact`,
      'asset-consume-hold-url': `${origin}/consume`,
      'asset-cancel-hold-url': `${origin}/cancel`,
    };
  }
}

describe.each(storages)("Gloebit's transactions, served from $name", (kind) => {
  let storage: TestStorage;
  let clock: TestClock;
  let app: INestApplication;
  let url: string;
  let application: Application;
  let clientId: string;
  let token: string;

  beforeEach(async () => {
    storage = await kind.create();
    clock = new TestClock();
    ({ app, url } = await serveProtocols({ storage: { url: storage.url }, mechanics }, { clock }));
    ({ application, clientId } = await newApplication());
    token = await tokenOf('ada');
    for (const userId of ['ada', 'eve'])
      await app.get(Wallets).createEntry({ userId, amount: 100, reason: 'test' });
  });

  afterEach(async () => {
    await app.close();
    application.close();
    await storage.remove();
  });

  async function newApplication() {
    const made = new Application();
    await made.open();
    const { key } = await app.get(ServerKeys).create('gloebit', { redirectUris: [`${made.origin}/back`] });
    return { application: made, clientId: key.id };
  }

  const tokenOf = (userId: string, id = clientId) =>
    app.get(GloebitGrants).issueToken({ clientId: id, userId, scopes: SCOPES });

  async function call(path: string, body: object, as = token) {
    const response = await fetch(`${url}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return JSON.parse(await response.text());
  }

  const transact = (what: object, as = token, id = clientId) =>
    call('transact', { version: 1, 'application-key': id, ...what }, as);
  const balance = (userId = 'ada') => app.get(Shop).balance(userId);
  const hat = (id: string, price = 10) => ({ id, 'asset-code': 'hat', 'gloebit-balance-change': price });

  async function passMinutes(minutes: number): Promise<void> {
    clock.advance(minutes * 60_000);
    await app.get(Transactions).doDue();
  }

  /** Buys what its application does not decide about yet, once asked. */
  async function hold(what: object): Promise<void> {
    application.enact = '[false,"pending"]';
    expect(await transact({ ...what, ...application.callbacks() })).toMatchObject({ success: true });
    await app.get(Transactions).doDue();
  }

  /** Ends a purchase where a process can end: it is paid, and nobody has noted it down. */
  async function buyWithoutAnswer(what: object): Promise<void> {
    jest.spyOn(app.get(TransactionLog), 'settle').mockRejectedValueOnce(new Error('the end of a process'));
    expect(await transact(what)).toEqual({ success: false, reason: 'pending', status: 'queued' });
  }

  const itWhereShared = kind === memory ? it.skip : it;

  it('stays whose and for what it was first, also where that was refused', async () => {
    const poor = { success: false, reason: 'insufficient balance', status: 'queued' };
    expect(await transact(hat('t', 1_000))).toEqual(poor);
    expect(await transact(hat('t', 5), await tokenOf('eve'))).toEqual({
      success: false,
      reason: 'transaction already created',
      status: 'failed',
    });
    expect(await transact(hat('t', 5))).toEqual(poor);
    expect([await balance(), await balance('eve')]).toEqual([100, 100]);
  });

  it('is finished where its call ended in the middle, and paid once', async () => {
    const what = { ...hat('t'), ...application.callbacks() };
    await buyWithoutAnswer(what);
    expect([await balance(), application.asked]).toEqual([90, []]);
    await passMinutes(1);
    expect([await balance(), application.asked]).toEqual([90, ['/enact', '/consume']]);
    expect(await transact(what)).toMatchObject({ success: true, reason: 'resubmitted', id: 't' });
    expect(await balance()).toBe(90);
  });

  it('is paid once, also where the application writes as another authority when it is finished', async () => {
    await buyWithoutAnswer(hat('t'));
    jest.replaceProperty(app.get(GamificationOptions), 'authorityId', 'another');
    await passMinutes(1);
    expect(await transact(hat('t'))).toMatchObject({ success: true, reason: 'resubmitted' });
    expect(await balance()).toBe(90);
  });

  it('is told as pending, and not as failed, where it is not known what comes of it', async () => {
    jest.spyOn(app.get(Shop), 'purchaseProduct').mockRejectedValueOnce(new Error('out of order'));
    const what = { id: 't', product: 'sword' };
    expect(await transact(what)).toEqual({ success: false, reason: 'pending', status: 'queued' });
    // Whoever comes again goes on with it at once.
    expect(await transact(what)).toMatchObject({ success: true, reason: 'success', 'product-count': 1 });
    expect(await transact(what)).toMatchObject({ success: true, reason: 'resubmitted' });
    expect(await balance()).toBe(90);
  });

  it('is not paid by who comes while another is at it', async () => {
    const shop = app.get(Shop);
    const pay = shop.purchaseProduct.bind(shop);
    const what = { id: 't', product: 'sword' };
    const during: unknown[] = [];
    jest.spyOn(shop, 'purchaseProduct').mockImplementationOnce(async (purchase) => {
      during.push(await transact(what));
      return pay(purchase);
    });
    expect(await transact(what)).toMatchObject({ success: true, reason: 'success' });
    expect(during).toEqual([{ success: false, reason: 'pending', status: 'queued' }]);
    expect(await balance()).toBe(90);
  });

  it('is found right each time before it is paid', async () => {
    const what = { id: 't', product: 'sword', 'character-id': 'none' };
    const unknown = { success: false, reason: 'unknown character', status: 'queued' };
    for (const answer of await Promise.all([1, 2, 3].map(() => transact(what))))
      expect(answer).toEqual(unknown);
    expect(await transact(what)).toEqual(unknown);
    await passMinutes(5);
    expect([await balance(), await app.get(Shop).products('ada')]).toEqual([100, []]);
  });

  it('is not begun with what was found right about something else', async () => {
    const log = app.get(TransactionLog);
    const grant = { clientId, userId: 'ada', scopes: SCOPES };
    const request = (product: string) => ({
      id: 't',
      application: clientId,
      what: { product, quantity: 1 },
      callbacks: undefined,
    });
    // Of two calls with one id at once, the other's was refused just after this one was found right.
    expect(await log.begin(grant, request('shield'), 'refused')).toMatchObject({ isOurs: false });
    expect(await log.begin(grant, request('sword'), 'new')).toMatchObject({
      isOurs: false,
      kept: { state: 'refused', what: { product: 'shield' } },
    });
    expect(await log.begin(grant, request('shield'), 'new')).toMatchObject({ isOurs: true });
  });

  it.each([
    { id: 't', product: 'sword' },
    { id: 't', product: 'sword', 'character-id': 'none' },
  ])('is told as what another call has just had refused under its id: %j', async (what) => {
    const log = app.get(TransactionLog);
    const begin = log.begin.bind(log);
    jest.spyOn(log, 'begin').mockImplementationOnce(async (...transaction) => {
      expect(await transact({ id: 't', product: 'shield' })).toMatchObject({ reason: 'unknown product' });
      return begin(...transaction);
    });
    const refused = { success: false, reason: 'unknown product', status: 'queued' };
    expect(await transact(what)).toEqual(refused);
    expect(await balance()).toBe(100);
  });

  it('is told as pending where it was begun, and nobody knows', async () => {
    const log = app.get(TransactionLog);
    const begin = log.begin.bind(log);
    jest.spyOn(log, 'begin').mockImplementationOnce(async (...transaction) => {
      await begin(...transaction);
      throw new Error('the connection is lost');
    });
    const pending = { success: false, reason: 'pending', status: 'queued' };
    expect(await transact({ id: 't', product: 'sword' })).toEqual(pending);
    for (const spy of [jest.spyOn(log, 'find'), jest.spyOn(app.get(GloebitGrants), 'grantOf')]) {
      spy.mockRejectedValueOnce(new Error('the connection is lost'));
      expect(await transact({ id: 't', product: 'sword' })).toEqual(pending);
    }
    // Nor that its callbacks are not allowed, as those of the first call count.
    const elsewhere = application.callbacks('http://127.0.0.1:1');
    expect(await transact({ id: 't', product: 'sword', ...elsewhere })).toEqual(pending);
    await passMinutes(2);
    expect(await balance()).toBe(90);
  });

  it('is told as refused by nobody whose it is no longer', async () => {
    const log = app.get(TransactionLog);
    const refuse = log.refuse.bind(log);
    const what = hat('t', 500);
    jest.spyOn(log, 'refuse').mockImplementationOnce(async (kept) => {
      await app.get(Wallets).createEntry({ userId: 'ada', amount: 1_000, reason: 'top-up' });
      await passMinutes(2);
      return refuse(kept);
    });
    expect(await transact(what)).toMatchObject({ success: true, id: 't' });
    expect(await balance()).toBe(600);
  });

  it('costs nothing where its character is gone when it is paid', async () => {
    const { character } = await call('create-character', { name: 'Bold' });
    jest.spyOn(app.get(Shop), 'purchaseProduct').mockRejectedValueOnce(new Error('out of order'));
    const what = { id: 't', product: 'sword', 'character-id': character.id };
    expect(await transact(what)).toMatchObject({ reason: 'pending' });
    await call('delete-character', { id: character.id });
    await passMinutes(2);
    expect(await transact(what)).toEqual({ success: false, reason: 'unknown character', status: 'queued' });
    expect(await balance()).toBe(100);
  });

  it.each([
    ['what the application sells', hat('t')],
    ['a product', { id: 't', product: 'sword' }],
  ])('gives nothing back to a user who was erased: %s', async (_, what) => {
    await hold(what);
    await app.get(Players).erase('ada');
    application.enact = '[false,"no"]';
    await passMinutes(2);
    expect([await balance(), application.asked.at(-1)]).toEqual([0, '/cancel']);
  });

  it('gives back once, and not again each time that its application is not reached', async () => {
    await hold(hat('t'));
    application.enact = '[false,"no"]';
    const decided = application.next().then(() => {
      application.status = 503;
    });
    clock.advance(60_000);
    await Promise.all([decided, app.get(Transactions).doDue()]);
    expect(await balance()).toBe(100);
    await app.get(Players).erase('ada');
    application.status = 200;
    await passMinutes(1);
    expect([await balance(), application.asked.at(-1)]).toEqual([0, '/cancel']);
  });

  it('calls the addresses of the time when it was paid', async () => {
    const poor = { id: 't', 'asset-code': 'hat', 'gloebit-balance-change': 500 };
    expect(await transact(poor)).toMatchObject({ reason: 'insufficient balance' });
    await app.get(Wallets).createEntry({ userId: 'ada', amount: 1_000, reason: 'top-up' });
    expect(await transact({ ...poor, ...application.callbacks() })).toMatchObject({ success: true });
    await app.get(Transactions).doDue();
    expect(application.asked).toEqual(['/enact', '/consume']);
  });

  it('is taken back where its application has not decided for three days', async () => {
    await hold(hat('t'));
    for (let tries = 1; tries < 80; tries++) await passMinutes(60);
    expect([await balance(), application.asked.at(-1)]).toEqual([100, '/cancel']);
    expect(application.asked.filter((path) => path === '/enact')).toHaveLength(80);
  });

  it('is told to an application that is away for three days, and no longer', async () => {
    await hold(hat('t'));
    application.enact = '[true]';
    const decided = application.next().then(() => {
      application.status = 503;
    });
    clock.advance(60_000);
    await Promise.all([decided, app.get(Transactions).doDue()]);
    for (let tries = 1; tries < 85; tries++) await passMinutes(60);
    expect(application.asked.filter((path) => path === '/consume')).toHaveLength(80);
    expect([await balance(), (await transact(hat('t'))).reason]).toEqual([90, 'resubmitted']);
  });

  itWhereShared('is not decided by the end of a server', async () => {
    await hold(hat('t'));
    for (let tries = 1; tries < 79; tries++) await passMinutes(60);
    application.hangs = true;
    const asked = application.next();
    clock.advance(60 * 60_000);
    const done = app.get(Transactions).doDue();
    await asked;
    await app.close();
    await done;
    application.hangs = false;
    application.enact = '[true]';
    ({ app, url } = await serveProtocols({ storage: { url: storage.url }, mechanics }, { clock }));
    await passMinutes(2);
    expect([await balance(), application.asked.at(-1)]).toEqual([90, '/consume']);
  });

  itWhereShared('gives back what was paid, whatever it costs by now', async () => {
    const costing = async (price: number) => {
      await app.close();
      const products = { sword: { name: 'Sword', price, limit: 1 } };
      ({ app, url } = await serveProtocols(
        { storage: { url: storage.url }, mechanics: { products } },
        { clock },
      ));
    };
    await costing(1_000);
    const what = { id: 't', product: 'sword' };
    const urls = application.callbacks();
    expect(await transact({ ...what, ...urls })).toMatchObject({ reason: 'insufficient balance' });
    await costing(10);
    await hold(what);
    expect(await balance()).toBe(90);
    await costing(50);
    application.enact = '[false,"no"]';
    await passMinutes(2);
    expect([await balance(), application.asked.at(-1)]).toEqual([100, '/cancel']);
    // Nor does it count any more towards the limit.
    expect(await transact({ id: 'u', product: 'sword' })).toMatchObject({ success: true, balance: 50 });
  });

  it('takes back what is left of it', async () => {
    await hold({ id: 't', product: 'sword', 'product-quantity': 5 });
    await call('consume-user-product/sword/1', {});
    application.enact = '[false,"no"]';
    await passMinutes(2);
    expect([await balance(), await app.get(Shop).products('ada')]).toEqual([90, []]);
  });

  it('takes back what a character had that is no more', async () => {
    const { character } = await call('create-character', { name: 'Bold' });
    await hold({ id: 't', product: 'sword', 'character-id': character.id });
    await call('delete-character', { id: character.id });
    application.enact = '[false,"no"]';
    await passMinutes(2);
    expect(await balance()).toBe(100);
  });

  it.each([
    ['consume', '[true]'],
    ['cancel', '[false,"no"]'],
  ])('is told until it is heard: %s', async (end, enact) => {
    await hold(hat('t'));
    application.enact = enact;
    const asked = application.next();
    // The application says what it wants, and is away when it is told.
    const away = asked.then(() => {
      application.status = 503;
    });
    clock.advance(60_000);
    const done = app.get(Transactions).doDue();
    await away;
    await done;
    application.status = 200;
    const told = () => application.asked.filter((path) => path === `/${end}`).length;
    const before = told();
    await passMinutes(1);
    await passMinutes(1);
    await passMinutes(60);
    expect(told()).toBe(before + 1);
    expect(await balance()).toBe(end === 'cancel' ? 100 : 90);
  });

  it('is taken back, and nobody is asked, where the key of its application was revoked', async () => {
    await hold(hat('t'));
    await app.get(ServerKeys).revoke(clientId);
    await passMinutes(60);
    expect([await balance(), application.asked]).toEqual([100, ['/enact']]);
  });

  it('stays canceled once its application has said so, whatever it says later', async () => {
    await hold(hat('t'));
    application.enact = '[false,"sold out"]';
    jest.spyOn(app.get(Wallets), 'createEntry').mockRejectedValueOnce(new Error('out of order'));
    await passMinutes(1);
    expect([await balance(), application.asked]).toEqual([90, ['/enact', '/enact']]);
    application.enact = '[true]';
    await passMinutes(1);
    expect([await balance(), application.asked]).toEqual([100, ['/enact', '/enact', '/cancel']]);
    expect(await transact(hat('t'))).toEqual({ success: false, reason: 'canceled', status: 'failed' });
    await passMinutes(60);
    expect([await balance(), application.asked.length]).toEqual([100, 3]);
  });

  it('waits for no other application, nor does the end of the server', async () => {
    const slow = await newApplication();
    slow.application.hangs = true;
    const slowToken = await tokenOf('ada', slow.clientId);
    const hung = slow.application.next();
    await transact({ ...hat('s'), ...slow.application.callbacks() }, slowToken, slow.clientId);
    await hung;
    const asked = application.next();
    await transact({ ...hat('t'), ...application.callbacks() });
    await asked;
    await app.close();
    expect(slow.application.asked).toEqual(['/enact']);
    slow.application.close();
  });

  itWhereShared(
    'is made once, and ends one way, also with two servers at it',
    async () => {
      const other = await serveProtocols({ storage: { url: storage.url }, mechanics }, { clock });
      try {
        const { character } = await call('create-character', { name: 'Bold' });
        const ids = Array.from({ length: 12 }, (_, index) => `t-${index}`);
        const buy = async (id: string, index: number, base: string) => {
          const what = [
            hat(id),
            { id, product: 'sword' },
            { id, product: 'sword', 'character-id': character.id },
          ][index % 3];
          const urls = Object.entries(application.callbacks()).map(([name, at]) => [name, `${at}?${id}`]);
          const response = await fetch(`${base}/transact`, {
            method: 'POST',
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            body: JSON.stringify({
              version: 1,
              'application-key': clientId,
              ...what,
              ...Object.fromEntries(urls),
            }),
          });
          return JSON.parse(await response.text()).success;
        };
        // Ten can be paid, of which some are enacted and some are not, while both are at it.
        application.enact = '[false,"pending"]';
        const bought = await Promise.all(
          ids.flatMap((id, index) => [url, other.url, url].map((base) => buy(id, index, base))),
        );
        expect(bought.filter((success) => success).length).toBeGreaterThanOrEqual(10);
        for (const [index, id] of ids.entries())
          application.decisions.set(`/enact?${id}`, index % 2 === 0 ? '[true]' : '[false,"no"]');
        for (let minute = 0; minute < 3; minute++) {
          clock.advance(120_000);
          await Promise.all([app, other.app].map((each) => each.get(Transactions).doDue()));
          await Promise.all(ids.map((id, index) => buy(id, index, minute === 1 ? url : other.url)));
        }
        await passMinutes(2);
        // Who is asked may be asked again, but what ended one way does not end the other way, too.
        const ended = (name: string) => [
          ...new Set(
            application.asked.flatMap((each) =>
              each.startsWith(`/${name}?`) ? [each.split('?')[1] ?? ''] : [],
            ),
          ),
        ];
        const [consumed, canceled] = [ended('consume'), ended('cancel')];
        expect([consumed.length, canceled.length].every((length) => length > 0)).toBe(true);
        expect(consumed.filter((id) => canceled.includes(id))).toEqual([]);
        expect(await balance()).toBe(100 - 10 * consumed.length);
        const { products } = await call('get-user-products', {});
        const { products: hers } = await call(`get-character-products/${character.id}`, {});
        const hats = consumed.filter((each) => Number(each.split('-').at(-1)) % 3 === 0).length;
        expect((products.sword ?? 0) + (hers.sword ?? 0)).toBe(consumed.length - hats);
      } finally {
        await other.app.close();
      }
    },
    60_000,
  );

  it('is refused with odd names, prices and addresses', async () => {
    const odd = { toString: 1, valueOf: null };
    const withPassword = application.origin.replace('http://', 'http://ada:secret@');
    for (const [what, reason] of [
      [{ product: '\ud800' }, 'invalid product'],
      [{ product: odd }, 'invalid product'],
      [{ product: 'sword', 'product-quantity': odd }, 'invalid product-quantity'],
      [{ product: 'sword', 'character-id': odd }, 'invalid character-id'],
      [{ ...hat('t'), 'asset-code': 'a\0b' }, 'invalid asset-code'],
      [{ ...hat('t'), 'gloebit-balance-change': odd }, 'invalid gloebit-balance-change'],
      [{ ...hat('t'), id: odd }, 'invalid transaction id'],
      [{ ...hat('t'), version: odd }, 'unknown version'],
      [{ ...hat('t'), 'application-key': odd }, 'unknown consumer'],
      [{ ...hat('t'), ...application.callbacks(withPassword) }, 'callback url is not allowed'],
      [{ ...hat('t'), ...application.callbacks('app://game') }, 'callback url is not allowed'],
    ] as const) {
      expect(await transact(what)).toEqual({ success: false, reason });
    }
    expect(await balance()).toBe(100);
  });
});
