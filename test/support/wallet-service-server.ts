import { generateKeyPairSync, type KeyObject, randomBytes, verify } from 'node:crypto';
import { type Answer, LoopbackServer, type ReceivedRequest } from './loopback-server.js';

/** What an administrator gives to an authority. */
export interface AuthorityFile {
  readonly config_schema_version: string;
  readonly api_base_url: string;
  readonly authority_id: string;
  readonly private_key: string;
}

/** How a server is started. */
export interface WalletServiceServerOptions {
  /**
   * Whether it has the faults of the original: it breaks connections where the original's process ends, `used=` finds
   * nothing, a use is not kept, and JSON that it cannot read is an HTTP 500 with HTML.
   */
  readonly faithful?: boolean;
  /** Whether something starts the process again when it ended, at once. It stays away unless told. */
  readonly supervised?: boolean;
}

interface StoredItem {
  readonly name: string;
  readonly data?: object;
  used: boolean;
}

interface StoredEntry {
  readonly entry_id: string;
  readonly authority_id: string;
  readonly user_id: string;
  readonly created_on: number;
  readonly amount: number;
  readonly reason: string;
  readonly item?: StoredItem;
}

/** An error of the original's schema check. */
interface Detail {
  readonly message: string;
  readonly path: readonly string[];
  readonly type: string;
}

const API = '/api/v1';
const OBJECT_ID = /^[\da-f]{24}$|^.{12}$/i;
const FORBIDDEN: Answer = { status: 403, json: { error: 'forbidden' } };
/** The whole process ends, so nobody gets an answer. */
const CRASH: Answer = { fault: 'drop' };

/**
 * A wallet service: a correct one, or one with the faults of the original. It keeps its entries in memory, and answers
 * what a test scripts before anything else.
 */
export class WalletServiceServer {
  /** All entries, the latest last. */
  readonly entries: StoredEntry[] = [];
  /** How often the process ended. */
  crashes = 0;
  /** What `GET /health` says. */
  health: object = { ok: true, version: '1.1.0' };
  /** The time of new entries, in seconds. */
  now: () => number = () => Date.now() / 1_000;

  private readonly authorities = new Map<string, KeyObject>();

  private constructor(
    private readonly loopback: LoopbackServer,
    private readonly options: WalletServiceServerOptions,
  ) {}

  static async start(options: WalletServiceServerOptions = {}): Promise<WalletServiceServer> {
    const loopback = await LoopbackServer.start();
    const server = new WalletServiceServer(loopback, options);
    loopback.handle((request) => server.serve(request));
    return server;
  }

  /** Without the version of the API and without a slash. */
  get url(): string {
    return this.loopback.url;
  }

  /** All requests so far, the latest last. */
  get requests(): readonly ReceivedRequest[] {
    return this.loopback.requests;
  }

  get lastRequest(): ReceivedRequest {
    return this.loopback.lastRequest;
  }

  /** The requests so far as `POST /api/v1/entry`. */
  get calls(): readonly string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  /** Makes a new authority, as the original's `create-authority` does. */
  addAuthority(): AuthorityFile {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const authorityId = randomBytes(12).toString('hex');
    this.authorities.set(authorityId, publicKey);
    return {
      config_schema_version: '0.1.0',
      api_base_url: this.url,
      authority_id: authorityId,
      private_key: privateKey.export({ type: 'sec1', format: 'pem' }).toString().trim(),
    };
  }

  /** Scripts the answers of the next requests, one each. */
  answer(...answers: readonly Answer[]): void {
    this.loopback.answer(...answers);
  }

  close(): Promise<void> {
    return this.loopback.close();
  }

  private async serve(request: ReceivedRequest): Promise<Answer> {
    const answer = this.answerTo(request);
    if (answer !== CRASH) return answer;
    this.crashes += 1;
    if (this.options.supervised !== true) await this.loopback.close();
    return answer;
  }

