import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort, until } from '../support/processes.js';
import { durableStorages, type TestStorage } from '../support/storages.js';

/** Built by whoever runs the tests: `npm test` builds before. */
const MAIN = new URL('../../apps/server/dist/main.js', import.meta.url).pathname;
const run = promisify(execFile);

describe.each(durableStorages)('the server as a process, on $name', (kind) => {
  let storage: TestStorage;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    storage = await kind.create();
    env = { ...process.env, DATABASE_URL: storage.url, PORT: String(await freePort()) };
  });

  afterEach(() => storage.remove());

  const keys = async (...words: string[]) => {
    const { stdout, stderr } = await run(process.execPath, [MAIN, 'keys', ...words], { env });
    expect(stderr).toBe('');
    expect(stdout.trimEnd()).not.toContain('\n');
    return JSON.parse(stdout);
  };

  it('prints keys as their clients want them, and nothing else', async () => {
    const { apiKey, ...rest } = await keys('create', 'gmfy', '--read-only', '--name', 'page');
    expect([apiKey, rest]).toEqual([expect.stringMatching(/^[0-9a-f]{12}\.[0-9a-f]{64}$/), {}]);
    const { secretKey } = await keys('create', 'interakt');
    expect(Buffer.from(secretKey, 'base64').toString()).toMatch(/^[0-9a-f.]+:$/);
    expect(await keys('create', 'playblazer')).toEqual({
      appId: expect.stringMatching(/^[0-9a-f]{12}$/),
      secretKey: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await keys('create', 'wallet', '--base-url', 'https://w.example/')).toEqual({
      config_schema_version: '0.1.0',
      api_base_url: 'https://w.example',
      authority_id: expect.stringMatching(/^[0-9a-f]{24}$/),
      private_key: expect.stringMatching(/^-----BEGIN EC PRIVATE KEY-----\n.*-----END EC PRIVATE KEY-----$/s),
    });
    expect(await keys('create', 'gloebit', '--redirect-uri', 'https://game.example/back')).toEqual({
      clientId: expect.stringMatching(/^[0-9a-f]{24}$/),
      clientSecret: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const listed = await keys('list');
    expect(
      listed.map(({ protocol, name, permission }: Record<string, string>) => [protocol, name, permission]),
    ).toEqual([
      ['gmfy', 'page', 'read'],
      ['interakt', '', 'write'],
      ['playblazer', '', 'write'],
      ['wallet', '', 'write'],
      ['gloebit', '', 'write'],
    ]);
    expect(JSON.stringify(listed)).not.toContain(apiKey.split('.')[1]);
    expect(await keys('revoke', listed[0].id)).toEqual({ revoked: true });
    expect(await keys('revoke', listed[0].id)).toEqual({ revoked: false });
    for (const wrong of [
      [],
      ['create'],
      ['create', 'gloebits'],
      ['create', 'gloebit'],
      ['list', 'x'],
      ['create', 'wallet', '--read-only'],
    ]) {
      await expect(run(process.execPath, [MAIN, 'keys', ...wrong], { env })).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('usage: keys create'),
      });
    }
  }, 120_000);

  it('does not start with a setting that is wrong, and names what is allowed', async () => {
    await expect(
      run(process.execPath, [MAIN], { env: { ...env, TRUST_PROXY: '0.0.0.0/0' } }),
    ).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^TRUST_PROXY is "0\.0\.0\.0\/0", allowed: [^\n]*\n$/),
    });
  });

  it('serves, takes keys that are made beside it, and ends when it is told to', async () => {
    const server = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    server.stdout.on('data', (chunk) => {
      log += chunk;
    });
    const url = `http://127.0.0.1:${env.PORT}`;
    const exited = once(server, 'exit');
    try {
      await until(async () => (await fetch(`${url}/ready`)).status === 200);
      const { apiKey } = await keys('create', 'gmfy');
      const event = (key: string) =>
        fetch(`${url}/v1/events/`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': key },
          body: '{"userId":"u","type":"register"}',
        });
      expect((await event(apiKey)).status).toBe(201);
      expect((await event('none')).status).toBe(401);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(
        /gamification_http_seconds_count\{method="POST",route="\/v1\/events",status="201"\} 1/,
      );
      expect(metrics).toMatch(
        /gamification_http_seconds_count\{method="POST",route="\/v1\/events",status="401"\} 1/,
      );
      expect(metrics).toMatch(/gamification_events\{state="recorded"\} 1/);
      expect((await fetch(`${url}/health`)).status).toBe(200);
      const { paths } = JSON.parse(await (await fetch(`${url}/docs-json`)).text());
      expect(Object.keys(paths)).toEqual(
        expect.arrayContaining(['/v1/events/batch', '/api/v1/wallet', '/v1/public/track/users', '/ready']),
      );
      server.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      for (const line of log.trimEnd().split('\n'))
        expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) });
      expect(log).not.toContain(apiKey.split('.')[1]);
    } finally {
      server.kill('SIGKILL');
      await exited;
    }
  }, 120_000);
});
