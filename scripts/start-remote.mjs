/**
 * Runs the server and, with all five systems turned on, the coffee shop against it: `npm run start:remote`.
 *
 * The server listens on SERVER_PORT (3001 unless told), the shop on PORT (3000). Their data, and the keys that the server
 * gave to the shop, are in ./data/remote, which only its owner may read; delete it to start over.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '..');
const data = resolve('data/remote');
const port = process.env.PORT || '3000';
const serverPort = process.env.SERVER_PORT || '3001';
const serverUrl = `http://localhost:${serverPort}`;
const publicUrl = `http://localhost:${port}`;
const server = join(root, 'apps/server/dist/main.js');
const shop = join(root, 'apps/example/dist/main.js');
const serverEnvironment = {
  ...process.env,
  PORT: serverPort,
  PUBLIC_URL: serverUrl,
  DATABASE_URL: `file:${join(data, 'server.db')}`,
  MECHANICS: join(root, 'apps/example/mechanics.yaml'),
};
/** Milliseconds until the server has to be ready. */
const READY_WITHIN = 60_000;
/** The demo customers, who are friends of one another at Playblazer. */
const CUSTOMERS = ['ann', 'bob', 'cem'];

mkdirSync(data, { recursive: true, mode: 0o700 });
const children = [];
let stopping = false;

function run(file, env) {
  const child = spawn(process.execPath, [file], { env, stdio: 'inherit' });
  children.push(child);
  // Neither is of use without the other.
  child.on('exit', (code) => {
    if (!stopping && code) process.exitCode = code;
    stop();
  });
  return child;
}

/** Ctrl-C reaches both by itself; a process manager's signal does not. */
function stop() {
  stopping = true;
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM');
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

async function untilReady() {
  const end = Date.now() + READY_WITHIN;
  while (!stopping) {
    const ready = await fetch(`${serverUrl}/ready`).catch(() => undefined);
    if (ready?.ok) return;
    if (Date.now() > end) throw new Error(`the server was not ready within ${READY_WITHIN / 1000} seconds`);
    await wait(200);
  }
}

/** The keys of the shop: made by the server's own command, once, because the server shows each only once. */
function keysOfShop() {
  // The wallet service's address, and where Gloebit sends users back to, are part of them.
  const file = join(data, `keys-${serverPort}-${port}.json`);
  if (!existsSync(file)) {
    const create = (...words) =>
      JSON.parse(
        execFileSync(process.execPath, [server, 'keys', 'create', ...words], { env: serverEnvironment }),
      );
    const keys = {
      wallet: create('wallet', '--base-url', serverUrl),
      gmfy: create('gmfy'),
      interakt: create('interakt'),
      playblazer: create('playblazer'),
      gloebit: create('gloebit', '--redirect-uri', `${publicUrl}/accounts/gloebit/callback`),
      accountKey: randomBytes(32).toString('base64'),
    };
    writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What a social network's login would tell Playblazer. */
async function makeFriends({ appId, secretKey }) {
  for (const customer of CUSTOMERS) {
    const friends = CUSTOMERS.filter((other) => other !== customer).join(',');
    const response = await fetch(`${serverUrl}/v1/app/${appId}/profile/fb/${customer}/login`, {
      method: 'POST',
      body: new URLSearchParams({ secret_key: secretKey, friends }),
    });
    if (!response.ok) throw new Error(`the server answered HTTP ${response.status} to a login`);
  }
}

try {
  run(server, serverEnvironment);
  await untilReady();
  if (!stopping) {
    const { wallet, gmfy, interakt, playblazer, gloebit, accountKey } = keysOfShop();
    const authority = join(data, 'authority.json');
    writeFileSync(authority, JSON.stringify(wallet), { mode: 0o600 });
    await makeFriends(playblazer);
    run(shop, {
      ...process.env,
      PORT: port,
      PUBLIC_URL: publicUrl,
      DATABASE_URL: `file:${join(data, 'shop.db')}`,
      GMFY_URL: serverUrl,
      GMFY_API_KEY: gmfy.apiKey,
      INTERAKT_URL: serverUrl,
      INTERAKT_API_KEY: interakt.secretKey,
      WALLET_CONFIG: authority,
      PLAYBLAZER_URL: `${serverUrl}/v1`,
      PLAYBLAZER_APP_ID: playblazer.appId,
      PLAYBLAZER_SECRET_KEY: playblazer.secretKey,
      PLAYBLAZER_MODE: 'fb',
      GLOEBIT_URL: serverUrl,
      GLOEBIT_CLIENT_ID: gloebit.clientId,
      GLOEBIT_CLIENT_SECRET: gloebit.clientSecret,
      ACCOUNT_KEY: accountKey,
    });
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
  stop();
}
