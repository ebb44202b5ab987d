import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, until } from '../support/processes.js';

const SCRIPT = new URL('../../scripts/start-remote.mjs', import.meta.url).pathname;

describe('the coffee shop against the server, in one command', () => {
  let folder: string;
  let shop: string;
  let process: ChildProcess;
  let exited: Promise<unknown>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gamification-remote-'));
    const [port, serverPort] = [await freePort(), await freePort()];
    shop = `http://localhost:${port}`;
    const env = { ...globalThis.process.env, PORT: String(port), SERVER_PORT: String(serverPort) };
    process = spawn(globalThis.process.execPath, [SCRIPT], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    exited = once(process, 'exit');
    await until(async () => (await fetch(`${shop}/health`)).ok);
  }, 120_000);

  afterAll(async () => {
    process.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  });

  const as = (customer: string) => ({ 'x-customer': customer, 'content-type': 'application/json' });
  const get = async (path: string, customer: string) =>
    JSON.parse(await (await fetch(`${shop}${path}`, { headers: as(customer) })).text());
  const post = async (path: string, customer: string, body: object) => {
    const response = await fetch(`${shop}${path}`, {
      method: 'POST',
      headers: as(customer),
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return [response.status, text === '' ? undefined : JSON.parse(text)];
  };

  it('keeps points, progress, gifts and money on the server', async () => {
    for (const [id, name, phone] of [
      ['ann', 'Ann', '+79991234501'],
      ['bob', 'Bob', '+79991234502'],
    ]) {
      expect(await post('/customers', '', { id, name, phone })).toEqual([201, { id, name, phone }]);
    }
    const [status, order] = await post('/orders', 'ann', { id: 'till-1', drink: 'latte', quantity: 2 });
    expect([status, order]).toEqual([201, expect.objectContaining({ total: 840, earned: 84 })]);
    await until(async () => (await get('/achievements', 'ann')).challenges.length > 0);
    expect(await get('/achievements', 'ann')).toMatchObject({
      ratings: [{ ratingId: 'xp', position: 1 }],
      challenges: [{ name: 'Welcome', progress: 3, steps: ['sign-up', 'order'] }],
    });
    expect(await get('/wallet', 'ann')).toMatchObject({ points: 84 });

    const [, { id }] = await post('/gifts', 'ann', { drink: 'latte' });
    expect(await get('/gifts', 'bob')).toMatchObject({ gifts: [{ id, drink: 'latte' }] });
    expect((await post(`/gifts/${id}/reply`, 'bob', { response: 'accept' }))[0]).toBeLessThan(300);
    expect(await get('/gifts', 'bob')).toEqual({ gifts: [] });

    await until(async () => {
      const { systems } = await get('/health', 'ann');
      return systems['gmfy-events'].waiting === 0 && systems['interakt-events'].waiting === 0;
    });
    expect((await get('/health', 'ann')).systems).toMatchObject({
      gmfy: { status: 'up' },
      wallet: { status: 'up' },
      gloebit: { status: 'up' },
      playblazer: { status: 'up' },
      interakt: { status: 'up' },
      'gmfy-events': { dead: 0 },
      'interakt-events': { dead: 0 },
    });
  }, 60_000);

  it("links a customer's account with the server's Gloebit", async () => {
    const browser = new Browser(as('ann'));
    const signIn = await browser.open(`${shop}/accounts/gloebit/link`);
    expect(signIn.url).toContain('/sign-in?');
    const consent = await browser.submit(signIn, {
      action: 'create',
      user: 'ann',
      password: 'correct horse battery',
    });
    expect(consent.text).toContain('You are ann.');
    const back = await browser.submit(consent, { decision: 'allow' });
    expect(back.url.startsWith(shop)).toBe(true);
    expect(back.status).toBe(200);
    // Who makes an account with the name of a customer does not get what that customer has.
    expect(await get('/souvenirs/balance', 'ann')).toEqual({ balance: 0 });
    const [status, refusal] = await post('/souvenirs/purchases', 'ann', { souvenir: 'sticker' });
    expect([status, refusal]).toEqual([402, expect.objectContaining({ code: expect.any(String) })]);
  }, 60_000);

  it('ends both when it is told to', async () => {
    process.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await expect(fetch(shop)).rejects.toThrow();
  }, 30_000);
});

interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

/** As much of a browser as it takes to link an account: cookies by host, redirects, pages that lead on, forms. */
class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();

  constructor(private readonly headers: Readonly<Record<string, string>>) {}

  async open(url: string, body?: URLSearchParams): Promise<Page> {
    const { host } = new URL(url);
    const cookies = this.cookies.get(host) ?? new Map<string, string>();
    this.cookies.set(host, cookies);
    const { 'content-type': _, ...headers } = this.headers;
    const response = await fetch(url, {
      redirect: 'manual',
      method: body ? 'POST' : 'GET',
      headers: { ...headers, cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      body: body ?? null,
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location) return this.open(new URL(location, url).href);
    const text = await response.text();
    const refresh = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(text)?.[1];
    if (refresh) return this.open(new URL(refresh.replaceAll('&amp;', '&'), url).href);
    return { url, status: response.status, text };
  }

  /** Sends a page's form with its hidden fields and those that are filled in. */
  submit({ url, text }: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1] ?? url;
    const hidden = [...text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')],
    );
    return this.open(
      new URL(action, url).href,
      new URLSearchParams({ ...Object.fromEntries(hidden), ...fields }),
    );
  }
}
