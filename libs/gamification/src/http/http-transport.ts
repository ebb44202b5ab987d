import type { HttpService } from '@nestjs/axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import CircuitBreaker from 'opossum';
import { firstValueFrom } from 'rxjs';
import type { Clock } from '../clock.js';
import { codeOf, toError } from '../to-error.js';
import { inShort } from '../validation.js';
import type { HttpInterceptor, OutgoingCall } from './http-interceptor.js';
import { type Path, unfitParameter, urlOf } from './path.js';
import { parsed, withoutSecrets } from './redact.js';
import {
  InvalidRemoteResponseError,
  InvalidRequestError,
  REDACT,
  type RemoteFailure,
  type RemoteProblem,
  RemoteRefusalError,
  type RemoteSystem,
  RemoteUnavailableError,
} from './remote.errors.js';
import { repeat } from './repeat.js';
import { retryAfterOf } from './retry-after.js';
import { problemOf } from './status.js';

/** The first delay before a repeat is random between 0 and this, in milliseconds; it doubles with each repeat. */
const FIRST_DELAY = 200;

/** The breaker opens when half of at least this many calls within its window failed. */
const BREAKER_MIN_CALLS = 10;
/** The breaker's window, in milliseconds. */
const BREAKER_WINDOW = 10_000;
/** How long an open breaker waits before it lets a call through to try, in milliseconds. */
const BREAKER_RESET = 5_000;

/** What a call sends as its body. */
export type RequestBody =
  | { readonly json: unknown }
  /** As `application/x-www-form-urlencoded`. */
  | { readonly form: Readonly<Record<string, string>> };

/** One call to a remote system. */
export interface RemoteRequest {
  /** The client's method, such as `getUser`: what errors and interceptors name. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: Path;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Whether a repeat does no harm. Unless told, a GET is safe and nothing else. */
  readonly repeatable?: boolean;
  /** In place of the option `maxRetries`. */
  readonly maxRetries?: number;
  /**
   * Whether the caller pauses by itself while the system fails: the breaker then neither keeps it from the call nor
   * counts what becomes of it.
   */
  readonly ownPauses?: boolean;
  /** Secrets of this call alone, such as a user's token: taken out of errors like those of the options. */
  readonly secrets?: readonly string[];
  /**
   * Whether an answer is one that the caller reads, whatever its status. Unless told, one with a status of 2xx is; all
   * others are errors.
   */
  readonly isAnswer?: (response: RemoteResponse) => boolean;
}

/** What the remote system answered. */
export interface RemoteResponse extends RemoteFailure {
  readonly status: number;
  /** Parsed where it is JSON, otherwise the text. */
  readonly body: unknown;
}

/** An answer, and for how long the system asked not to be called again, in milliseconds. */
interface Answered extends RemoteResponse {
  readonly retryAfter: number | undefined;
}

/** What a transport is made of. */
export interface TransportSettings {
  readonly system: RemoteSystem;
  /** May end with a slash or not. */
  readonly baseUrl: string;
  /** How long one try may take, its whole answer included, in milliseconds. */
  readonly timeout: number;
  readonly maxRetries: number;
  /** What must appear in no error: keys, passwords. */
  readonly secrets: readonly string[];
  readonly interceptor: HttpInterceptor | undefined;
}

/**
 * Calls one remote system: with a time limit, a circuit breaker, and repeats of what is safe to repeat.
 * Every failure is one of the errors in `remote.errors.ts`, and none of them holds a secret.
 */
export class HttpTransport {
  private readonly breaker: CircuitBreaker<[RemoteRequest, string, number], RemoteResponse>;
  private readonly closing = new AbortController();
  // These two hold secrets, and what is #private no logger shows.
  readonly #settings: TransportSettings;
  readonly #http: HttpService;

