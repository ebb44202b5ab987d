import { randomUUID } from 'node:crypto';
import { type Answer, LoopbackServer, type ReceivedRequest } from './loopback-server.js';

/** A user of Gloebit. */
export interface GloebitServerUser {
  readonly id: string;
  readonly name: string;
  balance: number;
  readonly products: Map<string, number>;
  readonly characters: Map<string, Record<string, unknown>>;
}

interface Grant {
  readonly user: GloebitServerUser;
  readonly scope: string;
}

interface Code extends Grant {
  readonly redirectUri: string;
}

const FAILED = (reason: string, more: object = {}): Answer => ({ json: { success: false, reason, ...more } });

/** A server that speaks Gloebit's protocol: the authorization of users, and the calls in their name. */
export class GloebitServer {
  static readonly CLIENT = { clientKey: 'merchant-key-0001', clientSecret: 'merchant-secret-0001' } as const;

  /** Products on sale, with their prices. */
  readonly prices = new Map([
    ['sword', 10],
    ['my gun/x', 3],
  ]);
  /** The tokens that were given out and not taken back. */
  readonly tokens = new Map<string, Grant>();
  /** How the token answer is written. */
  tokenFormat: 'json' | 'urlencoded' = 'json';
  /** Which words tell that a token is not known. */
  unknownToken = 'unknown token2';
  /** With an error in place of a code, the authorization page sends the browser back. */
  authorizationError: string | undefined;
  /** The next answer is lost on its way, after what was asked for was done. */
  loseNextAnswer = false;

  private readonly users = new Map<string, GloebitServerUser>();
  private readonly codes = new Map<string, Code>();
  private readonly transactions = new Map<string, Record<string, unknown>>();

  private constructor(readonly http: LoopbackServer) {}

  static async start(): Promise<GloebitServer> {
    const http = await LoopbackServer.start();
    const server = new GloebitServer(http);
    http.handle((request) => {
      const answer = server.serve(request);
      if (!server.loseNextAnswer) return answer;
      server.loseNextAnswer = false;
      return { fault: 'drop' };
    });
    return server;
  }

  get url(): string {
    return this.http.url;
  }

  /** The requests to a path, the latest last. */
  requests(path: string): readonly ReceivedRequest[] {
    return this.http.requests.filter((request) => request.path.split('?')[0] === path);
  }

  user(name: string): GloebitServerUser {
    let user = this.users.get(name);
    if (!user) {
      user = { id: randomUUID(), name, balance: 100, products: new Map(), characters: new Map() };
      this.users.set(name, user);
    }
    return user;
  }

  /** An access token of a user, as if authorized. */
  grant(name: string, scope: string): string {
    const token = `token-${randomUUID()}`;
    this.tokens.set(token, { user: this.user(name), scope });
    return token;
  }

  /** The user takes back what was allowed. */
  revoke(name: string): void {
    for (const [token, { user }] of this.tokens) if (user.name === name) this.tokens.delete(token);
  }

