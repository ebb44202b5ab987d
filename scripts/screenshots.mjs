/**
 * Takes the pictures of the README: plays a visit to the coffee shop in Chromium.
 *
 * npm run build && node scripts/screenshots.mjs        (needs Chromium; CHROMIUM_PATH says where, if not /usr/bin/chromium)
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { createApp } from '../apps/example/dist/create-app.js';

const folder = resolve(import.meta.dirname, '../docs/images');
mkdirSync(folder, { recursive: true });

const app = await createApp({ databaseUrl: 'memory:' });
app.useLogger(false);
await app.listen(0);
const { port } = app.getHttpServer().address();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  await page.goto(`http://localhost:${port}/`);
  const be = async (/** @type {string} */ name) => {
    await page.getByRole('radio', { name }).check();
    await page.getByText(`Hello, ${name}.`).waitFor();
  };
  const press = async (/** @type {string} */ name, /** @type {string} */ answer) => {
    await page.getByRole('button', { name, exact: true }).click();
    await page.locator('#answer').getByText(answer).waitFor();
  };
  await be('Bob');
  await press('Order two lattes', '84 points');
  await press('Ask friends for a latte', 'Your friends know');
  await be('Ann');
  await press('Read about our beans', 'Our beans');
  for (let orders = 0; orders < 3; orders++) await press('Order two lattes', '84 points');
  await press('Book a tasting', 'Booked');
  await page.locator('gamification-wallet').getByText('Purchase: A seat at the tasting').waitFor();
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `coffee-shop-${colorScheme}.png`), fullPage: true });
  }
} finally {
  await browser.close();
  await app.close();
}
