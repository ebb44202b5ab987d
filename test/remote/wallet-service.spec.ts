import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  EntryNotFoundError,
  GamificationModule,
  type GamificationModuleOptions,
  GamificationOptionsError,
  InvalidQueryError,
  InvalidRemoteResponseError,
  InvalidRequestError,
  ItemAlreadyUsedError,
  type NewWalletServiceEntry,
  NotConfiguredError,
  NotEnoughFundsError,
  NotSupportedByWalletServiceError,
  RemoteRefusalError,
  RemoteUnavailableError,
  WalletServiceClient,
  WalletServiceConfigError,
  WalletServiceError,
  WalletServiceForbiddenError,
  WalletServiceFundsError,
  WalletServiceRequestError,
  Wallets,
} from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { failureOf } from '../support/failure-of.js';
import { type AuthorityFile, WalletServiceServer } from '../support/wallet-service-server.js';

const UNKNOWN_ID = '0123456789abcdef01234567';
const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';
const AUTHORITY_ID = 'a'.repeat(24);

/** Everything that runs, to be closed after each test. */
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(
  options: Parameters<typeof WalletServiceServer.start>[0] = {},
): Promise<WalletServiceServer> {
  const server = await WalletServiceServer.start(options);
  closing.push(() => server.close());
  return server;
}

async function connect(
  config: string | object,
  options: Parameters<typeof WalletServiceClient.fromConfig>[1] = {},
): Promise<WalletServiceClient> {
  const client = await WalletServiceClient.fromConfig(config, { maxRetries: 0, ...options });
  closing.push(() => client.close());
  return client;
}

async function open(wallet: NonNullable<GamificationModuleOptions['wallet']>): Promise<Wallets> {
  const app = await createContext({ storage: false, wallet: { maxRetries: 0, ...wallet } });
  closing.push(() => app.close());
  return app.get(Wallets);
}

/** A key as PEM without a newline at its end, as the service's administrator gives it out. */
function pem(namedCurve: string, type: 'sec1' | 'pkcs8' = 'sec1'): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });
  return privateKey.export({ type, format: 'pem' }).toString().trim();
}

const KEY = pem('P-256');
const CONFIG: AuthorityFile = {
  config_schema_version: '0.1.0',
  api_base_url: 'http://127.0.0.1:9',
  authority_id: AUTHORITY_ID,
  private_key: KEY,
};

describe('the authority client configuration', () => {
  it.each(['0.1.0', '0.1.9', '0.2.0', '0.10.3'])('may have the schema version %s', async (version) => {
    await expect(connect({ ...CONFIG, config_schema_version: version })).resolves.toBeDefined();
  });

  it.each([
    '0.0.9',
    '1.1.0',
    '1.0.0',
    '0.1',
    '0.1.0.0',
    '0.1.x',
    'v0.1.0',
    '0.-1.0',
    '',
    ' 0.1.0',
    1,
    0.1,
    null,
    {},
  ])('is refused with the schema version %p', async (version) => {
    await expect(connect({ ...CONFIG, config_schema_version: version })).rejects.toMatchObject({
      name: 'WalletServiceConfigError',
      code: 'WALLET_SERVICE_CONFIG_INVALID',
      problems: [
        expect.objectContaining({
          path: 'config_schema_version',
          allowed: expect.stringContaining('0.1.0'),
        }),
      ],
    });
  });

  it.each<[string, unknown]>([
    ['api_base_url', ''],
    ['api_base_url', 'wallet.example'],
    ['api_base_url', 'ftp://wallet.example'],
    ['api_base_url', 'http://user:hush-hush@wallet.example'],
    ['api_base_url', 7],
    ['authority_id', ''],
    ['authority_id', 'application'],
    ['authority_id', `${AUTHORITY_ID}0`],
    ['authority_id', 7],
    ['private_key', ''],
    ['private_key', 'hush-hush'],
    ['private_key', KEY.replace(/\n.{8}/, '\nAAAAAAAA')],
    ['private_key', pem('P-384')],
    ['private_key', pem('secp256k1')],
    ['private_key', 7],
    ['extra', 'hush-hush'],
  ])('is refused with a wrong %s', async (path, value) => {
    const failure = connect({ ...CONFIG, [path]: value });

    await expect(failure).rejects.toThrow(WalletServiceConfigError);
    await expect(failure).rejects.toMatchObject({ problems: [expect.objectContaining({ path })] });
    await expect(failure).rejects.not.toThrow(/hush/);
  });

  it('names all of its problems at once, and no key', async () => {
    const misplaced = {
      config_schema_version: '2.0.0',
      authority_id: KEY,
      x: KEY,
      private_key: KEY.slice(0, 50),
    };
    const failure = connect(misplaced);

    await expect(failure).rejects.toMatchObject({
      problems: expect.arrayContaining(
        ['config_schema_version', 'api_base_url', 'authority_id', 'private_key', 'x'].map((path) =>
          expect.objectContaining({ path }),
        ),
      ),
    });
    await expect(failure).rejects.toThrow(/config_schema_version is "2.0.0", allowed: three whole numbers/);
    await expect(failure).rejects.toThrow(/api_base_url is missing/);
    const lines = KEY.split('\n').filter((line) => !line.startsWith('-----'));
    for (const line of lines) await expect(failure).rejects.not.toThrow(line);
  });

  it.each([[[]], [null], [undefined], [7], [''], [JSON.stringify(CONFIG)], [KEY]])(
    'is refused when it is no object and no path: %#',
    async (config) => {
      const failure = connect(config as unknown as string);

      await expect(failure).rejects.toThrow(WalletServiceConfigError);
      await expect(failure).rejects.toThrow(
        /the path of an authority client configuration file, or an object/,
      );
      await expect(failure).rejects.not.toThrow(/BEGIN/);
    },
  );

  it('takes a key in PKCS#8 as well', async () => {
    await expect(connect({ ...CONFIG, private_key: pem('P-256', 'pkcs8') })).resolves.toBeDefined();
  });

  it.each(['', '/', '//'])('takes a base URL that ends with "%s"', async (end) => {
    const server = await start();
    const client = await connect({ ...server.addAuthority(), api_base_url: `${server.url}/prefix${end}` });

    await expect(client.getWallets()).rejects.toMatchObject({ status: 404 });
    expect(server.calls).toEqual(['GET /prefix/api/v1/wallet']);
  });

  it('refuses other options that are wrong', async () => {
    await expect(connect(CONFIG, { timeout: 0, proxy: 'user:hush-hush@h' })).rejects.toMatchObject({
      name: 'GamificationOptionsError',
      problems: [{ path: 'timeout' }, { path: 'proxy', got: 'a text' }].map((problem) =>
        expect.objectContaining(problem),
      ),
    });
  });

  describe('in a file', () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'wallet-service-'));
    });

    afterEach(() => rmSync(folder, { recursive: true }));

    const file = (content: string): string => {
      const path = join(folder, 'authority.json');
      writeFileSync(path, content);
      return path;
    };

    it('is read when the application starts', async () => {
      const server = await start();
      const wallets = await open({ config: file(JSON.stringify(server.addAuthority())) });

      await expect(wallets.createEntry({ userId: 'alice', amount: 1, reason: 'x' })).resolves.toBeDefined();
    });

    it('keeps the application from starting when it is wrong, and names the file', async () => {
      const path = file(JSON.stringify({ ...CONFIG, private_key: 'hush-hush' }));

      await expect(open({ config: path })).rejects.toMatchObject({ file: path });
      await expect(open({ config: path })).rejects.toThrow(
        /authority\.json": private_key is a text, allowed/,
      );
    });

    it.each([
      ['is not there', () => join(folder, 'none.json'), /none\.json": it is unreadable \(ENOENT\)/],
      ['is a folder', () => folder, /it is unreadable \(EISDIR\)/],
      ['is not JSON', () => file(`{ "private_key": "hush-hush" `), /it is not JSON/],
      ['is a list', () => file('[]'), /it is a list of 0, allowed: an object/],
      ['is null', () => file('null'), /it is null, allowed: an object/],
    ])('is refused when it %s', async (_, path, message) => {
      const failure = connect(path());

      await expect(failure).rejects.toThrow(WalletServiceConfigError);
      await expect(failure).rejects.toThrow(message);
      await expect(failure).rejects.not.toThrow(/hush/);
    });
  });
});

