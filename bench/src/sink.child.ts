/** A server that takes batches of events from analytics clients, remembers their ids and does nothing with them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './child.js';

const ids = new Set<string>();

const server = createServer(async (request, response) => {
  let body = '';
  request.setEncoding('utf8');
  for await (const chunk of request) body += chunk;
  // posthog-node names an event by `uuid`, Segment by `messageId`.
  const { batch } = JSON.parse(body) as { batch: { uuid?: string; messageId?: string }[] };
  for (const { uuid, messageId } of batch) ids.add(uuid ?? messageId ?? '');
  response.setHeader('content-type', 'application/json').end('{"status":1,"success":true}');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

answer({
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  /** How many different events came since the last question. */
  received: () => {
    const count = ids.size;
    ids.clear();
    return count;
  },
});
