import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication, INestApplicationContext } from '@nestjs/common';
import { EventTracker, Gifts } from 'nestjs-gamification';
import { ServerKeys } from 'nestjs-gamification-server';
import { createContext, TestClock } from '../support/application.js';
import { serveProtocols } from '../support/server-application.js';
import { storages, type TestStorage } from '../support/storages.js';

describe.each(storages)("Playblazer's protocol, served from $name", (kind) => {
  let clock: TestClock;
  let storage: TestStorage;
  let app: INestApplication;
  let url: string;
  let base: string;
  let appId: string;
  let secretKey: string;
  let client: INestApplicationContext;
  let gifts: Gifts;

  beforeEach(async () => {
    clock = new TestClock(1_387_444_794_000);
    storage = await kind.create();
    ({ app, url } = await serveProtocols({ storage: { url: storage.url } }, { clock }));
    const { key, secret } = await app.get(ServerKeys).create('playblazer');
    appId = key.id;
    secretKey = secret;
    base = `${url}/v1/app/${appId}`;
    await form('profile/fb/kunalg/login', {});
    await form('profile/facebook/abcd/login', { friends: 'kunalg' });
    client = await createContext({
      storage: false,
      playblazer: { url: `${url}/v1`, appId, secretKey, mode: 'fb', maxRetries: 0 },
    });
    gifts = client.get(Gifts);
  });

  afterEach(async () => {
    await client.close();
    await app.close();
    await storage.remove();
  });

  /** As `curl -F` does, unless told. */
  async function form(
    path: string,
    fields: Record<string, string>,
    encode: 'multipart' | 'urlencoded' = 'multipart',
  ) {
    const all = { secret_key: secretKey, ...fields };
    const body = encode === 'urlencoded' ? new URLSearchParams(all) : new FormData();
    if (body instanceof FormData) for (const [name, value] of Object.entries(all)) body.append(name, value);
    const response = await fetch(`${base}/${path}`, { method: 'POST', body });
    expect(response.status).toBe(200);
    return JSON.parse(await response.text());
  }

  const list = async (user: string, query: Record<string, string> = {}) => {
    const response = await fetch(
      `${base}/gifts/fb/${user}/list?${new URLSearchParams({ secret_key: secretKey, ...query })}`,
    );
    expect(response.status).toBe(200);
    return response.text();
  };

  it('makes no users of the names of those who sign in at the server', async () => {
    for (const mode of ['account', 'ACCOUNT', 'a:b', 'x'.repeat(21)])
      expect(await form(`profile/${mode}/ada/login`, {})).toMatchObject({ error: { code: -200 } });
    expect(await form('gifts/account/ada/request/new', {})).toMatchObject({ error: { code: -200 } });
  });

  it('writes no markup that an application sends into its XML', async () => {
    const name = 'script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script><x';
    await form('gifts/fb/kunalg/request/new', { [`custom:${name}`]: '<b>', 'custom:item': '<i>' });
    const query = new URLSearchParams({ secret_key: secretKey, fmt: 'xml' });
    const response = await fetch(`${base}/gifts/fb/abcd/list?${query}`);
    const text = await response.text();
    expect(text).not.toMatch(/<script|<x|<b>|<i>/);
    expect(text).toContain('<item>&lt;i&gt;</item>');
    expect(text).toContain('<attribute name="script xmlns=&quot;');
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  });

  it('reads no more of a body than a request can have, whoever sends it', async () => {
    const body = new FormData();
    for (let n = 0; n < 200; n++) body.append(`custom:${n}`, 'x');
    const response = await fetch(`${url}/v1/app/nobody/gifts/fb/1/request/new`, { method: 'POST', body });
    expect([400, 413]).toContain(response.status);
  });

  it('takes the examples of the document, in both kinds of body', async () => {
    await app
      .get(EventTracker)
      .identify('facebook:kunalg', { firstName: 'Kunal', lastName: 'TestHG', language: 'it' });
    const given = { 'custom:item_name': 'item1', 'custom:item_id': '1234', expiry: '86400' };
    const asked = await form('gifts/fb/kunalg/request/new', given);
    expect(asked).toEqual({ status: 'ok', request_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    await form('gifts/fb/kunalg/request/new', { expiry: '60' }, 'urlencoded');

    expect(JSON.parse(await list('abcd'))).toEqual({
      status: 'ok',
      count: 2,
      requests: [
        expect.objectContaining({ extra: {} }),
        {
          id: asked.request_id,
          extra: { item_id: '1234', item_name: 'item1' },
          expiry_time: { timestamp: 1_387_531_194, time_str: '2013-12-20 09:19:54 +0000' },
          user: {
            first_name: 'Kunal',
            last_name: 'TestHG',
            fbid: 'kunalg',
            twitterid: null,
            googleid: null,
            deviceid: null,
            email: null,
            lang: 'it',
          },
        },
      ],
    });
    expect(JSON.parse(await list('abcd', { sort: 'desc', limit: '1' })).requests[0].id).toBe(
      asked.request_id,
    );
    expect(JSON.parse(await list('abcd', { start: '1' })).count).toBe(1);
    expect(JSON.parse(await list('kunalg')).count).toBe(0);

    const reply = { request_id: asked.request_id, resp: 'accept', 'custom:a': 'b' };
    expect(await form('gifts/fb/abcd/request/reply', reply)).toEqual({ status: 'ok' });
    expect(JSON.parse(await list('abcd')).count).toBe(1);
  });

  it('answers in XML where that is asked for', async () => {
    await form('gifts/fb/kunalg/request/new', { 'custom:item': 'a <b> & c' });
    const text = await list('abcd', { fmt: 'xml' });
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?><response><status>ok<\/status><count>1<\/count>/,
    );
    expect(text).toContain('<requests><item><id>');
    expect(text).toContain('<item>a &lt;b&gt; &amp; c</item>');
  });

  it('answers the errors of the document', async () => {
    const error = (message: string, code: number, code_str: string) => ({
      status: 'error',
      error: { message, code, code_str },
    });
    const request = 'gifts/fb/kunalg/request/new';
    expect(await form(request, { secret_key: '' })).toEqual(
      error('Secret Key not passed', -100, 'E_INVALID_REQUEST'),
    );
    expect(await form(request, { secret_key: 'x' })).toEqual(
      error('Invalid Secret Key', -100, 'E_INVALID_REQUEST'),
    );
    expect(await form('gifts/fb/nobody/request/new', {})).toEqual(
      error('Profile not found', -200, 'E_NO_PROFILE'),
    );
    expect(await form('gifts/twitter/kunalg/request/new', {})).toMatchObject({
      error: { code_str: 'E_NO_PROFILE' },
    });
    expect(await form(request, { expiry: 'soon' })).toMatchObject({
      error: { code_str: 'E_GIFT_REQUEST_FAILED' },
    });
    const reply = 'gifts/fb/abcd/request/reply';
    expect(await form(reply, {})).toEqual(error('Request ID not passed', -30002, 'E_GIFT_INVALID_REQUEST'));
    expect(await form(reply, { request_id: 'x' })).toEqual(
      error("Request with id='x' not found", -30002, 'E_GIFT_INVALID_REQUEST'),
    );
    const { request_id } = await form(request, { expiry: '60' });
    expect(await form(reply, { request_id, resp: 'maybe' })).toMatchObject({ status: 'error' });
    clock.advance(60_000);
    expect(await form(reply, { request_id })).toEqual(
      error(`Request with id='${request_id}' has expired`, -30003, 'E_GIFT_REQUEST_EXPIRED'),
    );
  });

  it('is listed in pages of any size, and not beyond its end', async () => {
    const kept = app.get(Gifts);
    await Promise.all(Array.from({ length: 1_001 }, () => kept.request({ userId: 'facebook:kunalg' })));

    const first = await gifts.list({ userId: 'abcd', limit: 1_000 });
    expect(first.items).toHaveLength(1_000);
    const rest = await gifts.list({ userId: 'abcd', limit: 1_000, after: first.next ?? '' });
    expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(1_001);
    expect(rest).not.toHaveProperty('next');
    for (const start of ['10001', '9999999999']) {
      expect(JSON.parse(await list('abcd', { start }))).toMatchObject({ status: 'error' });
    }
  });

  it('refuses fields that come twice, so that none of them is lost', async () => {
    const body = new URLSearchParams([
      ['secret_key', secretKey],
      ['custom:item', 'tea'],
      ['custom:item', 'cake'],
    ]);
    const response = await fetch(`${base}/gifts/fb/kunalg/request/new`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ error: { code_str: 'E_GIFT_REQUEST_FAILED' } });
    expect(JSON.parse(await list('abcd')).count).toBe(0);
  });
});
