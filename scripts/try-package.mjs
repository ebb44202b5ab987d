/**
 * Packs the library, installs the package into an empty CommonJS application for each supported major version of Nest,
 * and runs that: one decorated handler is called over HTTP, and its event must be in the log.
 *
 * node scripts/try-package.mjs        (needs the npm registry)
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const VERSIONS = ['11', '12'];
const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'gamification-package-'));

const application = `
require('reflect-metadata');
const { Controller, Module, Post } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { EventLog, EventTracker, GamificationModule, TrackEvent } = require('nestjs-gamification');

class OrdersController { place() { return { id: 'order-1' }; } }
const place = Object.getOwnPropertyDescriptor(OrdersController.prototype, 'place');
TrackEvent('order.placed', { user: 'alice', idempotenceKey: ({ result }) => result.id })(
  OrdersController.prototype, 'place', place);
Post('orders')(OrdersController.prototype, 'place', place);
Controller()(OrdersController);
class AppModule {}
Module({
  imports: [GamificationModule.forRoot({ storage: { url: 'file:./try.db' } })],
  controllers: [OrdersController],
})(AppModule);

(async () => {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  await fetch((await app.getUrl()) + '/orders', { method: 'POST' });
  await app.get(EventTracker).flush();
  const { items } = await app.get(EventLog).list();
  await app.close();
  if (items.length !== 1 || items[0].idempotenceKey !== 'order-1') throw new Error(JSON.stringify(items));
})();
`;

try {
  npm(root, 'pack', '--workspace', 'libs/gamification', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  for (const version of VERSIONS) tryWith(version, join(folder, tarball));
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {string} version @param {string} tarball */
function tryWith(version, tarball) {
  const home = mkdtempSync(join(folder, `nest-${version}-`));
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true }));
  writeFileSync(join(home, 'main.js'), application);
  const nest = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${version}`);
  npm(home, 'install', tarball, ...nest, 'reflect-metadata', 'rxjs', 'class-validator', 'class-transformer');
  // The driver as it was compiled here, because compiling it once more would take a minute and prove nothing.
  symlinkSync(join(root, 'node_modules/better-sqlite3'), join(home, 'node_modules/better-sqlite3'));
  execFileSync(process.execPath, ['main.js'], { cwd: home, stdio: 'inherit', timeout: 60_000 });
  process.stdout.write(`the package works in a CommonJS application on Nest ${version}\n`);
}

/** @param {string} cwd @param {string[]} words */
function npm(cwd, ...words) {
  execFileSync('npm', [...words, '--silent'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 300_000,
  });
}