  private answerTo({ method, path, headers, body }: ReceivedRequest): Answer {
    const { pathname, searchParams } = new URL(path, this.url);
    const route = `${method} ${pathname}`;
    const json = parsed(body);
    if (json === undefined) return this.internalError();
    if (route === `GET ${API}/health`) return { json: this.health };
    const isUse = /^POST \/api\/v1\/entry\/([^/]+)\/inventory\/use$/.exec(route);
    if (!isUse && !ROUTES.includes(route)) return notFound(`Cannot ${route}`);
    if (!headers.authorization) return { status: 401, json: { error: 'authorization data required' } };
    const authorityId = this.authorityOf(headers.authorization);
    if (authorityId === undefined) return FORBIDDEN;
    if (isUse) return this.use(decodeURIComponent(isUse[1] ?? ''));
    if (method === 'POST') return this.create(authorityId, withoutNull(json));
    const repeated = [...searchParams.keys()].some((name) => searchParams.getAll(name).length > 1);
    if (repeated) return this.options.faithful ? CRASH : badRequest('a list must not be repeated');
    return pathname === `${API}/wallet` ? this.wallets(searchParams) : this.inventory(searchParams);
  }

  /** Who signed a token; nobody where it is not as it must be. */
  private authorityOf(token: string): string | undefined {
    try {
      const [head = '', payload = '', signature = '', ...more] = token.split('.');
      const { alg } = JSON.parse(fromBase64(head).toString());
      const { sub } = JSON.parse(fromBase64(payload).toString());
      const key = this.authorities.get(sub);
      if (more.length > 0 || alg !== 'ES256' || !key) return undefined;
      const signed = Buffer.from(`${head}.${payload}`);
      return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, fromBase64(signature))
        ? sub
        : undefined;
    } catch {
      return undefined;
    }
  }

  private create(authorityId: string, body: Record<string, unknown>): Answer {
    const problem = problemOf(body);
    if (problem) {
      const details = [{ ...problem, context: { key: problem.path.at(-1) } }];
      return { status: 400, json: { error: { _original: body, details } } };
    }
    const { user_id, amount, reason, item } = body;
    const userId = String(user_id);
    const own = this.entries.filter((entry) => entry.user_id === userId);
    const total = own.reduce((sum, entry) => sum + entry.amount, 0);
    if (Number(amount) < 0 && total < -Number(amount)) {
      if (own.length === 0 && this.options.faithful) return CRASH;
      const error = `user ${userId} does not have enough money to pay ${amount} as their wallet only has ${total} in value`;
      return { status: 402, json: { error } };
    }
    const entry: StoredEntry = {
      entry_id: randomBytes(12).toString('hex'),
      authority_id: authorityId,
      user_id: userId,
      created_on: this.now(),
      amount: Number(amount),
      reason: String(reason),
      ...(isObject(item) ? { item: { name: String(item.name), used: false, ...dataOf(item) } } : {}),
    };
    this.entries.push(entry);
    return { json: { entry } };
  }

  private wallets(query: URLSearchParams): Answer {
    const [users, authorities] = [listOf(query, 'user_ids'), listOf(query, 'authority_ids')];
    const totals = new Map<string, number>();
    for (const { user_id, authority_id, amount } of this.entries) {
      if (!users(user_id) || !authorities(authority_id)) continue;
      totals.set(user_id, (totals.get(user_id) ?? 0) + amount);
    }
    // The order means nothing: the original's is the database's.
    const wallets = [...totals].reverse().map(([user_id, total]) => ({ user_id, total }));
    return { json: { wallets } };
  }

  private inventory(query: URLSearchParams): Answer {
    const ids = query.get('entry_ids') || undefined;
    if (ids?.split(',').some((id) => id !== '' && !OBJECT_ID.test(id))) {
      return this.options.faithful ? CRASH : { status: 404, json: { error: 'no such entry' } };
    }
    const used = query.get('used');
    if (used !== null && this.options.faithful) return { json: { inventory: [] } };
    if (used !== null && used !== 'true' && used !== 'false') return badRequest('used must be a boolean');
    const [entries, users, authorities] = [
      listOf(query, 'entry_ids'),
      listOf(query, 'user_ids'),
      listOf(query, 'authority_ids'),
    ];
    const inventory = this.entries
      .filter(({ entry_id, user_id, authority_id, item }) => {
        if (!item || (used !== null && item.used !== (used === 'true'))) return false;
        return entries(entry_id) && users(user_id) && authorities(authority_id);
      })
      .map(({ entry_id, authority_id, user_id, item }) => ({ entry_id, authority_id, user_id, item }));
    return { json: { inventory } };
  }

  private use(entryId: string): Answer {
    const entry = this.entries.find(({ entry_id, item }) => item && entry_id === entryId.toLowerCase());
    if (!entry?.item) {
      return this.options.faithful ? CRASH : { status: 404, json: { error: `no item of entry ${entryId}` } };
    }
    if (!this.options.faithful) entry.item.used = true;
    return { json: { entry: { ...entry, item: { ...entry.item, used: true } } } };
  }

  private internalError(): Answer {
    return this.options.faithful
      ? html(500, 'SyntaxError: Unexpected token')
      : { status: 500, json: { error: 'an internal error has occurred' } };
  }
}

