import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import {
  AccountLinks,
  AccountNotLinkedError,
  type AccountProvider,
  AccountUnlinkedError,
  type Credential,
  CredentialRefreshTimeoutError,
  CredentialUnreadableError,
  EncryptionKeyMissingError,
  eachOf,
  InvalidAccountLinkError,
  InvalidQueryError,
  type PageRequest,
} from 'nestjs-gamification';
import { CredentialCipher } from '../../libs/gamification/src/accounts/credential-cipher.js';
import { CredentialRefresh } from '../../libs/gamification/src/accounts/credential-refresh.js';
import { LinkStore } from '../../libs/gamification/src/accounts/link-store.js';
import { Database } from '../../libs/gamification/src/database/database.js';
import { type SqlValue, Statement } from '../../libs/gamification/src/database/statement.js';
import { UuidV7Ids } from '../../libs/gamification/src/ids.js';
import { createContext, TestClock } from '../support/application.js';
import { LoopbackServer } from '../support/loopback-server.js';
import { durableStorages, storages, type TestStorage } from '../support/storages.js';

const newKey = (id: string) => ({ id, key: randomBytes(32).toString('base64') });
const FIRST = newKey('first');
const SECOND = newKey('second');
const TOKEN = 'access-token-of-alice';

class Revoked extends Error {}

const provider: AccountProvider = { name: 'arcade', isRevoked: (error) => error instanceof Revoked };

/** Runs SQL of the test's own on the application's database, as somebody might who can write to it. */
function run(app: INestApplicationContext, text: string, ...parameters: SqlValue[]) {
  const command = {
    name: 'test',
    run: async (sql: Parameters<Parameters<Database['read']>[0]>[0]) => [
      { ok: true as const, value: await sql.rows(new Statement(text).with(...parameters)) },
    ],
  };
  return app.get(Database).write(command, undefined, { keys: [] });
}

/** Resolves when a number of callers have arrived. */
function meetingOf(size: number): () => Promise<void> {
  let arrived = 0;
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    arrived += 1;
    if (arrived === size) open();
    return all;
  };
}

