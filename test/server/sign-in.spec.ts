import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { ServerKeys } from 'nestjs-gamification-server';
import { createServer } from '../../apps/server/src/create-server.js';
import { settingsFrom } from '../../apps/server/src/settings.js';

const PASSWORD = 'correct horse battery';

describe("the server's own sign-in", () => {
  let app: INestApplication;
  let url: string;
  let authorize: string;
  let application: { readonly id: string; readonly secret: string };

  beforeEach(async () => {
    app = await createServer({ ...settingsFrom({}), databaseUrl: 'memory:' }, false);
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    const { key, secret } = await app
      .get(ServerKeys)
      .create('gloebit', { name: 'Chess', redirectUris: ['https://game.example/back'] });
    application = { id: key.id, secret };
    authorize = `/oauth2/authorize?${new URLSearchParams({
      client_id: key.id,
      redirect_uri: 'https://game.example/back',
      scope: 'id balance',
      response_type: 'code',
    })}`;
  });

  afterEach(() => app.close());

  const get = (path: string, cookie = '') =>
    fetch(`${url}${path}`, { redirect: 'manual', headers: { cookie } });

  /** Fills in the form, as a browser does. */
  async function submit(
    fields: Record<string, string>,
    returnTo = authorize,
    headers: Record<string, string> = {},
  ) {
    const page = await get(`/sign-in?${new URLSearchParams({ 'return-to': returnTo })}`);
    const token = /name="token" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    const cookie = (page.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    return fetch(`${url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...headers, cookie },
      body: new URLSearchParams({ token, 'return-to': returnTo, action: 'sign-in', ...fields }),
    });
  }

  /** Allows the application something, as on the page. @returns its token */
  async function linkedBy(session: string): Promise<string> {
    const page = await (await get(authorize, session)).text();
    const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const allowed = await fetch(`${url}/oauth2/authorize`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: session },
      body: new URLSearchParams({ ticket, decision: 'allow' }),
    });
    const code = new URL(allowed.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const answer = await fetch(`${url}/oauth2/access-token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: application.id,
        client_secret: application.secret,
        redirect_uri: 'https://game.example/back',
        code,
      }),
    });
    return JSON.parse(await answer.text()).access_token;
  }

  const sessionOf = (response: Response) =>
    (response.headers.getSetCookie().find((each) => each.startsWith('session=')) ?? '').split(';')[0] ?? '';

  /** Where a page leads on to. */
  const leadOf = async (response: Response) =>
    /http-equiv="refresh" content="0; url=([^"]+)"/
      .exec(await response.text())?.[1]
      ?.replaceAll('&amp;', '&');

  it('leads from the application to the page on which a user agrees, and back', async () => {
    const start = await get(authorize);
    expect(start.headers.get('location')).toBe(`/sign-in?${new URLSearchParams({ 'return-to': authorize })}`);

    const created = await submit({ user: 'ada', password: PASSWORD, action: 'create' });
    expect([created.status, await leadOf(created)]).toEqual([200, authorize]);
    expect(created.headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Lax$/);
    const session = sessionOf(created);
    const page = await (await get(authorize, session)).text();
    expect(page).toContain('You are ada.');
    const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const allowed = await fetch(`${url}/oauth2/authorize`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: session },
      body: new URLSearchParams({ ticket, decision: 'allow' }),
    });
    expect(allowed.headers.get('location')).toMatch(/^https:\/\/game\.example\/back\?code=[0-9a-f]{64}$/);
  });

  it('shows users what they have allowed, and takes it back', async () => {
    const created = await submit({ user: 'ada', password: PASSWORD, action: 'create' });
    const session = sessionOf(created);
    const secret = await linkedBy(session);
    const isAllowed = async () => {
      const answer = await fetch(`${url}/balance`, { headers: { authorization: `Bearer ${secret}` } });
      return JSON.parse(await answer.text()).success;
    };
    expect(await isAllowed()).toBe(true);

    const page = await get('/account', session);
    const text = await page.text();
    expect(text).toContain('<strong>Chess</strong>: id, balance');
    const [, token = ''] = /name="token" value="([^"]+)"/.exec(text) ?? [];
    const [, application = ''] = /name="application" value="([^"]+)"/.exec(text) ?? [];
    const form = (page.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    const send = (cookie: string, fields: Record<string, string>) =>
      fetch(`${url}/account`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie },
        body: new URLSearchParams(fields),
      });
    // Another site's form has the session's cookie at most.
    await send(session, { application });
    await send(`${session}; ${form}`, { application, token: 'x' });
    expect(await isAllowed()).toBe(true);
    await send(`${session}; ${form}`, { application, token });
    expect(await isAllowed()).toBe(false);
    expect(await (await get('/account', session)).text()).toContain('There are none.');

    await send(`${session}; ${form}`, { action: 'sign-out', token });
    expect((await get('/account', session)).headers.get('location')).toMatch(/^\/sign-in\?/);
  });

  it('knows its users by their passwords, and nobody else', async () => {
    await submit({ user: 'ada', password: PASSWORD, action: 'create' });
    expect((await submit({ user: 'ada', password: PASSWORD })).status).toBe(200);
    expect((await submit({ user: 'ada', password: `${PASSWORD}!` })).status).toBe(401);
    expect((await submit({ user: 'bob', password: PASSWORD })).status).toBe(401);
    expect((await submit({ user: 'ada', password: PASSWORD, action: 'create' })).status).toBe(409);
    expect((await submit({ user: 'eve', password: 'short', action: 'create' })).status).toBe(400);
    expect((await submit({ user: '<b>', password: PASSWORD, action: 'create' })).status).toBe(400);
  });

  it('locks a name after a few wrong passwords', async () => {
    await submit({ user: 'ada', password: PASSWORD, action: 'create' });
    for (let tries = 0; tries < 5; tries++) {
      expect((await submit({ user: 'ada', password: `${PASSWORD}${tries}` })).status).toBe(401);
    }
    expect((await submit({ user: 'ada', password: PASSWORD })).status).toBe(429);
    expect((await submit({ user: 'bob', password: PASSWORD, action: 'create' })).status).toBe(200);
  });

  it('looks at no more passwords at once than may be wrong', async () => {
    await submit({ user: 'ada', password: PASSWORD, action: 'create' });
    const guesses = await Promise.all(
      Array.from({ length: 20 }, (_, index) => submit({ user: 'ada', password: `${PASSWORD}${index}` })),
    );
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  it('counts no password that is right, and locks nobody out from elsewhere', async () => {
    await submit({ user: 'ada', password: PASSWORD, action: 'create' });
    for (let times = 0; times < 8; times++)
      expect((await submit({ user: 'ada', password: PASSWORD })).status).toBe(200);
    const proxied = await createServer(
      { ...settingsFrom({ TRUST_PROXY: '127.0.0.0/8' }), databaseUrl: 'memory:' },
      false,
    );
    await proxied.listen(0, '127.0.0.1');
    url = await proxied.getUrl();
    try {
      await submit({ user: 'ada', password: PASSWORD, action: 'create' });
      const guess = (from: string, password = `${PASSWORD}!`) =>
        submit({ user: 'ada', password }, authorize, { 'x-forwarded-for': from });
      for (let host = 1; host <= 6; host++) await guess(`2001:db8:0:1::${host}`);
      expect((await guess('2001:db8::1:0:0:0:7', PASSWORD)).status).toBe(429);
      expect((await guess('2001:db8:1::1', PASSWORD)).status).toBe(200);
      expect((await guess('192.0.2.1', PASSWORD)).status).toBe(200);
    } finally {
      await proxied.close();
    }
  });

  it('takes no form of another page, and sends nobody elsewhere', async () => {
    expect((await submit({ user: 'ada', password: PASSWORD, action: 'create', token: 'x' })).status).toBe(
      403,
    );
    for (const elsewhere of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example',
      'javascript:alert(1)',
    ]) {
      const name = `u${elsewhere.length}`;
      const response = await submit({ user: name, password: PASSWORD, action: 'create' }, elsewhere);
      expect(await leadOf(response)).toBe('/account');
    }
    const page = await get('/sign-in');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('x-powered-by')).toBeNull();
  });
});