describe('the option `wallet`', () => {
  it.each([
    ['config', { config: '' }],
    ['config', {}],
    ['config', { config: [] }],
    ['config', { config: '{ "private_key": "hush-hush" }' }],
    ['idempotencyKeys', { config: CONFIG, idempotencyKeys: 'maybe' }],
    ['timeout', { config: CONFIG, timeout: -1 }],
  ])('stops the start with a wrong %s: %#', async (name, wallet) => {
    const failure = createContext({ storage: false, wallet: wallet as { config: string } });

    await expect(failure).rejects.toThrow(GamificationOptionsError);
    await expect(failure).rejects.toMatchObject({
      problems: [expect.objectContaining({ path: `wallet.${name}` })],
    });
    await expect(failure).rejects.not.toThrow(/hush/);
  });

  it('serves Wallets also where there is a storage, and gives the client', async () => {
    const server = await start();
    const config = server.addAuthority();
    const app = await createContext({ wallet: { config } });
    closing.push(() => app.close());

    await app.get(Wallets).createEntry({ userId: 'alice', amount: 5, reason: 'x' });

    await expect(app.get(WalletServiceClient).getWallets()).resolves.toEqual([{ userId: 'alice', total: 5 }]);
  });

  it('is asked for where its client is injected without it', async () => {
    @Injectable()
    class Till {
      constructor(readonly client: WalletServiceClient) {}
    }
    @Module({ imports: [GamificationModule.forRoot({})], providers: [Till] })
    class TillModule {}
    const module = await Test.createTestingModule({ imports: [TillModule] }).compile();
    closing.push(() => module.close());

    await expect(module.init()).rejects.toThrow(NotConfiguredError);
    await expect(module.init()).rejects.toThrow(/WalletServiceClient is injected into Till.*`wallet`/);
  });
});

