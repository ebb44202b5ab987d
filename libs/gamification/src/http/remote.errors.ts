import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';

/** The systems that the library can talk to, named as their options are. */
export type RemoteSystem = 'gmfy' | 'wallet' | 'gloebit' | 'playblazer' | 'interakt';

/** What is known about a call that failed. Secrets are taken out of it before it gets here. */
export interface RemoteFailure {
  readonly system: RemoteSystem;
  /** The client's method, such as `getUser`. */
  readonly operation: string;
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** The system's own code or reason for it, where it gave one. */
  readonly remoteCode?: string | undefined;
  /** What the system answered: parsed where it was JSON, otherwise its text, shortened. */
  readonly body?: unknown;
}

/** A call to a remote system failed. */
export abstract class RemoteError extends GamificationError implements RemoteFailure {
  readonly system: RemoteSystem;
  readonly operation: string;
  readonly status: number | undefined;
  readonly remoteCode: string | undefined;
  readonly body: unknown;

  /** @param detail what went wrong, in words, without the system and the operation */
  constructor(failure: RemoteFailure, detail: string, options?: ErrorOptions) {
    super(`${failure.system}.${failure.operation}: ${detail}`, options);
    this.system = failure.system;
    this.operation = failure.operation;
    this.status = failure.status;
    this.remoteCode = failure.remoteCode;
    this.body = failure.body;
  }
}

/** Why a remote system could not be used. */
export type RemoteProblem =
  /** No answer within the option `timeout`, or HTTP 408. */
  | 'timeout'
  /** No connection, or one that broke. */
  | 'network'
  /** The server's certificate is not trusted. */
  | 'tls'
  /** HTTP 429: too many calls. */
  | 'rate_limited'
  /** HTTP 5xx. */
  | 'failing'
  /** It failed so often that it is not asked for a while. */
  | 'circuit_open'
  /** The application is shutting down. */
  | 'closed';

/**
 * The remote system could not be used, and may work again later. Where the connection broke or the time was over, it is
 * not known whether the call was carried out.
 */
export class RemoteUnavailableError extends RemoteError {
  readonly code = 'REMOTE_UNAVAILABLE';

  /** @param retryAfter for how long the system asked not to be called again, in milliseconds */
  constructor(
    failure: RemoteFailure,
    readonly reason: RemoteProblem,
    detail: string,
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(failure, detail, options);
  }
}

/** The remote system answered that it does not do what was asked (HTTP 3xx or 4xx, or its own way to say so). */
export class RemoteRefusalError extends RemoteError {
  readonly code: string = 'REMOTE_REFUSAL';
}

/** The remote system answered, but not as its protocol says: no JSON, another shape, too large. */
export class InvalidRemoteResponseError extends RemoteError {
  readonly code = 'REMOTE_RESPONSE_INVALID';
}

/** A call that was not sent, because what it was to send is not as the remote system allows. */
export class InvalidRequestError extends InvalidInputError {
  readonly code = 'REQUEST_INVALID';

  constructor(
    readonly system: RemoteSystem,
    readonly operation: string,
    problems: readonly Problem[],
  ) {
    super(`${system}.${operation}`, problems);
  }
}
