import { setTimeout as delay } from 'node:timers/promises';
import type { HttpService } from '@nestjs/axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { backOff } from 'exponential-backoff';
import CircuitBreaker from 'opossum';
import { firstValueFrom } from 'rxjs';
import type { Clock } from '../clock.js';
import { toError } from '../to-error.js';
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
import { retryAfterOf } from './retry-after.js';

/** The first delay before a repeat is random between 0 and this, in milliseconds; it doubles with each repeat. */
const FIRST_DELAY = 200;
/** No delay is longer than this, in milliseconds. A system that asks for more is not asked again by this call. */
const MAX_DELAY = 10_000;

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

/** What a transport is made of. */
export interface TransportSettings {
  readonly system: RemoteSystem;
  /** May end with a slash or not. */
  readonly baseUrl: string;
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

  /** @param http with the settings of the connection: TLS, proxy, keep-alive, the largest answer */
  constructor(
    private readonly settings: TransportSettings,
    private readonly http: HttpService,
    private readonly clock: Clock,
  ) {
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
    return this.settings.system;
  }

  /** Whether the breaker keeps calls from the system at the moment, because it failed so often. */
  get isOpen(): boolean {
    return this.breaker.opened;
  }

  /**
   * Makes a call and resolves with its answer.
   *
   * @throws InvalidRequestError when the path cannot be; then nothing was sent
   * @throws RemoteUnavailableError, RemoteRefusalError, InvalidRemoteResponseError
   */
  async send(request: RemoteRequest): Promise<RemoteResponse> {
    const {
      operation,
      method,
      repeatable = method === 'GET',
      maxRetries = this.settings.maxRetries,
    } = request;
    const unfit = unfitParameter(request.path);
    if (unfit !== undefined) {
      throw new InvalidRequestError(this.system, operation, [
        { path: 'an id', got: inShort(unfit.parameter), allowed: 'a text that can stand in a path of a URL' },
      ]);
    }
    const url = urlOf(this.settings.baseUrl, request.path);
    const tries = repeatable ? maxRetries + 1 : 1;
    let attempt = 0;
    return backOff(() => this.fire(request, url, ++attempt), {
      numOfAttempts: tries,
      startingDelay: FIRST_DELAY,
      maxDelay: MAX_DELAY,
      jitter: 'full',
      retry: (error: unknown) => attempt < tries && this.mayRepeatAfter(error),
    });
  }

  /** Makes no more calls, and repeats none of those under way. */
  close(): void {
    this.closing.abort();
    this.breaker.shutdown();
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Waits as long as the system asked for. */
  private async mayRepeatAfter(error: unknown): Promise<boolean> {
    if (!(error instanceof RemoteUnavailableError) || !MAY_PASS.has(error.reason)) return false;
    const { retryAfter = 0 } = error;
    if (retryAfter > MAX_DELAY) return false;
    // A shutdown need not wait for it.
    if (retryAfter > 0) await delay(retryAfter, undefined, { signal: this.closing.signal }).catch(() => {});
    return !this.closed;
  }

  private async fire(request: RemoteRequest, url: string, attempt: number): Promise<RemoteResponse> {
    const failure = { system: this.system, operation: request.operation };
    if (this.closed) throw new RemoteUnavailableError(failure, 'closed', 'the application is shutting down');
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
    const next = () => this.exchange(request, url, headers);
    const { interceptor } = this.settings;
    const call: OutgoingCall = { system: this.system, operation, method, url, attempt, headers };
    const response = await (interceptor ? interceptor(call, next) : next());
    const { isAnswer = isOk } = request;
    if (isAnswer(response)) return response;
    throw this.refusal(response);
  }

  private async exchange(
    request: RemoteRequest,
    url: string,
    moreHeaders: Readonly<Record<string, string>>,
  ): Promise<RemoteResponse & { readonly retryAfter: number | undefined }> {
    const { method, query, body } = request;
    const timeout = AbortSignal.timeout(this.settings.timeout);
    const config: AxiosRequestConfig<string> = {
      url,
      method,
      headers: { ...typeOf(body), ...request.headers, ...moreHeaders },
      // Covers the whole answer, unlike the client's own `timeout`, which begins anew with every byte.
      signal: timeout,
      ...(query ? { params: query } : {}),
      ...(body ? { data: textOf(body) } : {}),
    };
    let response: AxiosResponse<string>;
    try {
      response = await firstValueFrom(this.http.request<string>(config));
    } catch (error) {
      throw this.unreachable(error, request, timeout.aborted);
    }
    return {
      system: this.system,
      operation: request.operation,
      status: response.status,
      body: parsed(response.data ?? ''),
      [REDACT]: this.redactorOf(request),
      retryAfter: retryAfterOf(response.headers['retry-after'], this.clock.now()),
    };
  }

  /** What a status says that is no answer. */
  private refusal(response: RemoteResponse & { readonly retryAfter?: number | undefined }): Error {
    const { status, retryAfter } = response;
    const unavailable = (reason: RemoteProblem) =>
      new RemoteUnavailableError(response, reason, `it answered HTTP ${status}`, retryAfter);
    if (status === 408) return unavailable('timeout');
    if (status === 429) return unavailable('rate_limited');
    if (status >= 500) return unavailable('failing');
    return new RemoteRefusalError(response, `it answered HTTP ${status}`);
  }

  /**
   * What kept an answer from coming. The client's own error is not passed on, not even as a cause: it holds the whole
   * call with its secrets.
   */
  private unreachable(thrown: unknown, request: RemoteRequest, timedOut: boolean): Error {
    const { timeout } = this.settings;
    const failure: RemoteFailure = {
      system: this.system,
      operation: request.operation,
      [REDACT]: this.redactorOf(request),
    };
    if (timedOut) {
      return new RemoteUnavailableError(failure, 'timeout', `there was no answer within ${timeout} ms`);
    }
    const code = codeOf(thrown);
    const { message } = toError(thrown);
    // The client gives an answer that breaks off the same code as one that is too large.
    if (code === 'ERR_BAD_RESPONSE' && message.startsWith('maxContentLength')) {
      return new InvalidRemoteResponseError(failure, message);
    }
    const reason = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(code) ? 'tls' : 'network';
    return new RemoteUnavailableError(failure, reason, [code, message].filter(Boolean).join(': '));
  }

  private redactorOf({ secrets = [] }: RemoteRequest): (text: string) => string {
    return (text) => withoutSecrets(text, [...this.settings.secrets, ...secrets]);
  }
}

/** The problems that a later try may not meet. */
const MAY_PASS: ReadonlySet<RemoteProblem> = new Set(['timeout', 'network', 'rate_limited', 'failing']);
const OUTAGES: ReadonlySet<RemoteProblem> = new Set(['timeout', 'network', 'tls', 'failing']);

function speaksOfAnOutage(error: unknown): boolean {
  return error instanceof RemoteUnavailableError && OUTAGES.has(error.reason);
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

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