describe.each(storages)('AccountLinks on $name', (kind) => {
  const clock = new TestClock();
  let storage: TestStorage;
  let app: INestApplicationContext;
  let links: AccountLinks;

  beforeEach(async () => {
    storage = await kind.create();
    app = await start([FIRST]);
    links = app.get(AccountLinks);
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  const start = (encryptionKeys: { id: string; key: string }[]) =>
    createContext({ storage: { url: storage.url }, accounts: { encryptionKeys } }, clock);

  it('keep a credential and give it back', async () => {
    const credential: Credential = {
      accessToken: TOKEN,
      refreshToken: 'refresh me',
      scope: 'id transact',
      expiresAt: new Date(clock.now() + 3_600_000),
    };

    const link = await links.link('alice', 'arcade', credential);

    expect(link).toEqual({
      userId: 'alice',
      provider: 'arcade',
      scope: 'id transact',
      linkedAt: new Date(clock.now()),
      updatedAt: new Date(clock.now()),
      expiresAt: credential.expiresAt,
    });
    expect(await links.get('alice', 'arcade')).toEqual(link);
    expect(await links.credential('alice', 'arcade')).toEqual(credential);
    expect(await links.use('alice', provider, async ({ accessToken }) => accessToken)).toBe(TOKEN);
  });

  it('keep nothing of a credential that can be read in the database', async () => {
    await links.link('alice', 'arcade', { accessToken: TOKEN, refreshToken: 'refresh-token-of-alice' });

    const rows = JSON.stringify(await run(app, 'select * from gamification_account_links'));

    expect(rows).toContain('alice');
    const [, header = '', ...parts] =
      /"credential":"([\w-]+)\.([\w-]*)\.([\w-]+)\.([\w-]+)\.([\w-]+)"/.exec(rows) ?? [];
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: 'first',
    });
    expect(parts).toHaveLength(4);
    for (const secret of [TOKEN, 'refresh-token-of-alice']) {
      expect(rows).not.toContain(secret);
      expect(rows).not.toContain(Buffer.from(secret).toString('base64url'));
    }
  });

  it('replace the credential of a user who links again', async () => {
    await links.link('alice', 'arcade', { accessToken: 'old-token', refreshToken: 'r', scope: 'a b' });
    clock.advance(1_000);
    await links.link('alice', 'arcade', { accessToken: 'new-token' });

    expect(await links.credential('alice', 'arcade')).toEqual({ accessToken: 'new-token' });
    expect((await links.get('alice', 'arcade'))?.linkedAt).toEqual(new Date(clock.now()));
    expect((await links.list('alice')).items).toHaveLength(1);
  });

  it('take many links of one user at once, and keep one of them', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => links.link('alice', 'arcade', { accessToken: `token-${n}` })),
    );

    expect((await links.credential('alice', 'arcade'))?.accessToken).toMatch(/^token-\d+$/);
    expect((await links.list('alice')).items).toHaveLength(1);
  });

  it("list a user's links, page by page", async () => {
    for (const name of ['c', 'a', 'b']) await links.link('alice', name, { accessToken: TOKEN });
    await links.link('bob', 'd', { accessToken: TOKEN });

    const first = await links.list('alice', { limit: 2 });
    const second = await links.list('alice', { after: first.next ?? '', limit: 2 });

    expect(first.items.map((link) => link.provider)).toEqual(['a', 'b']);
    expect(second.items.map((link) => link.provider)).toEqual(['c']);
    expect(second.next).toBeUndefined();
    await expect(links.list('alice', { limit: 0 })).rejects.toBeInstanceOf(InvalidQueryError);
  });

  it('are all read page by page, as far as somebody wants them', async () => {
    for (const name of ['c', 'a', 'd', 'b', 'e']) await links.link('alice', name, { accessToken: TOKEN });
    const asked: unknown[] = [];
    const list = (page: PageRequest) => {
      asked.push(page.limit);
      return links.list('alice', page);
    };

    const names: string[] = [];
    for await (const link of eachOf(list, 2)) names.push(link.provider);
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(asked.splice(0)).toEqual([2, 2, 2]);

    for await (const link of eachOf(list, 2)) if (link.provider === 'b') break;
    expect(asked.splice(0)).toEqual([2]);
    for await (const link of eachOf((page) => links.list('bob', page))) expect(link).toBe('nothing');
    await expect(eachOf(list, 0).next()).rejects.toBeInstanceOf(InvalidQueryError);
    // A list that never comes to an end is none.
    const endless = eachOf(async () => ({ items: [1], next: 'again' }));
    expect([await endless.next(), await endless.next(), await endless.next()]).toMatchObject([
      { value: 1 },
      { value: 1 },
      { done: true },
    ]);
  });

  it('unlink, and know no such account then', async () => {
    await links.link('alice', 'arcade', { accessToken: TOKEN });

    expect(await links.unlink('alice', 'arcade')).toBe(true);
    expect(await links.unlink('alice', 'arcade')).toBe(false);
    expect(await links.get('alice', 'arcade')).toBeUndefined();
    expect(await links.credential('alice', 'arcade')).toBeUndefined();
    const use = links.use('alice', provider, async () => 1);
    await expect(use).rejects.toMatchObject({
      code: 'ACCOUNT_NOT_LINKED',
      userId: 'alice',
      provider: 'arcade',
    });
    await expect(use).rejects.toBeInstanceOf(AccountNotLinkedError);
  });

  it.each([
    ['a user', '', 'arcade', { accessToken: TOKEN }, 'userId'],
    ['a provider', 'alice', 'a\nb', { accessToken: TOKEN }, 'provider'],
    ['a token', 'alice', 'arcade', { accessToken: 'secret with space' }, 'accessToken'],
    ['a refresh token', 'alice', 'arcade', { accessToken: TOKEN, refreshToken: 'sécret' }, 'refreshToken'],
    ['a time', 'alice', 'arcade', { accessToken: TOKEN, expiresAt: new Date(Number.NaN) }, 'expiresAt'],
  ])('refuse %s that cannot be, without repeating it', async (_, userId, name, credential, path) => {
    const error = await links.link(userId, name, credential).catch((error: unknown) => error);

    expect(error).toBeInstanceOf(InvalidAccountLinkError);
    expect(error).toMatchObject({ problems: [{ path }] });
    expect(String(error)).not.toMatch(/secret|sécret/);
  });

  it('do not open a credential that was copied to another user or provider', async () => {
    await links.link('alice', 'arcade', { accessToken: TOKEN });
    await links.link('mallory', 'arcade', { accessToken: 'token-of-mallory' });
    await links.link('alice', 'casino', { accessToken: 'token-of-alice-there' });
    const stolen = `(select credential from gamification_account_links where user_id = 'alice' and provider = 'arcade')`;
    await run(app, `update gamification_account_links set credential = ${stolen}`);

    expect(await links.credential('alice', 'arcade')).toEqual({ accessToken: TOKEN });
    for (const [userId, name] of [
      ['mallory', 'arcade'],
      ['alice', 'casino'],
    ] as const) {
      await expect(links.credential(userId, name)).rejects.toBeInstanceOf(CredentialUnreadableError);
      await expect(links.use(userId, { ...provider, name }, async () => 1)).rejects.toMatchObject({
        code: 'CREDENTIAL_UNREADABLE',
        userId,
        provider: name,
      });
    }
  });

  it('believe nothing of a credential that stands beside it in the database', async () => {
    const expiresAt = new Date(clock.now() + 3_600_000);
    const credential = { accessToken: TOKEN, scope: 'id', expiresAt };
    await links.link('alice', 'arcade', credential);
    await links.link('bob', 'arcade', { accessToken: TOKEN });
    await run(app, `update gamification_account_links set scope = 'id transact', expires_at = 1`);

    expect(await links.credential('alice', 'arcade')).toEqual(credential);
    expect(await links.credential('bob', 'arcade')).toEqual({ accessToken: TOKEN });
    expect(await links.use('alice', provider, async ({ scope }) => scope)).toBe('id');
  });

  it.each([
    ['changed', `replace(credential, substr(credential, length(credential) - 5, 3), 'AAA')`],
    ['no longer of its form', `'x'`],
  ])('do not open a credential that is %s', async (_, sql) => {
    await links.link('alice', 'arcade', { accessToken: TOKEN });
    await run(app, `update gamification_account_links set credential = ${sql}`);

    await expect(links.credential('alice', 'arcade')).rejects.toBeInstanceOf(CredentialUnreadableError);
  });

  describe('whose provider no longer knows the access', () => {
    const revoked = async (): Promise<never> => {
      throw new Revoked('unknown token');
    };

    it('are unlinked once, say so, and are not linked then', async () => {
      await links.link('alice', 'arcade', { accessToken: TOKEN });
      const told: AccountUnlinkedError[] = [];
      links.unlinked$.subscribe((error) => told.push(error));

      const error = await links.use('alice', provider, revoked).catch((error: unknown) => error);

      expect(error).toBeInstanceOf(AccountUnlinkedError);
      expect(error).toMatchObject({
        code: 'ACCOUNT_UNLINKED',
        userId: 'alice',
        provider: 'arcade',
        cause: expect.any(Revoked),
      });
      expect(told).toEqual([error]);
      await expect(links.use('alice', provider, revoked)).rejects.toMatchObject({
        code: 'ACCOUNT_NOT_LINKED',
      });
      expect(told).toHaveLength(1);
    });

    it('are unlinked once when many calls find out', async () => {
      await links.link('alice', 'arcade', { accessToken: TOKEN });
      const meet = meetingOf(10);

      const codes = await Promise.all(
        Array.from({ length: 10 }, () =>
          links
            .use('alice', provider, async () => {
              await meet();
              return revoked();
            })
            .catch(({ code }: { code: string }) => code),
        ),
      );

      expect(codes.filter((code) => code === 'ACCOUNT_UNLINKED')).toHaveLength(1);
      expect(codes.filter((code) => code === 'ACCOUNT_NOT_LINKED')).toHaveLength(9);
    });

    it('stay linked when they were linked anew meanwhile, and the call is made with the new access', async () => {
      await links.link('alice', 'arcade', { accessToken: 'old-token' });

      const result = await links.use('alice', provider, async ({ accessToken }) => {
        if (accessToken === 'new-token') return 'done';
        await links.link('alice', 'arcade', { accessToken: 'new-token' });
        return revoked();
      });

      expect(result).toBe('done');
      expect(await links.credential('alice', 'arcade')).toEqual({ accessToken: 'new-token' });
    });

    it('stay linked when they were linked anew with the very same token', async () => {
      await links.link('alice', 'arcade', { accessToken: TOKEN });
      let calls = 0;

      await links.use('alice', provider, async () => {
        calls += 1;
        if (calls === 2) return;
        await links.link('alice', 'arcade', { accessToken: TOKEN });
        await revoked();
      });

      expect(calls).toBe(2);
    });

    it('are called twice at most', async () => {
      await links.link('alice', 'arcade', { accessToken: TOKEN });
      let calls = 0;

      const use = links.use('alice', provider, async () => {
        calls += 1;
        await links.link('alice', 'arcade', { accessToken: `token-${calls}` });
        await revoked();
      });

      await expect(use).rejects.toBeInstanceOf(Revoked);
      expect(calls).toBe(2);
    });

    it('stay linked after any other error', async () => {
      await links.link('alice', 'arcade', { accessToken: TOKEN });
      const broken = new RangeError('broken');

      await expect(links.use('alice', provider, () => Promise.reject(broken))).rejects.toBe(broken);
      expect(await links.get('alice', 'arcade')).toBeDefined();
    });
  });
});