describe('WalletServiceClient', () => {
  let server: WalletServiceServer;
  let config: AuthorityFile;
  let client: WalletServiceClient;

  beforeEach(async () => {
    server = await start();
    config = server.addAuthority();
    client = await connect(config);
  });

  const earn = (amount: number, more: Partial<NewWalletServiceEntry> = {}) =>
    client.createEntry({ userId: 'alice', amount, reason: 'test', ...more });

  const entryAnswer = (more: object = {}) => ({
    json: {
      entry: {
        entry_id: UNKNOWN_ID,
        authority_id: AUTHORITY_ID,
        user_id: 'alice',
        created_on: 1_573_000_000.123,
        amount: 1,
        reason: 'x',
        ...more,
      },
    },
  });

  describe('shows who it is', () => {
    it('with a bare token of ES256 that holds nothing but the authority', async () => {
      await client.getWallets();

      const [head, payload, signature, ...more] = String(server.lastRequest.headers.authorization)
        .split('.')
        .map((part) => Buffer.from(part, 'base64url'));
      expect(head?.toString()).toBe('{"alg":"ES256","typ":"JWT"}');
      expect(payload?.toString()).toBe(`{"sub":"${config.authority_id}"}`);
      expect(signature).toHaveLength(64);
      expect(more).toEqual([]);
    });

    it('with the same token in every call, and asks for nothing before a call', async () => {
      const { entryId } = await earn(1, { item: { name: 'x' } });
      await client.getWallets();
      await client.getInventory();
      await client.useItem(entryId);
      await client.checkHealth();

      expect(server.calls).toEqual([
        'POST /api/v1/entry',
        'GET /api/v1/wallet',
        'GET /api/v1/entry/inventory',
        `GET /api/v1/entry/inventory?entry_ids=${entryId}`,
        `POST /api/v1/entry/${entryId}/inventory/use`,
        'GET /api/v1/health',
      ]);
      const tokens = server.requests.map(({ headers }) => headers.authorization);
      expect(new Set(tokens).size).toBe(1);
    });

    it.each([
      [401, 'authorization data required'],
      [403, 'forbidden'],
    ])('and is told when that is not enough: HTTP %d', async (status, error) => {
      server.answer({ status, json: { error } });
      const refusal = client.getWallets();

      await expect(refusal).rejects.toThrow(WalletServiceForbiddenError);
      await expect(refusal).rejects.toThrow(`wallet.getWallets: it answered HTTP ${status}: ${error}`);
      await expect(refusal).rejects.toMatchObject({
        code: 'WALLET_SERVICE_FORBIDDEN',
        system: 'wallet',
        operation: 'getWallets',
        status,
        remoteCode: undefined,
        remoteMessage: error,
        body: { error },
      });
    });

    it('but not in an error, though the service repeats the token', async () => {
      await client.getWallets();
      const token = String(server.lastRequest.headers.authorization);
      const details = [{ message: `who is ${token}?`, path: ['user_id'], type: 'x' }];
      server.answer(
        { status: 403, json: { error: `unknown: ${token}` } },
        { status: 400, json: { error: { details } } },
      );

      const refusals = [await failureOf(client.getWallets()), await failureOf(earn(1))];

      for (const refusal of refusals) {
        expect(`${refusal} ${JSON.stringify(refusal)}`).toContain('[secret]');
        expect(`${refusal} ${JSON.stringify(refusal)}`).not.toContain(token);
      }
    });

    it('nor a part of the token where the text is too long to be kept whole', async () => {
      await client.getWallets();
      const token = String(server.lastRequest.headers.authorization);

      for (const length of [90, 190, 290, 490, 990]) {
        const long = 'x'.repeat(length) + token;
        const details = [{ message: long, path: [long], type: long }];
        server.answer({ status: 409, json: { error: long } }, { status: 400, json: { error: { details } } });

        for (const refusal of [await failureOf(client.getWallets()), await failureOf(earn(1))]) {
          expect(`${refusal} ${JSON.stringify(refusal)}`).not.toContain(token.slice(0, 8));
        }
      }
    });

    it('nor in the places and rules that a refusal names', async () => {
      await client.getWallets();
      const token = String(server.lastRequest.headers.authorization);
      const details = [{ message: 'no', path: [token], type: token }];
      server.answer({ status: 400, json: { error: { details } } });

      await expect(earn(1)).rejects.toMatchObject({
        problems: [{ path: '[secret]', type: '[secret]', message: 'no' }],
      });
    });
  });

  describe('createEntry', () => {
    it('sends what it was given, and `item` only with an item', async () => {
      await earn(-0);
      await earn(5, { item: null });
      await earn(5, { item: { name: 'Mug', data: null } });
      await earn(5, { item: { name: 'Mug', data: { when: new Date(0), deep: { constructor: 'c' } } } });

      expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
        { user_id: 'alice', amount: 0, reason: 'test' },
        { user_id: 'alice', amount: 5, reason: 'test' },
        { user_id: 'alice', amount: 5, reason: 'test', item: { name: 'Mug' } },
        {
          user_id: 'alice',
          amount: 5,
          reason: 'test',
          item: {
            name: 'Mug',
            data: { when: '1970-01-01T00:00:00.000Z', deep: { constructor: 'c' } },
          },
        },
      ]);
      expect(server.lastRequest.headers['content-type']).toBe('application/json');
    });

    it.each<[string, unknown]>([
      ['userId', { userId: '' }],
      ['userId', { userId: 7 }],
      ['amount', { amount: 0.5 }],
      ['amount', { amount: '5' }],
      ['amount', { amount: 2 ** 53 }],
      ['reason', { reason: '' }],
      ['reason', { reason: null }],
      ['item', { item: 'Mug' }],
      ['item', { item: [] }],
      ['item.name', { item: { name: '' } }],
      ['item.name', { item: {} }],
      ['item.data', { item: { name: 'x', data: 'text' } }],
      ['item.data', { item: { name: 'x', data: [1] } }],
      ['item.data', { item: { name: 'x', data: 1n } }],
      ['item.data', { item: { name: 'x', data: circular() } }],
      ['item.used', { item: { name: 'x', used: true } }],
      ['user_id', { user_id: 'x' }],
      ['it', { item: { name: 'x', data: { text: 'x'.repeat(100 * 1024) } } }],
    ])('refuses a wrong %s, and sends nothing: %#', async (path, wrong) => {
      const refusal = earn(1, wrong as Partial<NewWalletServiceEntry>);

      await expect(refusal).rejects.toThrow(InvalidRequestError);
      await expect(refusal).rejects.toMatchObject({ problems: [expect.objectContaining({ path })] });
      expect(server.requests).toEqual([]);
    });

    it.each([undefined, null, 'alice', [], 7])('refuses %p for an entry', async (given) => {
      await expect(client.createEntry(given as unknown as NewWalletServiceEntry)).rejects.toThrow(
        InvalidRequestError,
      );
    });

    it.each([
      ['with a fraction', 1_573_000_000.123, 1_573_000_000_123],
      ['without', 1_573_000_000, 1_573_000_000_000],
      ['where their product is not exact', 1.001, 1_001],
    ])('reads created_on in seconds %s', async (_, created_on, time) => {
      server.answer(entryAnswer({ created_on }));

      await expect(earn(1)).resolves.toMatchObject({ createdOn: new Date(time) });
    });

    it.each([
      [{ item: null }, undefined],
      [{ item: { name: 'x', used: false, data: null } }, { name: 'x', used: false }],
      [{ item: { name: 'x', used: true, data: 'text' } }, { name: 'x', used: true, data: 'text' }],
      [{ item: { name: 'x', used: true, data: 0 } }, { name: 'x', used: true, data: 0 }],
      [
        { item: { name: 'x', used: true, data: { deep: { constructor: 'c' } }, colour: 1 }, more: 1 },
        { name: 'x', used: true, data: { deep: { constructor: 'c' } } },
      ],
    ])('reads an item, and takes what it does not know: %j', async (answer, item) => {
      server.answer(entryAnswer(answer));

      expect((await earn(1)).item).toEqual(item);
    });

    it.each<[object | string, string]>([
      [{ entry_id: 7 }, 'entry_id is 7'],
      [{ entry_id: undefined }, 'entry_id is missing'],
      [{ authority_id: null }, 'authority_id is null'],
      [{ user_id: {} }, 'user_id is an object'],
      [{ created_on: '2019-11-06' }, 'created_on is "2019-11-06"'],
      [{ created_on: 1e13 }, 'created_on is 10000000000000'],
      [{ amount: 1.5 }, 'amount is 1.5'],
      [{ amount: 2 ** 53 }, 'amount is 9007199254740992'],
      [{ reason: [] }, 'reason is a list of 0'],
      [{ item: 'x' }, 'item is "x"'],
      [{ item: [] }, 'item is a list of 0'],
      [{ item: { name: 'x' } }, 'item.used is missing'],
      [{ item: { used: true } }, 'item.name is missing'],
    ])('refuses an answer that is not as the protocol says: %j', async (wrong, message) => {
      server.answer(entryAnswer(wrong as object));
      const failure = earn(1);

      await expect(failure).rejects.toThrow(InvalidRemoteResponseError);
      await expect(failure).rejects.toThrow(`wallet.createEntry: in the answer, ${message}`);
    });

    it.each([
      [{ json: {} }],
      [{ json: [] }],
      [{ json: null }],
      [{ json: { entry: [] } }],
      [{ body: '<html>' }],
      [{ body: '' }],
    ])('refuses an answer without an entry: %j', async (answer) => {
      server.answer(answer);

      await expect(earn(1)).rejects.toThrow(InvalidRemoteResponseError);
    });

    it.each([
      ['any.required', 'user_id', '"user_id" is required'],
      ['object.unknown', 'item.used', '"item.used" is not allowed'],
      ['object.base', 'item.data', '"item.data" must be of type object'],
      ['string.empty', 'reason', '"reason" is not allowed to be empty'],
      ['number.unsafe', 'amount', '"amount" must be a safe number'],
    ])('tells what the service finds wrong, an error that is an object: %s', async (type, path, message) => {
      const details = [{ message, path: path.split('.'), type, context: {} }];
      server.answer({ status: 400, json: { error: { _original: { x: 'y'.repeat(5_000) }, details } } });
      const refusal = earn(1);

      await expect(refusal).rejects.toThrow(WalletServiceRequestError);
      await expect(refusal).rejects.toThrow(`wallet.createEntry: it answered HTTP 400: ${message}`);
      await expect(refusal).rejects.toMatchObject({
        remoteCode: type,
        remoteMessage: message,
        problems: [{ path, type, message }],
      });
    });

    it('keeps a refusal short, however much it says', async () => {
      const long = 'x'.repeat(100_000);
      const details = Array.from({ length: 10_000 }, () => ({
        message: long.slice(0, 900),
        path: [],
        type: 'a',
      }));
      server.answer(
        { status: 400, json: { error: long } },
        { status: 400, json: { error: { details: [{ message: long, path: [long, long], type: long }] } } },
        { status: 400, json: { error: { details } } },
      );
      for (let n = 0; n < 3; n++) {
        const error = (await failureOf(earn(1))) as WalletServiceRequestError;
        expect(error).toBeInstanceOf(WalletServiceRequestError);
        expect(error.message.length).toBeLessThan(600);
        expect(error.problems.length).toBeLessThanOrEqual(20);
        expect(JSON.stringify(error).length).toBeLessThan(30_000);
      }
    });

    it.each([
      { path: [{ toString: 1 }, 'name', 0], type: { toString: 1 }, message: { toString: 1 } },
      { path: 7, type: ['a'], message: null },
      null,
    ])('reads a refusal whose parts are no texts: %#', async (detail) => {
      server.answer({ status: 400, json: { error: { details: [detail] } } });

      await expect(earn(1)).rejects.toMatchObject({
        code: 'WALLET_SERVICE_REQUEST_INVALID',
        remoteCode: 'unknown',
        problems: [{ type: 'unknown', message: '' }],
      });
    });

    it('tells what the service finds wrong, an error that is a text', async () => {
      server.answer({ status: 400, json: { error: 'no' } });

      await expect(earn(1)).rejects.toMatchObject({
        message: 'wallet.createEntry: it answered HTTP 400: no',
        remoteMessage: 'no',
        problems: [],
      });
    });

    it.each([
      [{ status: 404, body: '<pre>Cannot POST</pre>' }, 'it answered HTTP 404'],
      [{ status: 302, headers: { location: 'http://127.0.0.1:9/' } }, 'it answered HTTP 302'],
      [{ status: 418, json: { error: { details: [7, {}] } } }, 'it answered HTTP 418'],
      [{ status: 409, json: { error: 'x'.repeat(1_000) } }, /HTTP 409: x{400,500}…$/],
    ])('tells that the service refuses in another way: %#', async (answer, message) => {
      server.answer(answer);
      const refusal = earn(1);

      await expect(refusal).rejects.toThrow(WalletServiceError);
      await expect(refusal).rejects.toThrow(RemoteRefusalError);
      await expect(refusal).rejects.toThrow(message);
    });

    it.each([
      [{ status: 500, body: '<!DOCTYPE html><pre>Internal Server Error</pre>' }, 'failing'],
      [{ status: 500, json: { error: 'an internal error has occurred' } }, 'failing'],
      [{ status: 503, json: {} }, 'failing'],
      [{ status: 429, json: {} }, 'rate_limited'],
      [{ fault: 'drop' as const }, 'network'],
      [{ fault: 'cut' as const, json: { entry: {} } }, 'network'],
      [{ fault: 'silence' as const }, 'timeout'],
      [{ fault: 'drip' as const }, 'timeout'],
    ])('is never repeated: %#', async (answer, reason) => {
      const patient = await connect(config, { maxRetries: 3, timeout: 300 });
      server.answer(answer);

      const failure = patient.createEntry({ userId: 'alice', amount: 1, reason: 'x' });

      await expect(failure).rejects.toThrow(RemoteUnavailableError);
      await expect(failure).rejects.toMatchObject({ reason });
      expect(server.requests).toHaveLength(1);
    });

    describe('with too little in the wallet', () => {
      it.each(['alice', 'x as their wallet only has 7 in value', 'ü'.repeat(400)])(
        'tells how much there is: %p',
        async (userId) => {
          await earn(3, { userId });
          const refusal = earn(-5, { userId });

          await expect(refusal).rejects.toThrow(WalletServiceFundsError);
          await expect(refusal).rejects.toMatchObject({
            code: 'WALLET_SERVICE_NOT_ENOUGH_FUNDS',
            status: 402,
            userId,
            needed: 5,
            available: 3,
          });
        },
      );

      it.each([{ json: { error: 'no' } }, { json: {} }, { body: 'no' }])(
        'tells so though the service does not say how much there is: %j',
        async (answer) => {
          server.answer({ status: 402, ...answer });
          const refusal = earn(-5);

          await expect(refusal).rejects.toThrow(WalletServiceFundsError);
          await expect(refusal).rejects.toThrow('the wallet of user "alice" holds less, needed: 5');
          await expect(refusal).rejects.toMatchObject({ available: undefined });
        },
      );

      it('is another refusal where nothing was to be taken', async () => {
        server.answer({ status: 402, json: { error: 'pay your bill' } });

        await expect(client.getWallets()).rejects.not.toThrow(WalletServiceFundsError);
      });
    });
  });

  describe('getWallets', () => {
    it('repeats a call that failed', async () => {
      const patient = await connect(config, { maxRetries: 1 });
      server.answer({ status: 503 });

      await expect(patient.getWallets()).resolves.toEqual([]);
      expect(server.requests).toHaveLength(2);
    });

    it.each([
      [{ wallets: {} }, 'wallets is an object'],
      [{}, 'wallets is missing'],
      [[], 'wallets is missing'],
      [{ wallets: [null] }, '0.it is null'],
      [{ wallets: [{ user_id: 'a', total: 1 }, { user_id: 'a' }] }, '1.total is missing'],
      [{ wallets: [{ user_id: 'a', total: '1' }] }, '0.total is "1"'],
      [{ wallets: [{ user_id: 'a', total: 1.5 }] }, '0.total is 1.5'],
    ])('refuses an answer that is not as the protocol says: %j', async (json, message) => {
      server.answer({ json });

      await expect(client.getWallets()).rejects.toThrow(
        `wallet.getWallets: in the answer, ${message}, expected`,
      );
    });

    it('takes totals as 1.0 and below zero, and what it does not know', async () => {
      server.answer({ body: '{"wallets":[{"user_id":"a","total":-1.0,"more":1}],"more":1}' });

      await expect(client.getWallets()).resolves.toEqual([{ userId: 'a', total: -1 }]);
    });
  });

  describe('a filter', () => {
    const users = ['a', 'b', 'a,b', 'a b', 'ü&=?', '\ud800', 'x'.repeat(5_000)];

    beforeEach(async () => {
      for (const userId of users) await earn(1, { userId, item: { name: userId } });
    });

    const foundIn = async (userIds: readonly string[]): Promise<readonly (readonly string[])[]> => [
      (await client.getWallets({ userIds })).map(({ userId }) => userId).sort(),
      (await client.getInventory({ userIds })).map(({ userId }) => userId).sort(),
    ];

    it.each([[['a']], [['a', 'b']], [['a b', 'ü&=?']]])('is sent, once: %j', async (userIds) => {
      const sorted = [...userIds].sort();

      expect(await foundIn([...userIds, ...userIds])).toEqual([sorted, sorted]);
      for (const call of server.calls.slice(-2)) {
        const { searchParams } = new URL(call.split(' ')[1] ?? '', server.url);
        expect([...searchParams]).toEqual([['user_ids', userIds.join(',')]]);
      }
    });

    it.each([[['a,b']], [['a,b', 'a']], [['x'.repeat(5_000)]], [['', 'a']]])(
      'is not sent where a URL cannot hold it, and works all the same: %#',
      async (userIds) => {
        const known = userIds.filter((userId) => users.includes(userId)).sort();

        expect(await foundIn(userIds)).toEqual([known, known]);
        for (const call of server.calls.slice(-2)) expect(call).not.toContain('user_ids');
      },
    );

    it('of a broken text finds nothing, and breaks nothing', async () => {
      expect(await foundIn(['\udfff'])).toEqual([[], []]);
    });

    it('that is empty matches nothing, without a call', async () => {
      const before = server.requests.length;

      for (const query of [{ userIds: [] }, { authorityIds: [] }, { authorityIds: ['x,y', ''] }]) {
        expect(await client.getWallets(query)).toEqual([]);
      }
      for (const query of [{ userIds: [] }, { authorityIds: [] }, { entryIds: [] }, { entryIds: ['x'] }]) {
        expect(await client.getInventory(query)).toEqual([]);
      }
      expect(server.requests).toHaveLength(before);
    });

    it.each([null, 'alice', [7], {}])('must be a list of texts: %j', async (given) => {
      const list = given as unknown as string[];

      await expect(client.getWallets({ userIds: list })).rejects.toThrow(InvalidRequestError);
      await expect(client.getInventory({ userIds: list })).rejects.toThrow(InvalidRequestError);
    });

    it('of authorities must fit into a URL where it decides what is summed', async () => {
      const authorityIds = Array.from({ length: 500 }, (_, index) => String(index).padStart(24, '0'));

      await expect(client.getWallets({ authorityIds })).rejects.toMatchObject({
        problems: [expect.objectContaining({ path: 'authorityIds', got: 'a list of 500' })],
      });
      await expect(client.getInventory({ authorityIds })).resolves.toEqual([]);
      await expect(
        client.getInventory({ authorityIds: [...authorityIds, config.authority_id] }),
      ).resolves.toHaveLength(users.length);
    });

    it('of entries is never sent with what the original server could not read', async () => {
      const entryId = server.entries[0]?.entry_id ?? '';
      const before = server.requests.length;
      const entryIds = ['x', '', 'a\0b', 'twelve_chars', `${entryId}0`, entryId, `${entryId},${entryId}`];

      await expect(client.getInventory({ entryIds })).resolves.toMatchObject([{ entryId }]);
      expect(server.calls.slice(before)).toEqual([`GET /api/v1/entry/inventory?entry_ids=${entryId}`]);
    });

    it('of entries whose ids are UUIDs, which other servers may have, is applied here', async () => {
      const item = { name: 'x', used: false };
      const inventory = [UNKNOWN_ID, UUID].map((entry_id) => ({
        entry_id,
        authority_id: AUTHORITY_ID,
        user_id: 'a',
        item,
      }));
      server.answer({ json: { inventory } }, { json: { inventory } }, entryAnswer({ entry_id: UUID, item }));

      await expect(client.getInventory({ entryIds: [UUID] })).resolves.toMatchObject([{ entryId: UUID }]);
      await expect(client.useItem(UUID)).resolves.toMatchObject({ entryId: UUID });
      expect(server.calls.slice(-3)).toEqual([
        'GET /api/v1/entry/inventory',
        'GET /api/v1/entry/inventory',
        `POST /api/v1/entry/${UUID}/inventory/use`,
      ]);
    });
  });

  describe('useItem', () => {
    it('is not repeated when its answer is lost, as it has no key by which it would be known again', async () => {
      const { entryId } = await earn(1, { item: { name: 'x' } });
      const patient = await connect(config, { maxRetries: 1 });
      const inventory = [{ ...server.entries[0] }];
      server.answer({ json: { inventory } }, { status: 503 });

      await expect(patient.useItem(entryId)).rejects.toMatchObject({ reason: 'failing' });
      expect(server.calls.filter((call) => call.endsWith('/use'))).toHaveLength(1);
    });

    it('with `unusedOnly` refuses an item that is used', async () => {
      const { entryId } = await earn(1, { item: { name: 'x' } });
      await client.useItem(entryId, { unusedOnly: true });

      await expect(client.useItem(entryId, { unusedOnly: true })).rejects.toThrow(ItemAlreadyUsedError);
    });

    it('never sends an id that the service does not have', async () => {
      const { entryId } = await earn(1);

      for (const id of [UNKNOWN_ID, entryId, UUID, '', '..', 'twelve_chars', undefined]) {
        await expect(client.useItem(id as string)).rejects.toThrow(EntryNotFoundError);
      }
      expect(server.calls.filter((call) => call.endsWith('/use'))).toEqual([]);
    });

    it('tells when the item is gone meanwhile', async () => {
      const { entryId } = await earn(1, { item: { name: 'x' } });
      const inventory = [{ ...server.entries[0] }];
      server.answer({ json: { inventory } }, { status: 404, json: { error: 'no such entry' } });
      const failure = client.useItem(entryId);

      await expect(failure).rejects.toThrow(EntryNotFoundError);
      await expect(failure).rejects.toMatchObject({ cause: { status: 404, remoteMessage: 'no such entry' } });
    });
  });

  describe('checkHealth', () => {
    it.each(['1.1.0', '1.1.7', '1.2.0', '1.10.0'])('takes version %s of the API', async (version) => {
      server.health = { ok: true, version, more: 1 };

      await expect(client.checkHealth()).resolves.toBeUndefined();
    });

    it.each(['1.0.9', '0.1.0', '2.1.0', '11.1.0', '', 'x'])(
      'refuses version %p of the API',
      async (version) => {
        server.health = { ok: true, version };
        const failure = client.checkHealth();

        await expect(failure).rejects.toThrow(InvalidRemoteResponseError);
        await expect(failure).rejects.toThrow(/expected: 1.1 or a later 1.x/);
      },
    );

    it.each([
      ['server version 0.1.0 has be deprecated', '"server version 0.1.0 has be deprecated"'],
      [1, '1'],
      [false, 'false'],
      [{}, 'an object'],
    ])('refuses when the service says that it is not well: %j', async (ok, told) => {
      server.health = { ok, version: '1.1.0' };

      await expect(client.checkHealth()).rejects.toMatchObject({
        message: `wallet.checkHealth: it says that it is not well: ${told}`,
        code: 'REMOTE_UNAVAILABLE',
        reason: 'failing',
      });
    });

    it.each([
      [{ status: 503, json: {} }, RemoteUnavailableError],
      [{ status: 404, body: 'Cannot GET' }, WalletServiceError],
      [{ json: { version: '1.1.0' } }, InvalidRemoteResponseError],
      [{ json: { ok: true } }, InvalidRemoteResponseError],
      [{ body: 'ok' }, InvalidRemoteResponseError],
    ])('refuses another answer, at once: %j', async (answer, type) => {
      const patient = await connect(config, { maxRetries: 3 });
      server.answer(answer);

      await expect(patient.checkHealth()).rejects.toThrow(type);
      expect(server.requests).toHaveLength(1);
    });
  });
});

