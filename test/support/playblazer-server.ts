import { type Answer, LoopbackServer, type ReceivedRequest } from './loopback-server.js';

/** A profile as the server shows it; what is not set is `null`. */
export interface ServedProfile {
  readonly first_name?: string;
  readonly last_name?: string;
  readonly lang?: string;
  readonly fbid: string | null;
  readonly twitterid: string | null;
  readonly googleid: string | null;
  readonly deviceid: string | null;
  readonly email: string | null;
}

interface SavedRequest {
  readonly id: string;
  readonly from: ServedProfile;
  readonly extra: Readonly<Record<string, string>>;
  /** In seconds since 1970. */
  readonly expiry: number;
}

interface SavedReply {
  readonly requestId: string;
  readonly resp: string;
  readonly from: ServedProfile;
  readonly extra: Readonly<Record<string, string>>;
}

const FIELD_OF_MODE: ReadonlyMap<string, 'fbid' | 'twitterid' | 'googleid' | 'email'> = new Map([
  ['fb', 'fbid'],
  ['facebook', 'fbid'],
  ['twitter', 'twitterid'],
  ['google', 'googleid'],
  ['email', 'email'],
]);

/**
 * A server that behaves as Playblazer's module Gifts: everybody with a profile is a friend of everybody else. Errors
 * have HTTP 200. What is scripted with `http.answer(…)` comes first.
 */
export class PlayblazerServer {
  readonly appId = '1';
  readonly secretKey = 'cb8d878989b9478e96d1b1574a1bf4ec';
  readonly replies: SavedReply[] = [];

  /** An application's own code on the server, which may refuse a request or a reply. */
  preHook: (() => ServedError | undefined) | undefined;

  private readonly profiles: ServedProfile[] = [];
  private readonly saved: SavedRequest[] = [];

  private constructor(
    readonly http: LoopbackServer,
    private readonly now: () => number,
  ) {
    http.handle((request) => this.serve(request));
  }

  /** @param now the server's time, in milliseconds since 1970 */
  static async start(now: () => number): Promise<PlayblazerServer> {
    return new PlayblazerServer(await LoopbackServer.start(), now);
  }

  /** Where the API is, as the option `url` wants it. */
  get url(): string {
    return `${this.http.url}/v1`;
  }

  close(): Promise<void> {
    return this.http.close();
  }

  addProfile(profile: Partial<ServedProfile>): void {
    this.profiles.push({
      fbid: null,
      twitterid: null,
      googleid: null,
      deviceid: null,
      email: null,
      ...profile,
    });
  }

  /** The path of the latest request, without its query. */
  get lastPath(): string {
    return this.http.lastRequest.path.replace(/\?.*/, '');
  }

  /** What the latest request passed along, in its query or its body. */
  get lastParameters(): Record<string, string> {
    return Object.fromEntries(parametersOf(this.http.lastRequest));
  }

  private serve(request: ReceivedRequest): Answer {
    const parameters = parametersOf(request);
    const match = /^\/v1\/app\/1\/gifts\/([^/]+)\/([^/]+)\/(request\/new|request\/reply|list)$/.exec(
      request.path.replace(/\?.*/, ''),
    );
    if (!match) return { status: 404, body: '<h1>Not Found</h1>' };
    const [, mode = '', userId = '', call] = match;
    if (request.method !== (call === 'list' ? 'GET' : 'POST')) return { status: 405 };
    const key = parameters.get('secret_key');
    if (key === null) return error('Secret Key not passed', -100, 'E_INVALID_REQUEST');
    if (key !== this.secretKey) return error(`Invalid Secret Key ${key}`, -100, 'E_INVALID_REQUEST');
    const profile = this.profileOf(decodeURIComponent(mode), decodeURIComponent(userId));
    if (!profile) return error('Profile not found', -200, 'E_NO_PROFILE');
    if (call === 'list') return this.list(profile, parameters);
    return call === 'request/new' ? this.request(profile, parameters) : this.reply(profile, parameters);
  }

  private profileOf(mode: string, id: string): ServedProfile | undefined {
    const field = FIELD_OF_MODE.get(mode);
    return field && this.profiles.find((profile) => profile[field] === id);
  }

  private request(from: ServedProfile, parameters: URLSearchParams): Answer {
    const refusal = this.preHook?.();
    if (refusal) return error(...refusal);
    const expiry = Math.floor(this.now() / 1_000) + Number(parameters.get('expiry') ?? 86_400);
    const id = (this.saved.length + 1).toString(16).padStart(32, '0');
    this.saved.push({ id, from, extra: customOf(parameters), expiry });
    return { json: { status: 'ok', request_id: id } };
  }

  private list(to: ServedProfile, parameters: URLSearchParams): Answer {
    const sign = parameters.get('sort') === 'desc' ? -1 : 1;
    const start = Number(parameters.get('start') ?? 0);
    const limit = Number(parameters.get('limit') ?? Number.POSITIVE_INFINITY);
    const requests = this.saved
      .filter(({ from }) => from !== to)
      .sort((a, b) => sign * (a.expiry - b.expiry))
      .slice(start, start + limit)
      .map(({ id, extra, expiry, from }) => ({
        id,
        extra,
        expiry_time: { timestamp: expiry, time_str: timeText(expiry) },
        user: from,
      }));
    return { json: { status: 'ok', count: requests.length, requests } };
  }

  private reply(from: ServedProfile, parameters: URLSearchParams): Answer {
    const requestId = parameters.get('request_id');
    if (requestId === null) return error('Request ID not passed', -30002, 'E_GIFT_INVALID_REQUEST');
    const request = this.saved.find(({ id }) => id === requestId);
    if (!request) return error(`Request with id='${requestId}' not found`, -30002, 'E_GIFT_INVALID_REQUEST');
    if (request.expiry * 1_000 < this.now()) {
      return error(`Request with id='${requestId}' has expired`, -30003, 'E_GIFT_REQUEST_EXPIRED');
    }
    const refusal = this.preHook?.();
    if (refusal) return error(...refusal);
    const resp = parameters.get('resp') ?? 'accept';
    this.replies.push({ requestId, resp, from, extra: customOf(parameters) });
    return { json: { status: 'ok' } };
  }
}

/** An error: message, code, code_str. */
export type ServedError = readonly [message: string, code: number, codeStr: string];

/** Playblazer's answer of an error. */
export function error(...[message, code, code_str]: ServedError): Answer {
  return { json: { status: 'error', error: { message, code, code_str } } };
}

function parametersOf({ method, path, body }: ReceivedRequest): URLSearchParams {
  return new URLSearchParams(method === 'GET' ? path.replace(/^[^?]*/, '') : body);
}

function customOf(parameters: URLSearchParams): Record<string, string> {
  const custom = [...parameters].filter(([name]) => name.startsWith('custom:'));
  return Object.fromEntries(custom.map(([name, text]) => [name.slice('custom:'.length), text]));
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('T', ' ').replace(/\..*/, ' +0000');
}
