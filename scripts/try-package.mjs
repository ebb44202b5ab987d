/**
 * Packs the library, installs the package into an empty CommonJS application for each supported major version of Nest,
 * and runs that: one decorated handler is called over HTTP, and its event must be in the log and arrive at a GMFY. An
 * application that injects what nothing serves must not start.
 *
 * node scripts/try-package.mjs        (needs the npm registry)
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Each major version of Nest, and that of `@nestjs/axios` which belongs to it. */
const VERSIONS = new Map([
  ['11', '4'],
  ['12', '12'],
]);
const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'gamification-package-'));

const application = `
require('reflect-metadata');
const { Controller, Module, Post } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { once } = require('node:events');
const { createServer } = require('node:http');
const {
  Deliveries, EventLog, EventTracker, GamificationModule, PlayblazerService, TrackEvent,
} = require('nestjs-gamification');

class OrdersController { place() { return { id: 'order-1' }; } }
const place = Object.getOwnPropertyDescriptor(OrdersController.prototype, 'place');
TrackEvent('order.placed', { user: 'alice', idempotenceKey: ({ result }) => result.id })(
  OrdersController.prototype, 'place', place);
Post('orders')(OrdersController.prototype, 'place', place);
Controller()(OrdersController);

function moduleWith(options, ...providers) {
  class AppModule {}
  Module({
    imports: [GamificationModule.forRoot({ storage: { url: 'file:./try.db' }, ...options })],
    controllers: [OrdersController],
    providers,
  })(AppModule);
  return AppModule;
}

(async () => {
  const arrived = [];
  const gmfy = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; }).on('end', () => {
      arrived.push(...JSON.parse(body));
      response.writeHead(201).end();
    });
  }).listen(0, '127.0.0.1');
  await once(gmfy, 'listening');
  const options = { gmfy: { apiKey: 'key', url: 'http://127.0.0.1:' + gmfy.address().port } };
  const app = await NestFactory.create(moduleWith(options), { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  await fetch((await app.getUrl()) + '/orders', { method: 'POST' });
  await app.get(EventTracker).flush();
  await app.get(Deliveries).flush();
  const { items } = await app.get(EventLog).list();
  await app.close();
  gmfy.close();
  if (arrived[0]?.idempotenceKey !== 'order-1') throw new Error(JSON.stringify(arrived));
  if (items.length !== 1 || items[0].idempotenceKey !== 'order-1') throw new Error(JSON.stringify(items));

  const consumer = { provide: 'Consumer', useFactory: (gifts) => gifts, inject: [PlayblazerService] };
  const refused = await NestFactory.create(moduleWith({}, consumer), { logger: false, abortOnError: false });
  const error = await refused.init().then(() => undefined, (reason) => reason);
  await refused.close();
  if (error?.code !== 'NOT_CONFIGURED') throw new Error('the application started: ' + error);
})();
`;

try {
  npm(root, 'pack', '--workspace', 'libs/gamification', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  for (const [version, axios] of VERSIONS) tryWith(version, axios, join(folder, tarball));
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {string} version @param {string} axios @param {string} tarball */
function tryWith(version, axios, tarball) {
  const home = mkdtempSync(join(folder, `nest-${version}-`));
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true }));
  writeFileSync(join(home, 'main.js'), application);
  const nest = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${version}`);
  const others = ['axios', 'reflect-metadata', 'rxjs', 'class-validator', 'class-transformer'];
  npm(home, 'install', tarball, ...nest, `@nestjs/axios@${axios}`, ...others);
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