describe.each(durableStorages)('the encryption keys on $name', (kind) => {
  let storage: TestStorage;
  const apps: INestApplicationContext[] = [];

  beforeEach(async () => {
    storage = await kind.create();
  });

  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    await storage.remove();
  });

  async function start(...encryptionKeys: { id: string; key: string }[]) {
    const app = await createContext({ storage: { url: storage.url }, accounts: { encryptionKeys } });
    apps.push(app);
    return { app, links: app.get(AccountLinks) };
  }

  it('can be rotated: the first encrypts, all decrypt', async () => {
    const before = await start(FIRST);
    for (let n = 0; n < 250; n++)
      await before.links.link(`user-${n}`, 'arcade', { accessToken: `token-${n}` });
    const during = await start(SECOND, FIRST);

    expect(await during.links.credential('user-7', 'arcade')).toEqual({ accessToken: 'token-7' });
    await during.links.link('bob', 'arcade', { accessToken: TOKEN });
    expect(await during.links.reencrypt()).toBe(250);
    expect(await during.links.reencrypt()).toBe(0);

    const { links } = await start(SECOND);
    expect(await links.credential('user-7', 'arcade')).toEqual({ accessToken: 'token-7' });
    expect(await links.credential('user-249', 'arcade')).toEqual({ accessToken: 'token-249' });
    expect(await links.credential('bob', 'arcade')).toEqual({ accessToken: TOKEN });
    await expect(before.links.credential('bob', 'arcade')).rejects.toMatchObject({ keyId: 'second' });
  });

  it('are named when one is missing, which does not keep from listing and unlinking', async () => {
    const before = await start(FIRST);
    await before.links.link('alice', 'arcade', { accessToken: TOKEN, scope: 'id' });
    const { links } = await start(SECOND);

    for (const call of [
      links.credential('alice', 'arcade'),
      links.use('alice', provider, async () => 1),
      links.reencrypt(),
    ]) {
      const error = await call.catch((error: unknown) => error);
      expect(error).toBeInstanceOf(EncryptionKeyMissingError);
      expect(error).toMatchObject({ code: 'ENCRYPTION_KEY_MISSING', keyId: 'first' });
      expect(String(error)).toContain('"first"');
    }
    expect((await links.list('alice')).items).toMatchObject([{ provider: 'arcade', scope: 'id' }]);
    expect(await links.unlink('alice', 'arcade')).toBe(true);
  });

  it('are told apart when they share an id', async () => {
    const before = await start(FIRST);
    await before.links.link('alice', 'arcade', { accessToken: TOKEN });
    const { links } = await start({ ...SECOND, id: 'first' });

    await expect(links.credential('alice', 'arcade')).rejects.toBeInstanceOf(CredentialUnreadableError);
  });
});

