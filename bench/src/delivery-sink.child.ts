/**
 * A server that takes batches of events as GMFY, PostHog, Segment and Mixpanel do, and counts how often each event came.
 * It looks for the events' numbers only and parses nothing, so that it takes little of the machine:
 * `node delivery-sink.child.js EVENTS MARK OUTAGE`.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './child.js';
import { NUMBER_MARK } from './orders.js';

/** How many events are numbered; after how many to note the time; and for how long to be out of order, in milliseconds. */
const [events = 0, mark = 0, outage = 0] = process.argv.slice(2).map(Number);

/** What each service answers, by the beginning of the path; the first that fits. */
const ANSWERS: readonly (readonly [path: string, status: number, body: string])[] = [
  ['/v1/events/batch', 201, ''],
  ['/v1/batch', 200, '{"success":true}'],
  ['/batch', 200, '{"status":1}'],
  ['/track', 200, '1'],
];

let counts = new Uint8Array(events);
let different = 0;
let doubled = 0;
let markedAt = 0;
let lastAt = 0;
let failing = outage > 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => take(request.url ?? '', Buffer.concat(chunks), response));
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');

function take(url: string, body: Buffer, response: ServerResponse): void {
  const found = ANSWERS.find(([path]) => url.startsWith(path));
  if (failing || !found) {
    response.writeHead(failing ? 503 : 404).end();
    return;
  }
  const [path, status, text] = found;
  count(path === '/track' ? Buffer.from(body.toString('latin1', 'data='.length), 'base64') : body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

function count(body: Buffer): void {
  const text = body.toString('latin1');
  for (let at = text.indexOf(NUMBER_MARK); at >= 0; at = text.indexOf(NUMBER_MARK, at)) {
    at += NUMBER_MARK.length;
    let number = 0;
    for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 48) {
      number = number * 10 + digit;
    }
    const before = counts[number];
    if (before === undefined) throw new Error(`no event has the number ${number}`);
    counts[number] = Math.min(255, before + 1);
    if (before > 0) doubled++;
    else if (++different === mark) markedAt = now();
  }
  lastAt = now();
}

/** Milliseconds of a clock that all processes of the machine share. Linux only. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

answer({
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  /** The outage begins. */
  fail() {
    setTimeout(() => {
      failing = false;
    }, outage);
  },
  reset() {
    counts = new Uint8Array(events);
    different = 0;
    doubled = 0;
  },
  result: () => ({ different, doubled, markedAt, lastAt, cpu: process.cpuUsage() }),
});
