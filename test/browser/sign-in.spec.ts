import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { ServerKeys } from 'nestjs-gamification-server';
import { type Browser, chromium } from 'playwright-core';
import { createServer } from '../../apps/server/src/create-server.js';
import { settingsFrom } from '../../apps/server/src/settings.js';
import { GloebitGrants } from '../../libs/gamification-server/src/gloebit/gloebit-grants.js';
import { chromiumPath } from '../support/browser.js';

const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('who signs in at the server on the way to an application', () => {
  let browser: Browser;
  let app: INestApplication;
  const game = createHttpServer((_request, response) => response.end('You are back.'));

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
    app = await createServer({ ...settingsFrom({}), databaseUrl: 'memory:' }, false);
    await app.listen(0, '127.0.0.1');
    game.listen(0, '127.0.0.1');
    await new Promise((resolve) => game.once('listening', resolve));
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
    game.close();
  });

  it('gets there, also where nothing is left to be asked', async () => {
    const back = `http://127.0.0.1:${(game.address() as AddressInfo).port}/back`;
    const { key } = await app.get(ServerKeys).create('gloebit', { name: 'Chess', redirectUris: [back] });
    const authorize = `${await app.getUrl()}/oauth2/authorize?${new URLSearchParams({
      client_id: key.id,
      redirect_uri: back,
      scope: 'id',
      response_type: 'code',
      approval_prompt: 'auto',
    })}`;
    const signIn = async (button: string) => {
      const page = await browser.newPage();
      await page.goto(authorize);
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill('correct horse battery');
      await page.getByRole('button', { name: button }).click();
      return page;
    };
    const first = await signIn('Create an account');
    await first.getByRole('button', { name: 'Allow', exact: true }).click();
    await first.getByText('You are back.').waitFor();
    // As the application does with the code.
    await app.get(GloebitGrants).issueToken({ clientId: key.id, userId: 'account:ada', scopes: ['id'] });

    const second = await signIn('Sign in');
    await second.getByText('You are back.').waitFor();
    expect(second.url()).toMatch(/\/back\?code=[0-9a-f]{64}$/);
  }, 60_000);
});
