import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LoopbackServer } from '../support/loopback-server.js';

const PROCESS = fileURLToPath(new URL('../support/traced-process.mjs', import.meta.url));

describe('OpenTelemetry', () => {
  let server: LoopbackServer;

  afterEach(() => server.close());

  it('sees every call through its HTTP instrumentation, and no secret', async () => {
    server = await LoopbackServer.start(({ path }) =>
      path.startsWith('/v1/version')
        ? { json: { version: '1.0', deploymentDate: '2024-07-22T17:28:03.876Z' } }
        : { json: { status: 'ok', count: 0, requests: [] } },
    );
    const child = fork(PROCESS, [server.url, server.url], {
      execArgv: [],
      stdio: 'inherit',
      // The older conventions have an attribute with the whole query, which nothing redacts.
      env: { ...process.env, OTEL_SEMCONV_STABILITY_OPT_IN: 'http' },
    });
    const [spans] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the process ended with ${code}`))),
    ]);

    expect(spans).toEqual([
      expect.objectContaining({
        'url.full': expect.stringMatching(/\/v1\/version\/$/),
        'http.response.status_code': 200,
      }),
      expect.objectContaining({ 'url.full': expect.stringContaining('/app/1/gifts/fb/kunalg/list') }),
    ]);
    expect(JSON.stringify(spans)).not.toMatch(/playblazer-secret|gmfy-key/);
  });
});