const ROUTES = [`GET ${API}/wallet`, `POST ${API}/entry`, `GET ${API}/entry/inventory`];

/** The HTML page of Express for what it cannot serve. */
function html(status: number, text: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html>\n<html lang="en">\n<body>\n<pre>${text}</pre>\n</body>\n</html>\n`,
  };
}

function notFound(text: string): Answer {
  return html(404, text);
}

function badRequest(error: string): Answer {
  return { status: 400, json: { error } };
}

/** A body as JSON: `{}` where there is none, nothing where it cannot be read. */
function parsed(body: string): unknown {
  if (body === '') return {};
  try {
    return JSON.parse(body) ?? undefined;
  } catch {
    return undefined;
  }
}

/** What the original makes of a body before it looks at it: no `null`, and objects in place of lists. */
function withoutNull(value: unknown): Record<string, unknown> {
  const convert = (each: unknown): unknown => {
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(
      Object.entries(each)
        .filter(([, property]) => property !== null)
        .map(([key, property]) => [key, convert(property)]),
    );
  };
  const converted = convert(value);
  return isObject(converted) ? converted : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function dataOf({ data }: Record<string, unknown>): { data?: object } {
  return isObject(data) ? { data } : {};
}

/** The first thing that is wrong with an entry, in the words of the original's schema library. */
function problemOf(body: Record<string, unknown>): Detail | undefined {
  const { user_id, amount, reason, item } = body;
  return (
    textProblem(user_id, ['user_id']) ??
    amountProblem(amount) ??
    textProblem(reason, ['reason']) ??
    itemProblem(item) ??
    unknownProblem(body, ['user_id', 'amount', 'reason', 'item'], [])
  );
}

function textProblem(value: unknown, path: readonly string[]): Detail | undefined {
  if (value === undefined) return problem(path, 'any.required', 'is required');
  if (typeof value !== 'string') return problem(path, 'string.base', 'must be a string');
  return value === '' ? problem(path, 'string.empty', 'is not allowed to be empty') : undefined;
}

function amountProblem(value: unknown): Detail | undefined {
  const path = ['amount'];
  if (value === undefined) return problem(path, 'any.required', 'is required');
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) {
    return problem(path, 'number.base', 'must be a number');
  }
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) {
    return problem(path, 'number.unsafe', 'must be a safe number');
  }
  return Number.isInteger(number) ? undefined : problem(path, 'number.integer', 'must be an integer');
}

function itemProblem(item: unknown): Detail | undefined {
  if (item === undefined) return undefined;
  if (!isObject(item)) return problem(['item'], 'object.base', 'must be of type object');
  const { name, data } = item;
  return (
    textProblem(name, ['item', 'name']) ??
    (data === undefined || isObject(data)
      ? undefined
      : problem(['item', 'data'], 'object.base', 'must be of type object')) ??
    unknownProblem(item, ['name', 'data'], ['item'])
  );
}

function unknownProblem(
  value: object,
  known: readonly string[],
  path: readonly string[],
): Detail | undefined {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  return unknown === undefined ? undefined : problem([...path, unknown], 'object.unknown', 'is not allowed');
}

function problem(path: readonly string[], type: string, text: string): Detail {
  return { message: `"${path.join('.')}" ${text}`, path, type };
}

/** The elements of a list in the query, as a filter. */
function listOf(query: URLSearchParams, name: string): (id: string) => boolean {
  const list = query.get(name);
  if (!list) return () => true;
  const ids = new Set(list.split(','));
  return (id) => ids.has(id);
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}