describe('Wallets on a wallet service', () => {
  let server: WalletServiceServer;
  let config: AuthorityFile;
  let wallets: Wallets;

  beforeEach(async () => {
    server = await start();
    config = server.addAuthority();
    wallets = await open({ config });
  });

  const ENTRY = { userId: 'alice', amount: 1, reason: 'test' };

  it("refuses a host's transaction, and sends nothing", async () => {
    const transaction = async () => [];
    const refusals = [
      wallets.createEntry(ENTRY, { transaction }),
      wallets.useItem(UNKNOWN_ID, { transaction }),
    ];

    for (const refusal of refusals) {
      await expect(refusal).rejects.toThrow(NotSupportedByWalletServiceError);
      await expect(refusal).rejects.toMatchObject({ field: 'transaction' });
    }
    expect(server.requests).toEqual([]);
  });

  it('says what is allowed in place of what it does not support', async () => {
    await expect(wallets.createEntry({ ...ENTRY, resource: 'coins' })).rejects.toThrow(
      'the wallet service does not support this resource; allowed: points, the only currency it has',
    );
    await expect(wallets.createEntry({ ...ENTRY, authorityId: 'x' })).rejects.toThrow(config.authority_id);
    await expect(wallets.createEntry({ ...ENTRY, idempotencyKey: 'k' })).rejects.toThrow(
      "`wallet.idempotencyKeys: 'ignore'`",
    );
    expect(server.requests).toEqual([]);
  });

  it('takes the authority of its configuration and its one currency by name', async () => {
    const entry = await wallets.createEntry({
      ...ENTRY,
      authorityId: config.authority_id,
      resource: 'points',
    });

    expect(entry).toMatchObject({ authorityId: config.authority_id, resource: 'points' });
  });

  it('ignores idempotency keys where it is told to, and then a repeat counts twice', async () => {
    const careless = await open({ config, idempotencyKeys: 'ignore' });

    for (let time = 0; time < 2; time++) await careless.createEntry({ ...ENTRY, idempotencyKey: 'k' });

    expect((await careless.getWallets()).items).toEqual([{ userId: 'alice', resource: 'points', total: 2 }]);
    await expect(careless.createEntry({ ...ENTRY, idempotencyKey: '' })).rejects.toThrow(/idempotencyKey/);
  });

  it('tells the refusal of the service as its cause', async () => {
    await wallets.createEntry(ENTRY);
    const refusal = wallets.createEntry({ ...ENTRY, amount: -5 });

    await expect(refusal).rejects.toThrow(NotEnoughFundsError);
    await expect(refusal).rejects.toMatchObject({
      resource: 'points',
      needed: 5,
      available: 1,
      cause: { name: 'WalletServiceFundsError', status: 402 },
    });
  });

  it('asks how much there is where a refusal does not say it', async () => {
    await wallets.createEntry(ENTRY);
    server.answer({ status: 402, json: { error: 'no' } });

    await expect(wallets.createEntry({ ...ENTRY, amount: -5 })).rejects.toMatchObject({
      code: 'NOT_ENOUGH_FUNDS',
      available: 1,
    });

    server.answer({ status: 402, json: { error: 'no' } }, { status: 500 });
    await expect(wallets.createEntry({ ...ENTRY, amount: -5 })).rejects.toThrow(WalletServiceFundsError);
  });

  it('lets other failures of the service through', async () => {
    server.answer({ status: 403, json: { error: 'forbidden' } }, { status: 503 });

    await expect(wallets.createEntry(ENTRY)).rejects.toThrow(WalletServiceForbiddenError);
    await expect(wallets.checkHealth()).rejects.toThrow(RemoteUnavailableError);
  });

  it('refuses the cursor of another list of items', async () => {
    for (const userId of ['alice', 'bob', 'bob']) {
      await wallets.createEntry({ ...ENTRY, userId, item: { name: 'x' } });
    }
    const { next = '' } = await wallets.getInventory({ userIds: ['bob'], limit: 1 });

    await expect(wallets.getInventory({ userIds: ['alice'], after: next })).rejects.toThrow(
      InvalidQueryError,
    );
  });
});

