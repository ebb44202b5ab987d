import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { createApp } from '../../apps/example/src/create-app.js';
import { chromiumPath } from '../support/browser.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

if (chromiumPath === undefined && process.env.CI) {
  throw new Error('CI needs Chromium for the tests in a browser');
}

// A report says that these were skipped where there is no browser.
const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('a visit to the coffee shop in a browser', () => {
  let app: INestApplication;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
  }, 60_000);

  afterAll(() => browser.close());

  beforeEach(async () => {
    app = await createApp({ databaseUrl: 'memory:' });
    app.useLogger(false);
    await app.listen(0);
  });

  afterEach(async () => {
    await page.context().close();
    await app.close();
  });

  async function visit(options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
    const { port }: AddressInfo = app.getHttpServer().address();
    const context = await browser.newContext(options);
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`http://localhost:${port}/`);
  }

  const be = async (name: string) => {
    await page.getByRole('radio', { name }).check();
    await page.getByText(`Hello, ${name}.`).waitFor();
  };
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const widget = (name: string): Locator => page.locator(`gamification-${name}`);
  const see = (where: Locator, text: string) => where.getByText(text).first().waitFor();

  /** What axe-core finds wrong with the page, by rule. */
  async function faults(): Promise<readonly string[]> {
    await page.addScriptTag({ path: AXE });
    return page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    });
  }

  it('shows everything that happens: an order, a badge, a gift, a purchase, the leaderboard', async () => {
    await visit();
    await be('Bob');
    await press('Order two lattes');
    await see(widget('wallet'), '84');
    await be('Ann');
    await see(widget('wallet'), 'Your wallet is empty.');
    await see(widget('challenges'), 'Sign up');

    for (let orders = 0; orders < 3; orders++) {
      await press('Order two lattes');
      await see(page.locator('#answer'), '84 points for you');
    }
    await see(widget('notifications'), 'You have earned a badge: Coffee lover');
    await see(widget('profile'), 'Level: Regular');
    await see(widget('streaks'), 'Days in a row: 1');
    const rows = widget('leaderboard').getByRole('row');
    await rows.filter({ hasText: 'Ann (you)' }).filter({ hasText: '24' }).waitFor();
    expect(await rows.allInnerTexts()).toEqual([
      expect.stringContaining('Player'),
      expect.stringMatching(/1\s+Ann \(you\)\s+24/),
      expect.stringMatching(/2\s+Bob\s+8/),
    ]);

    await press('Ask friends for a latte');
    await be('Bob');
    await see(widget('gifts'), 'Ann asks for 42 Points');
    await widget('gifts').getByRole('button', { name: 'Give' }).click();
    await see(widget('gifts'), 'Nobody is asking for anything.');
    await see(widget('wallet'), '42');

    await be('Ann');
    await see(widget('notifications'), 'A friend has given you a gift');
    await press('Book a tasting');
    await see(page.locator('#answer'), 'Booked. 279 points are left.');
    await see(widget('wallet'), 'Purchase: A seat at the tasting');
    await widget('notifications').getByRole('button', { name: 'Mark all as read' }).click();
    await widget('notifications')
      .getByRole('button', { name: 'Mark all as read' })
      .waitFor({ state: 'detached' });
  }, 60_000);

  it('shows what another window does, without being asked', async () => {
    await visit();
    await be('Ann');
    const { port }: AddressInfo = app.getHttpServer().address();
    await fetch(`http://localhost:${port}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-customer': 'ann' },
      body: JSON.stringify({ id: 'till-1', drink: 'latte', quantity: 3 }),
    });
    await see(widget('notifications'), 'You have earned a badge: Big spender');
    await see(widget('badges'), 'Ten euros at once');
  }, 60_000);

  it('takes a tip with the code from the phone, on a page of its own', async () => {
    await visit();
    await be('Ann');
    await press('Order an espresso');
    const opened = page.waitForEvent('popup');
    await press('Give a tip');
    const payment = await opened;
    await see(page.locator('#phone'), 'is your code');
    const message = await page.locator('#phone').textContent();
    await payment.getByLabel('Code').fill(/\d{6}/.exec(message ?? '')?.[0] ?? '');
    await payment.getByRole('button', { name: 'Pay' }).click();
    await payment.getByText('It is paid').waitFor();
  }, 60_000);

  it.each(['light', 'dark'] as const)(
    'has nothing that axe-core finds, in the %s',
    async (colorScheme) => {
      // axe-core is put into the page, which the page's own policy would forbid.
      await visit({ colorScheme, bypassCSP: true });
      await be('Bob');
      await press('Ask friends for a latte');
      await be('Ann');
      await press('Read about our beans');
      await press('Order two lattes');
      await see(widget('notifications'), 'You have completed Welcome');
      await see(widget('gifts'), 'Bob asks for');
      await see(widget('wallet'), '109');
      expect(await faults()).toEqual([]);
    },
    60_000,
  );

  it('speaks Russian, and can be used by keyboard alone', async () => {
    await visit();
    await be('Bob');
    await press('Ask friends for a latte');
    await be('Ann');
    await press('Order two lattes');
    await page.evaluate('for (const each of widgets.children) each.setAttribute("locale", "ru")');
    await see(widget('profile'), 'Ваш прогресс');
    await see(widget('gifts'), 'Bob просит: 42 Points');
    const give = widget('gifts').getByRole('button', { name: 'Подарить' });
    await give.focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await see(widget('gifts'), 'Никто ничего не просит.');
    await see(widget('wallet'), '84');
    await widget('leaderboard').getByLabel('Период').selectOption('week');
    await see(widget('leaderboard'), 'Ann (вы)');
  }, 60_000);

  it('says so while nobody is signed in, and when something fails', async () => {
    await visit();
    await page.evaluate('widgets.hidden = false');
    await see(widget('wallet'), 'Sign in to see this.');
    await page.route('**/gamification/wallet', (route) => route.fulfill({ status: 503, body: '{}' }));
    await be('Ann');
    await see(widget('wallet'), 'This cannot be shown at the moment.');
    await page.unroute('**/gamification/wallet');
    await widget('wallet').getByRole('button', { name: 'Try again' }).click();
    await see(widget('wallet'), 'Your wallet is empty.');
  }, 60_000);
});
