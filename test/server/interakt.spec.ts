import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { EventLog, InteraktService, Players } from 'nestjs-gamification';
import { keyText, ServerKeys } from 'nestjs-gamification-server';
import { createContext } from '../support/application.js';
import { ALL_PROTOCOLS, serveProtocols } from '../support/server-application.js';
import { storages, type TestStorage } from '../support/storages.js';

describe.each(storages)("Interakt's protocol, served from $name", (kind) => {
  let storage: TestStorage;
  let app: INestApplication;
  let url: string;
  let secretKey: string;

  beforeEach(async () => {
    storage = await kind.create();
    ({ app, url } = await serveProtocols(
      { storage: { url: storage.url } },
      { protocols: { ...ALL_PROTOCOLS, interakt: { callsPerMinute: 12 } } },
    ));
    const { key, secret } = await app.get(ServerKeys).create('interakt');
    secretKey = Buffer.from(`${keyText(key.id, secret)}:`).toString('base64');
  });

  afterEach(async () => {
    await app.close();
    await storage.remove();
  });

  async function send(what: 'users' | 'events', body: unknown, authorization = `Basic ${secretKey}`) {
    const response = await fetch(`${url}/v1/public/track/${what}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  const events = async (userId: string) =>
    (await app.get(EventLog).list({ userId })).items.map(({ type, traits }) => [type, traits]);

  it('takes the vectors of the protocol', async () => {
    const accepted = { status: 200, body: { result: true, message: expect.any(String) } };
    const traits = { name: 'J', age: 24, b: true, l: [1, 'a'], n: null };
    expect(
      await send('users', { traits, userId: 'u1', countryCode: '+91', phoneNumber: '9999999999' }),
    ).toEqual(accepted);
    expect(await send('users', '{"traits": {}, "userId": "42"}')).toEqual(accepted);
    expect(
      await send('events', '{"event": "Order Placed", "traits": {"v": "50.00"}, "userId": "u1"}'),
    ).toEqual({
      status: 200,
      body: { result: true, message: expect.any(String), id: expect.any(String) },
    });
    expect(await app.get(Players).traits('u1')).toEqual({ ...traits, fullPhoneNumber: '+919999999999' });
    expect((await events('u1')).at(-1)).toEqual(['Order Placed', { v: '50.00' }]);
  });

  it('knows a user by the phone number, which a later call gives to an id', async () => {
    const phone = { countryCode: '+91', phoneNumber: '9999999999' };
    await send('events', { event: 'Seen', ...phone });
    await send('users', { userId: 'u1', traits: {}, ...phone });
    await send('events', { event: 'Seen again', ...phone });
    await send('events', { event: 'And again', fullPhoneNumber: '919999999999' });
    expect((await events('+919999999999')).map(([type]) => type)).toEqual(['Seen']);
    expect((await events('u1')).map(([type]) => type)).toEqual(['$identify', 'Seen again', 'And again']);
  });

  it('refuses what is not as it must be, in the words of the protocol', async () => {
    for (const wrong of [
      {},
      [],
      { userId: 'u', traits: 'x' },
      { userId: 7 },
      { phoneNumber: '12-34' },
      { userId: 'u', createdAt: 'never' },
      { userId: 'u', traits: { big: 'x'.repeat(40_000) } },
    ]) {
      expect(await send('users', wrong)).toEqual({
        status: 400,
        body: { result: false, message: expect.any(String) },
      });
    }
    expect(await send('events', { userId: 'u' })).toMatchObject({ status: 400, body: { result: false } });
    expect((await app.get(EventLog).list()).items).toEqual([]);
  });

  it('refuses other keys, and too many calls with one', async () => {
    for (const authorization of [
      '',
      'Basic',
      'Basic Og==',
      `Bearer ${secretKey}`,
      `Basic ${secretKey.slice(4)}`,
    ]) {
      expect(await send('users', { userId: 'u' }, authorization)).toMatchObject({
        status: 401,
        body: { result: false },
      });
    }
    for (let calls = 0; calls < 12; calls++) expect((await send('users', { userId: 'u' })).status).toBe(200);
    expect(await send('users', { userId: 'u' })).toEqual({
      status: 429,
      body: { result: false, message: 'Rate limit exceeded for this resource' },
    });
    const { key, secret } = await app.get(ServerKeys).create('interakt');
    const other = Buffer.from(`${keyText(key.id, secret)}:`).toString('base64');
    expect((await send('users', { userId: 'u' }, `Basic ${other}`)).status).toBe(200);
  });

  it("is what the library's own client speaks", async () => {
    const client = await createContext({ storage: false, interakt: { apiKey: secretKey, url } });
    await client.get(InteraktService).user({ userId: 'ada', traits: { name: 'Ada' } });
    await client.get(InteraktService).event({ userId: 'ada', event: 'Seen' });
    await client.close();
    expect(await events('ada')).toEqual([
      ['$identify', { name: 'Ada' }],
      ['Seen', {}],
    ]);
  });
});