  /** A user opens the authorization page, logs in and agrees. @returns where the browser is sent back to */
  async authorize(url: string, name: string): Promise<URL> {
    const response = await fetch(`${url}&as=${encodeURIComponent(name)}`, { redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status !== 302 || location === null) {
      throw new Error(`no redirect, but HTTP ${response.status}: ${await response.text()}`);
    }
    return new URL(location);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private serve(request: ReceivedRequest): Answer {
    const url = new URL(request.path, this.url);
    const [, ...parts] = url.pathname.replace(/\/$/, '').split('/');
    const [first = '', ...rest] = parts.map(decodeURIComponent);
    const route = `${request.method} ${first}`;
    if (route === 'GET oauth2' && rest[0] === 'authorize') return this.authorizationPage(url.searchParams);
    if (route === 'POST oauth2' && rest[0] === 'access-token') return this.accessToken(request);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const grant = token === undefined ? undefined : this.tokens.get(token);
    if (!grant) return FAILED(this.unknownToken);
    return this.call(route, rest, grant, request);
  }

  private authorizationPage(query: URLSearchParams): Answer {
    const redirectUri = query.get('redirect_uri');
    const scope = query.get('scope');
    const fits =
      query.get('client_id') === GloebitServer.CLIENT.clientKey && query.get('response_type') === 'code';
    // As Gloebit does: a page, and no redirect.
    if (!fits || !redirectUri || !scope)
      return { body: 'This application asks in a way that is not allowed.' };
    const back = new URL(redirectUri);
    const state = query.get('state');
    if (state !== null) back.searchParams.set('state', state);
    if (this.authorizationError) {
      back.searchParams.set('error', this.authorizationError);
    } else {
      const code = `code-${randomUUID()}`;
      this.codes.set(code, { user: this.user(query.get('as') ?? 'nobody'), scope, redirectUri });
      back.searchParams.set('code', code);
    }
    return { status: 302, headers: { location: back.href } };
  }

  private accessToken({ headers, body }: ReceivedRequest): Answer {
    const refused = (error: string): Answer => ({ status: 400, json: { error } });
    if (headers['content-type'] !== 'application/x-www-form-urlencoded') return refused('invalid_request');
    const form = new URLSearchParams(body);
    const { clientKey, clientSecret } = GloebitServer.CLIENT;
    if (form.get('client_id') !== clientKey || form.get('client_secret') !== clientSecret) {
      return refused('invalid_client');
    }
    if (form.get('grant_type') !== 'authorization_code') return refused('unsupported_grant_type');
    const code = this.codes.get(form.get('code') ?? '');
    this.codes.delete(form.get('code') ?? '');
    if (!code || form.get('redirect_uri') !== code.redirectUri || form.get('scope') !== code.scope) {
      return refused('invalid_grant');
    }
    const token = {
      access_token: this.grant(code.user.name, code.scope),
      refresh_token: `refresh-${randomUUID()}`,
    };
    return this.tokenFormat === 'json'
      ? { json: token }
      : {
          body: new URLSearchParams(token).toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        };
  }

  private call(route: string, rest: readonly string[], grant: Grant, request: ReceivedRequest): Answer {
    const { user, scope } = grant;
    const scopes = scope.split(' ');
    const json: Record<string, unknown> = request.body === '' ? {} : JSON.parse(request.body);
    const succeeded = (more: object = {}): Answer => ({
      json: { success: true, reason: 'success', ...more },
    });
    const needed: Record<string, string> = {
      'GET id': 'id',
      'GET user': 'user',
      'GET balance': 'balance',
      'GET get-user-products': 'inventory',
      'POST consume-user-product': 'inventory',
      'POST transact': 'transact',
      'GET get-characters': 'character',
      'POST create-character': 'character',
      'POST update-character': 'character',
      'POST delete-character': 'character',
    };
    if (!scopes.includes(needed[route] ?? '')) return FAILED('not in scope');
    switch (route) {
      case 'GET id':
        return { json: { success: true, id: user.id, name: user.name, params: {} } };
      case 'GET user':
        return succeeded({ id: user.id, name: user.name, 'full-name': user.name });
      case 'GET balance':
        return succeeded({ balance: user.balance });
      case 'GET get-user-products':
        return succeeded({ products: Object.fromEntries([...user.products].filter(([, n]) => n > 0)) });
      case 'POST consume-user-product': {
        const [product = '', count = ''] = rest;
        const left = (user.products.get(product) ?? 0) - Number(count);
        if (left < 0) return FAILED("user doesn't have enough");
        user.products.set(product, left);
        return succeeded({ 'product-count': left });
      }
      case 'POST transact':
        return this.transact(json, user, scopes);
      case 'GET get-characters':
        return succeeded({ characters: [...user.characters.values()] });
      case 'POST create-character': {
        if ([...user.characters.values()].some(({ name }) => name === json.name))
          return FAILED('name is taken');
        const id = randomUUID();
        user.characters.set(id, { ...json, id });
        return succeeded({ character: user.characters.get(id) });
      }
      case 'POST update-character':
        if (!user.characters.has(String(json.id))) return FAILED('unknown character');
        user.characters.set(String(json.id), json);
        return succeeded({ character: json });
      case 'POST delete-character':
        return user.characters.delete(String(json.id)) ? succeeded() : FAILED('unknown character');
      default:
        return { status: 404 };
    }
  }

  private transact(
    json: Record<string, unknown>,
    user: GloebitServerUser,
    scopes: readonly string[],
  ): Answer {
    const key = json['consumer-key'] ?? json['application-key'];
    if (key !== GloebitServer.CLIENT.clientKey) return FAILED('unknown consumer');
    const id = String(json.id ?? json['transaction-id'] ?? randomUUID());
    const before = this.transactions.get(id);
    if (before) return { json: { ...before, status: 'in-progress', reason: 'resubmitted' } };
    const product = json.product === undefined ? undefined : String(json.product);
    const quantity = Number(json['product-quantity'] ?? 1);
    const price =
      product === undefined
        ? Number(json['gloebit-balance-change'])
        : (this.prices.get(product) ?? Number.NaN) * quantity;
    if (Number.isNaN(price)) return FAILED('unknown product', { status: 'queued' });
    if (user.balance < price) return FAILED('insufficient balance', { status: 'queued' });
    user.balance -= price;
    if (product !== undefined) user.products.set(product, (user.products.get(product) ?? 0) + quantity);
    const answer = {
      success: true,
      id,
      reason: 'success',
      status: 'queued',
      ...(scopes.includes('balance') ? { balance: user.balance } : {}),
      ...(product !== undefined && scopes.includes('inventory')
        ? { 'product-count': user.products.get(product) }
        : {}),
    };
    this.transactions.set(id, answer);
    return { json: answer };
  }
}