describe('accounts in the options', () => {
  it.each([
    ['no key', []],
    ['a key that is too short', [{ id: 'a', key: Buffer.alloc(16).toString('base64') }]],
    ['a key that is no base64', [{ id: 'a', key: 'x'.repeat(44) }]],
    ['a key without an id', [{ id: '', key: FIRST.key }]],
    ['two keys with one id', [FIRST, { ...SECOND, id: 'first' }]],
    ['something else', 'key'],
  ])('stop the start with %s, and without showing it', async (_, encryptionKeys) => {
    // JavaScript callers and configuration files can give anything.
    const accounts = { encryptionKeys } as { encryptionKeys: { id: string; key: string }[] };

    const error = await createContext({ accounts }).catch((error: unknown) => error);

    expect(error).toMatchObject({ code: 'OPTIONS_INVALID' });
    expect(String(error)).toContain('accounts.encryptionKeys');
    for (const { key } of [encryptionKeys].flat() as { key?: string }[]) {
      if (key) expect(String(error)).not.toContain(key);
    }
  });
});

/** Hands out tokens that end, each refresh token good for one use, and counts how often it is asked. */
class TokenServer {
  asked = 0;
  refusing: 'nothing' | 'once' | 'always' = 'nothing';

  private constructor(readonly http: LoopbackServer) {}

