import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';
import { fitForError, shortened } from './redact.js';

/** The systems that the library can talk to, named as their options are. */
export type RemoteSystem = 'gmfy' | 'wallet' | 'gloebit' | 'playblazer' | 'interakt';

/** Most characters that an error keeps of each text that it tells: in its message, and of the system's own words. */
const MAX_TEXT = 500;

/**
 * Takes the secrets of a call out of a text. An answer brings it along, for the errors that are made of it: an answer
 * that is an error must hold no secret, and one that is not must stay as it is (it may bring a token that was sent).
 */
export const REDACT: unique symbol = Symbol('redact');

/**
 * What is known about a call that failed. An error that is made of an answer gets the answer itself, or a copy made with
 * `{ ...response, remoteCode }`, which keeps what takes the secrets out. The error takes them out, and shortens what is
 * long, so nothing here may be shortened before.
 */
export interface RemoteFailure {
  readonly system: RemoteSystem;
  /** The client's method, such as `getUser`. */
  readonly operation: string;
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** The system's own code for it, where it gave one. An error keeps 500 characters of it. */
  readonly remoteCode?: string | undefined;
  /** What the system says of it in words, where it does. An error keeps 500 characters of it. */
  readonly remoteMessage?: string | undefined;
  /** What the system answered: parsed where it was JSON, otherwise its text. An error keeps 4,096 characters of it. */
  readonly body?: unknown;
  readonly [REDACT]?: (text: string) => string;
}

/** A call to a remote system failed. */
export abstract class RemoteError extends GamificationError implements RemoteFailure {
  readonly system: RemoteSystem;
  readonly operation: string;
  readonly status: number | undefined;
  readonly remoteCode: string | undefined;
  readonly remoteMessage: string | undefined;
  readonly body: unknown;

  /** @param detail what went wrong, in words, without the system and the operation */
  constructor(failure: RemoteFailure, detail: string, options?: ErrorOptions) {
    const { system, operation, status, remoteCode, remoteMessage, body } = failure;
    super(`${system}.${operation}: ${redacted(failure, detail)}`, options);
    this.system = system;
    this.operation = operation;
    this.status = status;
    this.remoteCode = remoteCode === undefined ? undefined : redacted(failure, remoteCode);
    this.remoteMessage = remoteMessage === undefined ? undefined : redacted(failure, remoteMessage);
    this.body = fitForError(body, failure[REDACT] ?? unchanged);
  }
}

/** A text as an error may tell it: without the secrets of the call, and then shortened to 500 characters. */
export function redacted({ [REDACT]: redact = unchanged }: RemoteFailure, text: string): string {
  return shortened(redact(text), MAX_TEXT);
}

function unchanged(text: string): string {
  return text;
}

/** Why a remote system could not be used. */
export type RemoteProblem =
  /** No answer within the option `timeout`, or HTTP 408. */
  | 'timeout'
  /** No connection, or one that broke. */
  | 'network'
  /** The server's certificate is not trusted, or it does not speak TLS. */
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