  /** @param http with the settings of the connection: TLS, proxy, keep-alive, the largest answer */
  constructor(
    settings: TransportSettings,
    http: HttpService,
    private readonly clock: Clock,
  ) {
    this.#settings = settings;
    this.#http = http;
    this.breaker = new CircuitBreaker((...args) => this.tryOnce(...args), {
      timeout: false,
      volumeThreshold: BREAKER_MIN_CALLS,
      errorThresholdPercentage: 50,
      rollingCountTimeout: BREAKER_WINDOW,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      resetTimeout: BREAKER_RESET,
      errorFilter: (error) => !speaksOfAnOutage(error),
    });
  }

  get system(): RemoteSystem {
    return this.#settings.system;
  }

  /** Whether the breaker keeps calls from the system at the moment, because it failed so often. */
  get isOpen(): boolean {
    return this.breaker.opened;
  }

  /**
   * Makes a call and resolves with its answer.
   *
   * @throws InvalidRequestError when the path or the query cannot be; then nothing was sent
   * @throws RemoteUnavailableError, RemoteRefusalError, InvalidRemoteResponseError
   */
  async send(request: RemoteRequest): Promise<RemoteResponse> {
    const { method, repeatable = method === 'GET', maxRetries = this.#settings.maxRetries } = request;
    this.mustFitIntoUrl(request);
    const url = urlOf(this.#settings.baseUrl, request.path);
    return repeat((attempt) => this.fire(request, url, attempt), {
      tries: repeatable ? maxRetries + 1 : 1,
      firstDelay: FIRST_DELAY,
      signal: this.closing.signal,
    });
  }

  /** What errors about a call are made of. It takes the secrets out of them, those of the options and of the call. */
  failureOf({ operation, secrets = [] }: Pick<RemoteRequest, 'operation' | 'secrets'>): RemoteFailure {
    return {
      system: this.system,
      operation,
      [REDACT]: (text) => withoutSecrets(text, [...this.#settings.secrets, ...secrets]),
    };
  }

  /** Makes no more calls, and repeats none of those under way. */
  close(): void {
    this.closing.abort();
    this.breaker.shutdown();
  }

  private mustFitIntoUrl({ operation, path, query = {} }: RemoteRequest): void {
    const unfit = unfitParameter(path);
    const [broken] = Object.entries(query).find(([, value]) => /\p{Cs}/u.test(String(value))) ?? [];
    if (unfit === undefined && broken === undefined) return;
    throw new InvalidRequestError(this.system, operation, [
      unfit === undefined
        ? { path: String(broken), got: 'a text with half a character', allowed: 'well-formed Unicode' }
        : {
            path: 'an id',
            got: inShort(unfit.parameter),
            allowed: 'a text that can stand in a path of a URL',
          },
    ]);
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  private async fire(request: RemoteRequest, url: string, attempt: number): Promise<RemoteResponse> {
    const failure = { system: this.system, operation: request.operation };
    if (this.closed) throw new RemoteUnavailableError(failure, 'closed', 'the application is shutting down');
    if (request.ownPauses) return this.tryOnce(request, url, attempt);
    try {
      return await this.breaker.fire(request, url, attempt);
    } catch (error) {
      if (codeOf(error) !== 'EOPENBREAKER') throw error;
      const detail = `it failed so often that it is not called for ${BREAKER_RESET / 1000} s`;
      throw new RemoteUnavailableError(failure, 'circuit_open', detail, BREAKER_RESET);
    }
  }

  private async tryOnce(request: RemoteRequest, url: string, attempt: number): Promise<RemoteResponse> {
    const { operation, method } = request;
    const headers: Record<string, string> = {};
    // Covers the whole try, unlike the client's own `timeout`, which begins anew with every byte.
    const timeout = AbortSignal.timeout(this.#settings.timeout);
    const exchange = () => this.exchange(request, url, headers, timeout);
    const { interceptor } = this.#settings;
    const call: OutgoingCall = { system: this.system, operation, method, url, attempt, headers };
    const response = await (interceptor
      ? this.inTime(intercepted(interceptor, call, exchange), request, timeout)
      : exchange());
    const { isAnswer = isOk } = request;
    if (isAnswer(response)) return response;
    throw refusalOf(response);
  }

  private async exchange(
    request: RemoteRequest,
    url: string,
    moreHeaders: Readonly<Record<string, string>>,
    timeout: AbortSignal,
  ): Promise<Answered> {
    const { method, query, body } = request;
    const config: AxiosRequestConfig<string> = {
      url,
      method,
      headers: { ...typeOf(body), ...request.headers, ...moreHeaders },
      signal: timeout,
      ...(query ? { params: query } : {}),
      ...(body ? { data: textOf(body) } : {}),
    };
    let response: AxiosResponse<string>;
    try {
      response = await firstValueFrom(this.#http.request<string>(config));
    } catch (error) {
      throw this.unreachable(error, request, timeout.aborted);
    }
    return {
      ...this.failureOf(request),
      status: response.status,
      body: parsed(response.data ?? ''),
      retryAfter: retryAfterOf(response.headers['retry-after'], this.clock.now()),
    };
  }

  /** What some work resolves with, unless the time of the try is over before. */
  private inTime<T>(work: Promise<T>, request: RemoteRequest, timeout: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = () => reject(this.tooLate(request));
      timeout.addEventListener('abort', late);
      // The signal lives until its time is over, and would keep the request with it.
      const settled = () => timeout.removeEventListener('abort', late);
      work.then(resolve, reject).finally(settled);
    });
  }

  private tooLate(request: RemoteRequest): RemoteUnavailableError {
    const detail = `there was no answer within ${this.#settings.timeout} ms`;
    return new RemoteUnavailableError(this.failureOf(request), 'timeout', detail);
  }

  /**
   * What kept an answer from coming. The client's own error is not passed on, not even as a cause: it holds the whole
   * call with its secrets.
   */
  private unreachable(thrown: unknown, request: RemoteRequest, timedOut: boolean): Error {
    if (timedOut) return this.tooLate(request);
    const failure = this.failureOf(request);
    const code = codeOf(thrown) ?? '';
    const { message } = toError(thrown);
    // The client gives an answer that breaks off the same code as one that is too large.
    if (code === 'ERR_BAD_RESPONSE' && message.startsWith('maxContentLength')) {
      return new InvalidRemoteResponseError(failure, message);
    }
    const reason = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(code) ? 'tls' : 'network';
    return new RemoteUnavailableError(failure, reason, [code, message].filter(Boolean).join(': '));
  }
}

/** The problems that say that the system is not there. */
const OUTAGES: ReadonlySet<RemoteProblem> = new Set(['timeout', 'network', 'tls', 'failing']);

function speaksOfAnOutage(error: unknown): boolean {
  return error instanceof RemoteUnavailableError && OUTAGES.has(error.reason);
}

/** Makes a call within the interceptor, which is told no more of the answer than its status. */
async function intercepted(
  interceptor: HttpInterceptor,
  call: OutgoingCall,
  exchange: () => Promise<Answered>,
): Promise<Answered> {
  let answered: Promise<Answered> | undefined;
  await interceptor(call, async () => {
    answered ??= exchange();
    const { status } = await answered;
    return { status };
  });
  if (!answered) throw new TypeError('the option http.interceptor must call next(), or throw');
  return answered;
}

/** What a status says that is no answer. */
function refusalOf(response: Answered): Error {
  const detail = `it answered HTTP ${response.status}`;
  const problem = problemOf(response.status);
  return problem
    ? new RemoteUnavailableError(response, problem, detail, response.retryAfter)
    : new RemoteRefusalError(response, detail);
}

function isOk({ status }: { readonly status: number }): boolean {
  return status >= 200 && status < 300;
}

function typeOf(body: RequestBody | undefined): Record<string, string> {
  if (!body) return {};
  return { 'Content-Type': 'json' in body ? 'application/json' : 'application/x-www-form-urlencoded' };
}

function textOf(body: RequestBody): string {
  return 'json' in body ? JSON.stringify(body.json) : new URLSearchParams(body.form).toString();
}
