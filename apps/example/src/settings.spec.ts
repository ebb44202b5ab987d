import { describe, expect, it } from '@jest/globals';
import { MissingVariablesError, SettingsError } from './settings.errors.js';
import { settingsFrom } from './settings.js';

const GLOEBIT = { GLOEBIT_CLIENT_ID: 'id', GLOEBIT_CLIENT_SECRET: 'secret', ACCOUNT_KEY: 'key' };
const PLAYBLAZER = {
  PLAYBLAZER_URL: 'https://p.example/v1',
  PLAYBLAZER_APP_ID: '1',
  PLAYBLAZER_SECRET_KEY: 'secret',
  PLAYBLAZER_MODE: 'fb',
};

describe('settingsFrom', () => {
  it.each([
    ['an empty environment', {}],
    [
      'variables that are set to nothing',
      { PORT: '', DATABASE_URL: '', GMFY_URL: '', WALLET_CONFIG: '', GLOEBIT_SANDBOX: '', ACCOUNT_KEY: '' },
    ],
    ['an account key that nothing needs', { ACCOUNT_KEY: 'key' }],
  ])('needs nothing and uses no remote system with %s', (_, environment) => {
    expect(settingsFrom(environment)).toEqual({
      port: 3000,
      databaseUrl: 'file:./data/gamification.db',
      publicUrl: 'http://localhost:3000',
      remote: {},
    });
  });

  it('reads where to listen and where to keep everything', () => {
    expect(settingsFrom({ PORT: '8080', DATABASE_URL: 'postgres://db/shop' })).toMatchObject({
      port: 8080,
      databaseUrl: 'postgres://db/shop',
    });
  });

  it.each([
    [
      'GMFY',
      { GMFY_URL: 'https://g.example', GMFY_API_KEY: 'k' },
      { gmfy: { url: 'https://g.example', apiKey: 'k' } },
    ],
    ['Interakt', { INTERAKT_API_KEY: 'k' }, { interakt: { apiKey: 'k' } }],
    [
      'Interakt elsewhere',
      { INTERAKT_API_KEY: 'k', INTERAKT_URL: 'https://i.example' },
      { interakt: { apiKey: 'k', url: 'https://i.example' } },
    ],
    ['a wallet service', { WALLET_CONFIG: './authority.json' }, { wallet: { config: './authority.json' } }],
    [
      'Playblazer',
      PLAYBLAZER,
      { playblazer: { url: 'https://p.example/v1', appId: '1', secretKey: 'secret', mode: 'fb' } },
    ],
  ])('turns on %s, and nothing else', (_, environment, remote) => {
    expect(settingsFrom(environment).remote).toEqual(remote);
  });

  it('turns on Gloebit, which sends browsers back to where the shop listens', () => {
    const { remote } = settingsFrom({ ...GLOEBIT, PORT: '8080' });
    expect(Object.keys(remote)).toEqual(['accounts', 'gloebit']);
    expect(remote.accounts).toEqual({ encryptionKeys: [{ id: 'account-key', key: 'key' }] });
    expect(remote.gloebit).toMatchObject({
      clientKey: 'id',
      clientSecret: 'secret',
      clientSecretsFile: undefined,
      url: undefined,
      sandbox: false,
      redirectUri: 'http://localhost:8080/accounts/gloebit/callback',
    });
  });

  it('sends browsers back to the public URL, and uses another Gloebit', () => {
    const { remote } = settingsFrom({
      GLOEBIT_CLIENT_SECRETS: './secrets.json',
      ACCOUNT_KEY: 'key',
      GLOEBIT_URL: 'https://gloebit.example',
      PUBLIC_URL: 'https://shop.example/',
    });
    expect(remote.gloebit).toMatchObject({
      clientKey: undefined,
      clientSecretsFile: './secrets.json',
      url: 'https://gloebit.example',
      redirectUri: 'https://shop.example/accounts/gloebit/callback',
    });
  });

  it.each([
    ['true', true],
    ['false', false],
  ])('reads GLOEBIT_SANDBOX=%s', (text, sandbox) => {
    expect(settingsFrom({ ...GLOEBIT, GLOEBIT_SANDBOX: text }).remote.gloebit).toMatchObject({ sandbox });
  });

  it('refuses a switch that is neither on nor off', () => {
    expect(() => settingsFrom({ ...GLOEBIT, GLOEBIT_SANDBOX: 'yes' })).toThrow(
      new SettingsError('GLOEBIT_SANDBOX must be true or false'),
    );
  });

  it.each<[NodeJS.ProcessEnv, string[]]>([
    [{ GMFY_URL: 'https://g.example' }, ['GMFY_API_KEY']],
    [{ GMFY_API_KEY: 'k' }, ['GMFY_URL']],
    [{ GMFY_API_KEY: 'k', GMFY_URL: '' }, ['GMFY_URL']],
    [{ INTERAKT_URL: 'https://i.example' }, ['INTERAKT_API_KEY']],
    [{ GLOEBIT_CLIENT_ID: 'id' }, ['GLOEBIT_CLIENT_SECRET', 'ACCOUNT_KEY']],
    [{ GLOEBIT_CLIENT_SECRETS: './secrets.json' }, ['ACCOUNT_KEY']],
    [{ ...GLOEBIT, ACCOUNT_KEY: '' }, ['ACCOUNT_KEY']],
    [{ GLOEBIT_SANDBOX: 'true', ACCOUNT_KEY: 'key' }, ['GLOEBIT_CLIENT_ID', 'GLOEBIT_CLIENT_SECRET']],
    [{ ...PLAYBLAZER, PLAYBLAZER_MODE: '' }, ['PLAYBLAZER_MODE']],
    [
      { PLAYBLAZER_URL: 'https://p.example/v1', PLAYBLAZER_MODE: 'fb' },
      ['PLAYBLAZER_APP_ID', 'PLAYBLAZER_SECRET_KEY'],
    ],
  ])('says what %j needs as well', (environment, missing) => {
    let thrown: unknown;
    try {
      settingsFrom(environment);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(MissingVariablesError);
    expect(thrown).toMatchObject({ missing, found: Object.keys(environment)[0] });
    expect(String(thrown)).toContain(missing.join(' and '));
  });
});
