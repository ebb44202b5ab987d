import type { RemoteSystem } from './remote.errors.js';

/** One try of a call to a remote system, as the option `http.interceptor` sees it. */
export interface OutgoingCall {
  readonly system: RemoteSystem;
  /** The client's method, such as `getUser`. */
  readonly operation: string;
  readonly method: string;
  /** Without its query, in which a protocol may want a secret. */
  readonly url: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** What is put here is sent as headers, such as `traceparent`. */
  readonly headers: Record<string, string>;
}

/** What became of one try. */
export interface CallResult {
  readonly status: number;
}

/**
 * Stands around every try of every call to a remote system: to log, to count, to add headers, or to keep a call from
 * being made, by throwing. It sees no more of an answer than its status, and what it returns does not matter.
 *
 * Its time counts as the call's: when the option `timeout` of the system is over, the try has failed.
 *
 * @param next makes the call, once, however often it is called. It must be called, unless something is thrown
 */
export type HttpInterceptor = (call: OutgoingCall, next: () => Promise<CallResult>) => unknown;
