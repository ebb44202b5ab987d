import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Logger } from '@nestjs/common';
import type { AxiosProxyConfig } from 'axios';
import type { Clock } from '../clock.js';
import { MissingPackageError } from '../gamification.errors.js';
import type { HttpInterceptor } from './http-interceptor.js';
import { HttpTransport } from './http-transport.js';
import type { RemoteSystem } from './remote.errors.js';
import type { RemoteOptions } from './remote-options.js';
import { isHttpsOrLocal } from './secure-url.js';

/** Most connections to one system at a time. */
const MAX_CONNECTIONS = 32;

/** How a system is reached. */
export interface TransportTarget {
  readonly system: RemoteSystem;
  /** May end with a slash or not. */
  readonly baseUrl: string;
  /** What must appear in no error: keys, passwords. */
  readonly secrets: readonly string[];
}

/** Makes the transports of the configured systems, and closes them. */
export class HttpTransports {
  private readonly transports: HttpTransport[] = [];
  private readonly agents: (HttpAgent | HttpsAgent)[] = [];
  private readonly logger = new Logger('HttpTransports');

  constructor(
    private readonly clock: Clock,
    private readonly interceptor: HttpInterceptor | undefined,
  ) {}

  /** Those that were opened. */
  get opened(): readonly HttpTransport[] {
    return this.transports;
  }

  /** @throws MissingPackageError when `@nestjs/axios` or `axios` is not installed */
  async open({ system, baseUrl, secrets }: TransportTarget, options: RemoteOptions): Promise<HttpTransport> {
    const { HttpService, axios } = await loadClient();
    if (!isHttpsOrLocal(baseUrl)) {
      const rule = 'everybody on the way can read what is sent there, its secrets included';
      this.logger.warn(`${system} is called without TLS, at ${baseUrl}: ${rule}`);
    }
    const keepAlive = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    const httpAgent = new HttpAgent(keepAlive);
    const httpsAgent = new HttpsAgent({
      ...keepAlive,
      rejectUnauthorized: options.verify,
      ...(options.ca ? { ca: options.ca } : {}),
    });
    this.agents.push(httpAgent, httpsAgent);
    const client = axios.create({
      httpAgent,
      httpsAgent,
      ...proxyOf(options.proxy),
      // A redirect would take the secrets along to wherever it points.
      maxRedirects: 0,
      maxContentLength: options.maxResponseSize,
      headers: { 'User-Agent': 'nestjs-gamification', Accept: 'application/json, */*' },
      // Texts in and out: the transport itself decides what is JSON, and which status is an error.
      responseType: 'text',
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
    });
    const { timeout, maxRetries } = options;
    const transport = new HttpTransport(
      {
        system,
        baseUrl,
        timeout,
        maxRetries,
        secrets: [...secrets, ...proxyPasswordOf(options.proxy)],
        interceptor: this.interceptor,
      },
      new HttpService(client),
      this.clock,
    );
    this.transports.push(transport);
    return transport;
  }

  /** Makes no more calls, and lets go of the connections. */
  close(): void {
    for (const transport of this.transports) transport.close();
    for (const agent of this.agents) agent.destroy();
  }
}

async function loadClient() {
  try {
    // One after the other: jest cannot load two modules at a time that have a third in common.
    const { default: axios } = await import('axios');
    const { HttpService } = await import('@nestjs/axios');
    return { HttpService, axios };
  } catch (cause) {
    throw new MissingPackageError('a remote system', ['@nestjs/axios', 'axios'], { cause });
  }
}

function proxyOf(proxy: string | false | undefined): { proxy?: AxiosProxyConfig | false } {
  if (proxy === undefined || proxy === false) return proxy === false ? { proxy } : {};
  const { protocol, hostname, port, username, password } = new URL(proxy);
  const auth = username
    ? { username: decodeURIComponent(username), password: decodeURIComponent(password) }
    : undefined;
  return {
    proxy: {
      protocol,
      // An address of IPv6 has brackets in a URL and nowhere else.
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      ...(auth ? { auth } : {}),
    },
  };
}

function proxyPasswordOf(proxy: string | false | undefined): readonly string[] {
  return proxy ? [decodeURIComponent(new URL(proxy).password)] : [];
}
