import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A request as the server got it. */
export interface ReceivedRequest {
  readonly method: string;
  /** With its query, as it stood in the request line. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** As a text; empty where there was none. */
  readonly body: string;
}

/** What goes wrong with an answer. */
export type Fault =
  /** The connection breaks before the request's body was read. */
  | 'drop-unread'
  /** The connection breaks after the request was read, before an answer. */
  | 'drop'
  /** The head and half of the body are sent, then the connection breaks. */
  | 'cut'
  /** The request is read and never answered. */
  | 'silence'
  /** The head and half of the body are sent, then nothing more. */
  | 'stall'
  /** The head is sent, then a space every 5 ms without end. */
  | 'drip';

/** An answer of the server: HTTP 200 without a body unless told. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as JSON, with its content type. */
  readonly json?: unknown;
  /** The body as it is, in place of `json`. */
  readonly body?: string | Buffer;
  /** How long to wait before the answer, in milliseconds. */
  readonly delay?: number;
  /** The answer waits until this resolves. */
  readonly until?: Promise<unknown>;
  readonly fault?: Fault;
}

/** Answers the requests for which no answer is scripted. */
export type Handler = (request: ReceivedRequest) => Answer | Promise<Answer>;

/** How a server is started. */
export interface LoopbackOptions {
  /** Key and certificate as PEM; the server then speaks HTTPS. The certificate must be for the address 127.0.0.1. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The port of an earlier server, which comes back; a free one unless told. */
  readonly port?: number;
}

/**
 * A real HTTP server on 127.0.0.1: it records what it gets, and answers what the test says.
 *
 * ```ts
 * const server = await LoopbackServer.start(({ path }) => (path === '/v1/version/' ? { json: { version: '1' } } : { status: 404 }));
 * server.answer({ status: 503 }, { fault: 'drop' }); // the next two requests; then the handler again
 * ```
 */
export class LoopbackServer {
  /** All requests so far, the latest last. One whose connection is dropped before it is read has no body. */
  readonly requests: ReceivedRequest[] = [];
  /** How many connections were opened so far. */
  connections = 0;

  private readonly scripted: Answer[] = [];
  private readonly server: Server;

  private constructor(
    private handler: Handler,
    private readonly options: LoopbackOptions,
  ) {
    const listener: RequestListener = (request, response) => {
      // What fails here is a bug of the handler; the client is told, so that the test does not hang.
      this.serve(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(599).end(String(error));
        else response.destroy();
      });
    };
    this.server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
    this.server.on('connection', () => {
      this.connections += 1;
    });
  }

  /** @param handler answers what is not scripted; HTTP 404 unless told */
  static async start(
    handler: Handler = () => ({ status: 404, json: { error: 'nothing is scripted' } }),
    options: LoopbackOptions = {},
  ): Promise<LoopbackServer> {
    const loopback = new LoopbackServer(handler, options);
    loopback.server.listen(options.port ?? 0, '127.0.0.1');
    await once(loopback.server, 'listening');
    return loopback;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  get port(): number {
    // A server that listens on TCP has an address of this kind.
    return (this.server.address() as AddressInfo).port;
  }

  /** The latest request. @throws Error when there was none */
  get lastRequest(): ReceivedRequest {
    const request = this.requests.at(-1);
    if (!request) throw new Error('the server got no request');
    return request;
  }

  /** Scripts the answers of the next requests, one each, behind those that are scripted already. */
  answer(...answers: readonly Answer[]): void {
    this.scripted.push(...answers);
  }

  /** From now on, answers what is not scripted. */
  handle(handler: Handler): void {
    this.handler = handler;
  }

  /** Breaks the connections that no request is using, as a server does that restarts. */
  dropIdleConnections(): void {
    this.server.closeIdleConnections();
  }

  /** Breaks all connections and stops listening. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const scripted = this.scripted.shift();
    const { method = '', url: path = '', headers } = request;
    if (scripted?.fault === 'drop-unread') {
      this.requests.push({ method, path, headers, body: '' });
      request.socket.destroy();
      return;
    }
    const received = { method, path, headers, body: await textOf(request) };
    this.requests.push(received);
    const answer = scripted ?? (await this.handler(received));
    if (answer.delay) await delay(answer.delay, undefined, { ref: false });
    await answer.until;
    if (!response.destroyed) give(answer, response);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function give({ status = 200, headers, json, body, fault }: Answer, response: ServerResponse): void {
  if (fault === 'silence') return;
  if (fault === 'drop' || fault === 'drop-unread') {
    response.socket?.destroy();
    return;
  }
  const bytes = Buffer.from(body ?? (json === undefined ? '' : JSON.stringify(json)));
  const type = body === undefined && json !== undefined ? { 'content-type': 'application/json' } : {};
  if (fault === 'drip') {
    response.writeHead(status, { ...type, ...headers });
    const timer = setInterval(() => response.write(' '), 5);
    response.once('close', () => clearInterval(timer));
    return;
  }
  response.writeHead(status, { ...type, 'content-length': String(bytes.length), ...headers });
  if (fault === undefined) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
    if (fault === 'cut') response.socket?.destroy();
  });
}
