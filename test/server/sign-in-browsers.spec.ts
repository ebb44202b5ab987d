import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { createServer } from '../../apps/server/src/create-server.js';
import { settingsFrom } from '../../apps/server/src/settings.js';

const PASSWORD = 'correct horse battery';

describe("what browsers keep for the server's sign-in, and what they may send", () => {
  let app: INestApplication;
  let url: string;

  const start = async (environment: NodeJS.ProcessEnv) => {
    app = await createServer({ ...settingsFrom(environment), databaseUrl: 'memory:' }, false);
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  };

  beforeEach(() => start({}));
  afterEach(() => app.close());

  /** A browser's cookies, each with what was said of it. */
  class Jar {
    readonly attributes = new Map<string, string>();
    private readonly values = new Map<string, string>();

    get header(): string {
      return [...this.values].map((pair) => pair.join('=')).join('; ');
    }

    set(name: string, value: string): void {
      this.values.set(name, value);
    }

    async send(path: string, init: RequestInit = {}): Promise<Response> {
      const headers = { ...Object.fromEntries(new Headers(init.headers)), cookie: this.header };
      const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init, headers });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? [];
        this.attributes.set(name, attributes);
        if (attributes.includes('Max-Age=0')) this.values.delete(name);
        else this.values.set(name, value);
      }
      return response;
    }

    async tokenOf(path: string): Promise<string> {
      return tokenIn(await (await this.send(path)).text());
    }

    post(path: string, fields: Record<string, string>): Promise<Response> {
      return this.send(path, { method: 'POST', body: new URLSearchParams(fields) });
    }

    async create(user: string): Promise<Response> {
      const token = await this.tokenOf('/sign-in');
      return this.post('/sign-in', { token, user, password: PASSWORD, action: 'create' });
    }

    async signIn(user: string): Promise<Response> {
      const token = await this.tokenOf('/sign-in');
      return this.post('/sign-in', { token, user, password: PASSWORD, action: 'sign-in' });
    }
  }

  const tokenIn = (html: string) => /name="token" value="([^"]+)"/.exec(html)?.[1] ?? '';

  it('takes cookies over HTTPS from nobody but the server itself', async () => {
    await app.close();
    await start({ PUBLIC_URL: 'https://gamification.example' });
    const jar = new Jar();
    expect((await jar.create('ada')).status).toBe(200);
    expect([...jar.attributes.keys()].sort()).toEqual(['__Host-form', '__Host-session']);
    for (const attributes of jar.attributes.values()) {
      // Without these, browsers refuse the prefix.
      expect(attributes).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Secure(; Max-Age=0)?$/);
    }
    expect(await (await jar.send('/account')).text()).toContain('You are ada.');

    // What a page of a neighbouring domain can plant has no such name.
    const planted = new Jar();
    planted.set('session', /__Host-session=([0-9a-f]+)/.exec(jar.header)?.[1] ?? '');
    expect((await planted.send('/account')).status).toBe(303);
    planted.set('form', '0'.repeat(32));
    const fields = { token: '0'.repeat(32), user: 'ada', password: PASSWORD, action: 'sign-in' };
    expect((await planted.post('/sign-in', fields)).status).toBe(403);
  });

  it('ends the session before, when somebody signs in anew', async () => {
    const [jar, before] = [new Jar(), new Jar()];
    await jar.create('ada');
    before.set('session', /session=([0-9a-f]+)/.exec(jar.header)?.[1] ?? '');
    expect((await before.send('/account')).status).toBe(200);
    await jar.create('bob');
    expect(await (await jar.send('/account')).text()).toContain('You are bob.');
    expect((await before.send('/account')).status).toBe(303);
  });

  it('makes the session itself, whatever a browser came with', async () => {
    const jar = new Jar();
    await jar.create('ada');
    const fixed = new Jar();
    fixed.set('session', 'f'.repeat(64));
    await fixed.signIn('ada');
    expect(fixed.header).toMatch(/session=[0-9a-f]{64}/);
    expect(fixed.header).not.toContain('f'.repeat(64));
  });

  it('takes the forms of all tabs, until who is signed in changes', async () => {
    const jar = new Jar();
    const tabs = [await jar.tokenOf('/sign-in'), await jar.tokenOf('/sign-in')];
    const send = (token: string, user: string) =>
      jar.post('/sign-in', { token, user, password: PASSWORD, action: 'create' });
    expect((await send(tabs[0] ?? '', '<b>')).status).toBe(400);
    expect((await send(tabs[1] ?? '', 'ada')).status).toBe(200);
    expect((await send(tabs[0] ?? '', 'eve')).status).toBe(403);

    const account = await jar.tokenOf('/account');
    await jar.send('/account');
    await jar.post('/account', { token: account, action: 'sign-out' });
    expect(jar.header).toBe('');
  });

  it('takes no cookie for a token of a form that it cannot have made', async () => {
    const jar = new Jar();
    jar.set('form', 'x');
    expect(await jar.tokenOf('/sign-in')).toMatch(/^[0-9a-f]{32}$/);
    const page = await (await jar.send('/sign-in')).text();
    expect(tokenIn(page)).not.toBe('x');
  });

  it.each([
    ['a name with NUL', { user: 'a\0b' }, 400],
    ['a long name', { user: 'x'.repeat(90_000) }, 400],
    ['a name that objects have', { user: '__proto__', action: 'create' }, 200],
    ['a name with half a surrogate pair', { user: '\ud800' }, 400],
    ['a password of halves of surrogate pairs', { password: '\udbff'.repeat(12), action: 'create' }, 400],
    ['a password with NUL', { password: 'aaaaaaaaaa\0b', action: 'create' }, 200],
    ['a password of ten emoji', { password: '😀'.repeat(10), action: 'create' }, 200],
    ['a password of nine emoji', { password: '😀'.repeat(9), action: 'create' }, 400],
    ['a number for a name', { user: 7 }, 400],
    ['a list for a token', { token: ['x'] }, 403],
    ['a return to a list', { user: 'ada', action: 'create', 'return-to': ['//evil.example'] }, 200],
  ])('answers %s as what it is', async (_, odd, status) => {
    const jar = new Jar();
    const token = await jar.tokenOf('/sign-in');
    const response = await jar.send('/sign-in', {
      method: 'POST',
      // In JSON, everything goes.
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, user: 'ada', password: PASSWORD, action: 'sign-in', ...odd }),
    });
    expect(response.status).toBe(status);
  });

  it('reads no form of a megabyte', async () => {
    const jar = new Jar();
    const token = await jar.tokenOf('/sign-in');
    const fields = { token, user: 'x'.repeat(1_000_000), password: PASSWORD, action: 'sign-in' };
    expect((await jar.post('/sign-in', fields)).status).toBe(413);
  });

  it('answers bodies that are no form, and cookies that are none', async () => {
    const jar = new Jar();
    for (const path of ['/sign-in', '/account']) {
      for (const [type, body, status] of [
        ['application/json', 'null', 400],
        ['application/json', '{', 400],
        ['application/json', '[1]', undefined],
        ['text/plain', 'x', undefined],
        ['application/x-www-form-urlencoded', 'token=%zz&user=%ff', undefined],
        ['application/x-www-form-urlencoded; charset=utf-99', 'a', 415],
      ] as const) {
        const response = await jar.send(path, { method: 'POST', body, headers: { 'content-type': type } });
        expect([path, type, body, response.status]).toEqual([
          path,
          type,
          body,
          status ?? (path === '/sign-in' ? 403 : 303),
        ]);
      }
      expect((await jar.send(path, { method: 'POST' })).status).toBeLessThan(500);
    }
    const junk = { cookie: 'session=%zz; =; ;;form=%00; __proto__=x' };
    expect((await fetch(`${url}/account`, { redirect: 'manual', headers: junk })).status).toBe(303);
    expect((await fetch(`${url}/sign-in?return-to=/a&return-to=/b`, { headers: junk })).status).toBe(200);
  });
});