  static async start(clock: TestClock): Promise<TokenServer> {
    const http = await LoopbackServer.start();
    const server = new TokenServer(http);
    http.handle(({ body }) => {
      server.asked += 1;
      if (server.refusing !== 'nothing') {
        if (server.refusing === 'once') server.refusing = 'nothing';
        return { status: 503 };
      }
      const [, generation = ''] = /^refresh-(\d+)$/.exec(body) ?? [];
      if (Number(generation) !== server.generation) return { status: 400 };
      server.generation += 1;
      return {
        // Long enough that all instances meet it.
        delay: 50,
        json: {
          accessToken: `access-${server.generation}`,
          refreshToken: `refresh-${server.generation}`,
          expiresAt: clock.now() + 3_600_000,
        },
      };
    });
    return server;
  }

  generation = 1;

  readonly refresh = async ({ refreshToken = '' }: Credential): Promise<Credential> => {
    const response = await fetch(this.http.url, { method: 'POST', body: refreshToken });
    if (response.status === 400) throw new Revoked('refresh token is unknown');
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    // The server above says what it answers.
    const answer = (await response.json()) as {
      accessToken: string;
      refreshToken: string;
      expiresAt: number;
    };
    return { ...answer, expiresAt: new Date(answer.expiresAt) };
  };
}

