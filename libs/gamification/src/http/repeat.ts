import { setTimeout as delay } from 'node:timers/promises';
import { backOff } from 'exponential-backoff';
import { type RemoteProblem, RemoteUnavailableError } from './remote.errors.js';

/** No delay is longer than this, in milliseconds. A system that asks for more is not asked again by this call. */
const MAX_DELAY = 10_000;

/** The problems that a later try may not meet. */
const MAY_PASS: ReadonlySet<RemoteProblem> = new Set(['timeout', 'network', 'rate_limited', 'failing']);

/** How a call is repeated. */
export interface Repeats {
  /** Tries at most, the first one included: 1 or more. */
  readonly tries: number;
  /** The first delay is random between 0 and this, in milliseconds; it doubles with each repeat, up to 10 s. */
  readonly firstDelay: number;
  /** Ends the waiting, after which nothing is tried again. */
  readonly signal: AbortSignal;
  /** Unless told, {@link waitAfter}. */
  readonly waitAfter?: (error: RemoteUnavailableError) => number | undefined;
}

/**
 * Makes a call, and makes it again while it fails with what may pass.
 *
 * @param call gets the number of the try, from 1
 * @throws what the last try threw
 */
export function repeat<T>(
  call: (attempt: number) => Promise<T>,
  { tries, firstDelay, signal, waitAfter: waitOf = waitAfter }: Repeats,
): Promise<T> {
  let attempt = 0;
  const mayRepeatAfter = async (error: unknown): Promise<boolean> => {
    if (attempt >= tries || !(error instanceof RemoteUnavailableError)) return false;
    const wait = waitOf(error);
    if (wait === undefined || wait > MAX_DELAY) return false;
    // A shutdown need not wait for it.
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
    return !signal.aborted;
  };
  return backOff(() => call(++attempt), {
    numOfAttempts: tries,
    startingDelay: firstDelay,
    maxDelay: MAX_DELAY,
    jitter: 'full',
    retry: mayRepeatAfter,
  });
}

/**
 * How long to wait at least until a repeat, in milliseconds: as long as the system asked for. Nothing where a repeat
 * would fail alike.
 */
export function waitAfter({ reason, retryAfter = 0 }: RemoteUnavailableError): number | undefined {
  return MAY_PASS.has(reason) ? retryAfter : undefined;
}
