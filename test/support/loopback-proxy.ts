import { once } from 'node:events';
import { createServer, request as forward, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A proxy on 127.0.0.1, for `http` (absolute URLs) and for `https` (CONNECT). */
export class LoopbackProxy {
  /** What was asked of it: `GET http://…` or `CONNECT host:port`. */
  readonly lines: string[] = [];
  /** The credentials that came with each, in plain text. */
  readonly credentials: (string | undefined)[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const { method, url = '', headers } = request;
      this.note(`${method} ${url}`, headers['proxy-authorization']);
      const onward = forward(url, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.writeHead(502).end());
      request.pipe(onward);
    });
    this.server.on('connect', ({ url = '', headers }, client, head) => {
      this.note(`CONNECT ${url}`, headers['proxy-authorization']);
      const { hostname, port } = new URL(`http://${url}`);
      const target = connect(Number(port), hostname, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.write(head);
        target.pipe(client).pipe(target);
      });
      // Either end may break; the other one is then told.
      target.on('error', () => client.destroy());
      client.on('error', () => target.destroy());
      client.on('close', () => target.destroy());
    });
  }

  static async start(): Promise<LoopbackProxy> {
    const proxy = new LoopbackProxy();
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** @param credentials `user:password` */
  url(credentials?: string): string {
    // A server that listens on TCP has an address of this kind.
    const { port } = this.server.address() as AddressInfo;
    return `http://${credentials ? `${credentials}@` : ''}127.0.0.1:${port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private note(line: string, authorization: string | undefined): void {
    this.lines.push(line);
    const encoded = authorization?.replace(/^Basic /, '');
    this.credentials.push(encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString());
  }
}
