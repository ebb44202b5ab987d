import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaymentCode } from 'nestjs-gamification';
import { CodeWebhook } from './code-webhook.js';

const CODE: PaymentCode = {
  paymentId: 'p',
  userId: 'ada',
  code: '123456',
  amount: { value: '100.00', currency: 'RUB' },
  locale: 'EN',
  expiresAt: new Date('2026-01-01T00:00:00Z'),
};

describe('CodeWebhook', () => {
  let server: Server;
  let status: number;
  let posted: string;
  let webhook: CodeWebhook;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    status = 200;
    posted = '';
    server = createServer(async (request, response) => {
      for await (const chunk of request) posted += chunk;
      response.writeHead(status).end('x'.repeat(1_000_000));
    });
    server.on('connection', (socket) => sockets.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A server that listens at a port has an address with one.
    webhook = new CodeWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('posts a code, and keeps no connection for an answer that nobody reads', async () => {
    await webhook.send(CODE);
    expect(posted).toBe(JSON.stringify(CODE));
    const socket = sockets.at(-1);
    // Not by `once` of events, for which a connection that is reset is an error.
    if (socket && !socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  }, 3_000);

  it('says so where the other side does not take it', async () => {
    status = 503;
    await expect(webhook.send(CODE)).rejects.toThrow('HTTP 503');
  });
});