describe.each(durableStorages)('tokens that end, with three instances on $name', (kind) => {
  let clock: TestClock;
  let storage: TestStorage;
  let apps: INestApplicationContext[];
  let server: TokenServer;
  let ending: AccountProvider;

  beforeEach(async () => {
    clock = new TestClock();
    storage = await kind.create();
    server = await TokenServer.start(clock);
    const accounts = { encryptionKeys: [FIRST] };
    apps = await Promise.all(
      [1, 2, 3].map(() => createContext({ storage: { url: storage.url }, accounts }, clock)),
    );
    ending = { ...provider, refresh: server.refresh };
    await links(0).link('alice', 'arcade', {
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      scope: 'id',
      expiresAt: new Date(clock.now() + 3_600_000),
    });
  });

  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await server.http.close();
    await storage.remove();
  });

  function links(instance: number): AccountLinks {
    const app = apps[instance];
    if (!app) throw new RangeError(`no instance ${instance}`);
    return app.get(AccountLinks);
  }

  const tokenAt = (instance: number, userId = 'alice') =>
    links(instance).use(userId, ending, async ({ accessToken }) => accessToken);

  it('are used as they are until they end', async () => {
    expect(await tokenAt(1)).toBe('access-1');
    expect(server.asked).toBe(0);
  });

  it('are refreshed once for all callers of all instances', async () => {
    clock.advance(3_600_000);

    const tokens = await Promise.all(Array.from({ length: 30 }, (_, n) => tokenAt(n % 3)));

    expect(new Set(tokens)).toEqual(new Set(['access-2']));
    expect(server.asked).toBe(1);
    expect(await links(2).get('alice', 'arcade')).toMatchObject({
      scope: 'id',
      updatedAt: new Date(clock.now()),
      expiresAt: new Date(clock.now() + 3_600_000),
    });
    clock.advance(3_600_000);
    expect(await tokenAt(2)).toBe('access-3');
    expect(server.asked).toBe(2);
  });

  it('are refreshed shortly before they end', async () => {
    clock.advance(3_600_000 - 30_001);
    expect(await tokenAt(0)).toBe('access-1');
    clock.advance(1);
    expect(await tokenAt(0)).toBe('access-2');
  });

  it('do not keep others from refreshing when the provider fails for one', async () => {
    clock.advance(3_600_000);
    server.refusing = 'once';

    const results = await Promise.allSettled([0, 1, 2].map((instance) => tokenAt(instance)));

    const failed = results.filter(({ status }) => status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(failed).toMatchObject([{ reason: { message: 'HTTP 503' } }]);
    expect(server.asked).toBe(2);
  });

  it('unlink the account when they cannot be refreshed any more', async () => {
    clock.advance(3_600_000);
    server.generation = 9;

    const codes = await Promise.all(
      [0, 1, 2].map((instance) => tokenAt(instance).catch(({ code }: { code: string }) => code)),
    );

    expect(codes.filter((code) => code === 'ACCOUNT_UNLINKED')).toHaveLength(1);
    expect(codes.filter((code) => code === 'ACCOUNT_NOT_LINKED')).toHaveLength(2);
  });

  it('are not waited for longer than the lease when the instance that asks for them dies', async () => {
    clock.advance(3_600_000);
    // As an instance leaves it that was killed while it asked.
    const [first] = apps;
    if (!first) throw new Error('there is no instance');
    await run(first, 'update gamification_account_links set refreshing_until = $1', clock.now() + 60_000);

    let settled = false;
    const token = tokenAt(1).finally(() => {
      settled = true;
    });
    expect(await links(2).get('alice', 'arcade')).toBeDefined();
    expect([settled, server.asked]).toEqual([false, 0]);
    clock.advance(60_000);

    expect(await token).toBe('access-2');
  });

  it('give way to the account that the user links meanwhile', async () => {
    clock.advance(3_600_000);
    const slow: AccountProvider = {
      ...ending,
      refresh: async (credential) => {
        await links(1).link('alice', 'arcade', { accessToken: 'linked-anew' });
        return server.refresh(credential);
      },
    };

    expect(await links(0).use('alice', slow, async ({ accessToken }) => accessToken)).toBe('linked-anew');
    expect(await links(2).credential('alice', 'arcade')).toEqual({ accessToken: 'linked-anew' });
  });

  it('keep the refresh token when the provider gives no new one', async () => {
    clock.advance(3_600_000);
    const frugal: AccountProvider = {
      ...provider,
      refresh: async () => ({ accessToken: 'access-2', expiresAt: new Date(clock.now() + 3_600_000) }),
    };

    await links(0).use('alice', frugal, async () => undefined);

    expect(await links(1).credential('alice', 'arcade')).toMatchObject({
      accessToken: 'access-2',
      refreshToken: 'refresh-1',
      scope: 'id',
    });
  });

  it('are not waited for without end', async () => {
    clock.advance(3_600_000);
    const [app] = apps;
    if (!app) throw new Error('there is no instance');
    const cipher = new CredentialCipher({ encryptionKeys: [FIRST] });
    const store = new LinkStore(app.get(Database), cipher, clock, new UuidV7Ids());
    const refresh = new CredentialRefresh(store, clock, { refresh: 20, lease: 60_000, wait: 20 });
    const ended = async () => {
      const stored = await store.credential('alice', 'arcade');
      if (!stored) throw new Error('there is no link');
      return stored;
    };

    const asking = refresh.fresh(await ended(), () => new Promise(() => {}));
    await expect(asking).rejects.toMatchObject({ code: 'CREDENTIAL_REFRESH_TIMEOUT', timeout: 20 });
    // It might still come, and use up the refresh token: nobody else asks until the lease is over.
    expect(server.asked).toBe(0);
    clock.advance(60_000);
    expect(await tokenAt(1)).toBe('access-2');

    clock.advance(3_600_000);
    await run(app, 'update gamification_account_links set refreshing_until = $1', clock.now() + 60_000);
    const waiting = refresh.fresh(await ended(), server.refresh);
    await expect(waiting).rejects.toBeInstanceOf(CredentialRefreshTimeoutError);
  });

  it('are kept when they come too late for those who asked, as the refresh token is used up by then', async () => {
    clock.advance(3_600_000);
    const [app] = apps;
    if (!app) throw new Error('there is no instance');
    const cipher = new CredentialCipher({ encryptionKeys: [FIRST] });
    const store = new LinkStore(app.get(Database), cipher, clock, new UuidV7Ids());
    const refresh = new CredentialRefresh(store, clock, { refresh: 20, lease: 60_000, wait: 20 });
    const stored = await store.credential('alice', 'arcade');
    if (!stored) throw new Error('there is no link');
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow = async (credential: Credential) => {
      const fresh = await server.refresh(credential);
      await gate;
      return fresh;
    };

    await expect(refresh.fresh(stored, slow)).rejects.toBeInstanceOf(CredentialRefreshTimeoutError);
    const others = [tokenAt(1), tokenAt(2)];
    goOn();

    expect(await Promise.all(others)).toEqual(['access-2', 'access-2']);
    expect(server.asked).toBe(1);
    expect(await links(0).get('alice', 'arcade')).toMatchObject({
      expiresAt: new Date(clock.now() + 3_600_000),
    });
  });

  it('let others ask at once when asking fails too late', async () => {
    clock.advance(3_600_000);
    const [app] = apps;
    if (!app) throw new Error('there is no instance');
    const cipher = new CredentialCipher({ encryptionKeys: [FIRST] });
    const store = new LinkStore(app.get(Database), cipher, clock, new UuidV7Ids());
    const refresh = new CredentialRefresh(store, clock, { refresh: 20, lease: 60_000, wait: 20 });
    const stored = await store.credential('alice', 'arcade');
    if (!stored) throw new Error('there is no link');
    let fail = (_: Error) => {};
    const asking = refresh.fresh(
      stored,
      () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    );

    await expect(asking).rejects.toBeInstanceOf(CredentialRefreshTimeoutError);
    fail(new Error('HTTP 503'));

    expect(await tokenAt(1)).toBe('access-2');
  });

  it('are asked for once even when the new one ends at once', async () => {
    clock.advance(3_600_000);
    let asked = 0;
    const hasty: AccountProvider = {
      ...provider,
      refresh: async () => {
        asked += 1;
        return { accessToken: 'access-2', expiresAt: new Date(clock.now()) };
      },
    };

    expect(await links(0).use('alice', hasty, async ({ accessToken }) => accessToken)).toBe('access-2');
    expect(asked).toBe(1);
  });
});