describe('the original wallet service, with its faults', () => {
  const ENTRY = { userId: 'alice', amount: 1, reason: 'test' };

  async function openOriginal(options: { supervised?: boolean } = {}) {
    const server = await start({ faithful: true, ...options });
    const config = server.addAuthority();
    const [wallets, client] = [await open({ config }), await connect(config)];
    return { server, wallets, client };
  }

  it('ends when an amount is to be taken from a user whom it does not know: not enough funds', async () => {
    const { server, wallets, client } = await openOriginal({ supervised: true });
    const dropped = { name: 'RemoteUnavailableError', reason: 'network' };

    await expect(client.createEntry({ ...ENTRY, amount: -5 })).rejects.toMatchObject({
      name: 'WalletServiceFundsError',
      status: undefined,
      needed: 5,
      available: 0,
      cause: dropped,
    });
    const refusal = wallets.createEntry({ ...ENTRY, amount: -5 });
    await expect(refusal).rejects.toThrow(NotEnoughFundsError);
    await expect(refusal).rejects.toMatchObject({
      userId: 'alice',
      needed: 5,
      available: 0,
      cause: { name: 'WalletServiceFundsError', cause: dropped },
    });
    expect(server.crashes).toBe(2);
    expect(server.entries).toEqual([]);
  });

  it('ends, and a proxy before it says so: not enough funds', async () => {
    const { server, wallets } = await openOriginal();
    server.answer({ status: 502, body: '<html>Bad Gateway</html>' });

    await expect(wallets.createEntry({ ...ENTRY, amount: -5 })).rejects.toMatchObject({
      code: 'NOT_ENOUGH_FUNDS',
      available: 0,
    });
  });

  it('ends and does not come back: it is not known, and not available', async () => {
    const { server, wallets } = await openOriginal();

    await expect(wallets.createEntry({ ...ENTRY, amount: -5 })).rejects.toMatchObject({
      name: 'RemoteUnavailableError',
      operation: 'createEntry',
      reason: 'network',
    });
    expect(server.crashes).toBe(1);
  });

  it('breaks the connection of a user whom it knows: it is not known whether the entry was written', async () => {
    const { server, wallets } = await openOriginal();
    await wallets.createEntry({ ...ENTRY, amount: 10 });
    server.answer({ fault: 'drop' });

    await expect(wallets.createEntry({ ...ENTRY, amount: -5 })).rejects.toThrow(RemoteUnavailableError);
  });

  it('breaks the connection of a deposit: it is not known, and nothing is asked', async () => {
    const { server, wallets } = await openOriginal();
    server.answer({ fault: 'drop' });

    await expect(wallets.createEntry(ENTRY)).rejects.toThrow(RemoteUnavailableError);
    expect(server.calls).toEqual(['POST /api/v1/entry']);
  });

  it('refuses a withdrawal by a user whom it knows', async () => {
    const { server, wallets } = await openOriginal();
    await wallets.createEntry(ENTRY);

    await expect(wallets.createEntry({ ...ENTRY, amount: -5 })).rejects.toMatchObject({ available: 1 });
    expect(server.crashes).toBe(0);
  });

  it('finds nothing when asked for used or unused items, so it is never asked that way', async () => {
    const { server, client, wallets } = await openOriginal();
    await wallets.createEntry({ ...ENTRY, item: { name: 'Mug' } });

    await expect(client.getInventory()).resolves.toHaveLength(1);
    await expect(client.getInventory({ used: false })).resolves.toHaveLength(1);
    await expect(client.getInventory({ used: true })).resolves.toEqual([]);
    await expect(client.getInventory({ used: 'any' })).resolves.toHaveLength(1);
    expect((await wallets.getInventory()).items).toHaveLength(1);
    for (const call of server.calls) expect(call).not.toContain('used=');
  });

  it('says that an item is used, and does not keep it', async () => {
    const { wallets } = await openOriginal();
    const { entryId } = await wallets.createEntry({ ...ENTRY, item: { name: 'Mug' } });

    await expect(wallets.useItem(entryId)).resolves.toMatchObject({ item: { used: true } });
    expect((await wallets.getInventory({ used: false })).items).toHaveLength(1);
  });

  it('is not ended by ids that it does not know or cannot read, nor by lists with commas', async () => {
    const { server, wallets } = await openOriginal();
    const { entryId } = await wallets.createEntry(ENTRY);

    for (const id of [UNKNOWN_ID, entryId, UUID, 'x', 'twelve_chars', 'a,b']) {
      await expect(wallets.useItem(id)).rejects.toThrow(EntryNotFoundError);
    }
    const odd = ['x', 'a,b', UUID, 'twelve_chars'];
    expect((await wallets.getInventory({ entryIds: odd, userIds: odd, authorityIds: odd })).items).toEqual(
      [],
    );
    expect((await wallets.getWallets({ userIds: odd, authorityIds: odd })).items).toEqual([]);
    expect(server.crashes).toBe(0);
  });
});

function circular(): object {
  const value: { self?: object } = {};
  value.self = value;
  return value;
}
