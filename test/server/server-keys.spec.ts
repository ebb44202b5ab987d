import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { InvalidKeyError, ServerKeys } from 'nestjs-gamification-server';
import { serveProtocols } from '../support/server-application.js';

let app: INestApplication;
let keys: ServerKeys;

beforeEach(async () => {
  ({ app } = await serveProtocols({ storage: { url: 'memory:' } }, { protocols: {} }));
  keys = app.get(ServerKeys);
});

afterEach(() => app.close());

it.each([
  'nowhere',
  'app://game/back',
  'javascript:alert(1)',
  'https://game.example/back#part',
  'https://ada:secret@game.example/back',
  `https://game.example/${'x'.repeat(2_000)}`,
])('makes no key whose users would be sent back to %s', async (uri) => {
  const refusal = keys.create('gloebit', { redirectUris: ['https://game.example/back', uri] });
  await expect(refusal).rejects.toThrow(InvalidKeyError);
  await expect(refusal).rejects.toThrow(/^key: redirectUris\[1\]/);
  await expect(refusal).rejects.not.toThrow(/secret/);
  expect(await keys.list()).toEqual([]);
});

it('makes no key with a name that cannot be kept', async () => {
  for (const name of ['\0', '\ud83d', 'x'.repeat(201)])
    await expect(keys.create('gmfy', { name })).rejects.toThrow(InvalidKeyError);
  expect(await keys.list()).toEqual([]);
});
