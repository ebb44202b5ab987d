import { describe, expect, it } from '@jest/globals';
import { createServer } from './create-server.js';
import { settingsFrom } from './settings.js';

describe('settingsFrom', () => {
  it('needs nothing, and trusts no proxy', () => {
    expect(settingsFrom({ TRUST_PROXY: '', PORT: '' })).toEqual({
      port: 3001,
      databaseUrl: 'file:./data/server.db',
      mechanics: undefined,
      publicUrl: 'http://localhost:3001',
      codeWebhookUrl: undefined,
      trustProxy: 0,
    });
  });

  it.each([
    ['2', 2],
    ['10.0.0.0/8, 192.0.2.1', ['10.0.0.0/8', '192.0.2.1']],
    ['loopback,2001:db8::/32', ['loopback', '2001:db8::/32']],
    ['::1.2.3.4', ['::ffff:102:304']],
    ['fe80::1%eth0', ['fe80::1%eth0']],
  ])('takes a TRUST_PROXY of %s, and so does Express', async (text, expected) => {
    const settings = settingsFrom({ TRUST_PROXY: text });
    expect(settings.trustProxy).toEqual(expected);
    await (await createServer({ ...settings, databaseUrl: 'memory:' }, false)).close();
  });

  it.each([
    ['TRUST_PROXY', '-1'],
    ['TRUST_PROXY', '10'],
    ['TRUST_PROXY', 'everybody'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', '10.0.0.1,::/0'],
    ['TRUST_PROXY', '10.0.0.1,'],
    ['TRUST_PROXY', '10.0.0.1:80'],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '0x10'],
    ['PUBLIC_URL', 'gamification.example'],
    ['PUBLIC_URL', 'https://a b'],
    ['CODE_WEBHOOK_URL', 'http://'],
    ['CODE_WEBHOOK_URL', 'https://:80'],
  ])('refuses a %s of %s, and says what it is to be', (name, value) => {
    expect(() => settingsFrom({ [name]: value })).toThrow(new RegExp(`^${name} is (.*, allowed: |to be )`));
  });
});
