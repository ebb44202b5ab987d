import PQueue from 'p-queue';
import { type RemoteFailure, RemoteUnavailableError } from '../../http/remote.errors.js';

/** Most calls at a time: as many as the transport has connections. */
const MAX_CALLS = 32;
/** Longest wait for a turn, in milliseconds. */
const MAX_WAIT = 120_000;
/** Longest pause that the server can ask for, in milliseconds. */
const MAX_PAUSE = 60_000;
/** Shortest time between two turns that timers keep well, in milliseconds. Faster ones come several at a time. */
const SHORTEST_INTERVAL = 20;

/** How calls are paced. */
export interface Pace {
  /** Most calls a minute. */
  readonly rateLimit: number;
  /** Most calls that may wait for their turn. */
  readonly maxWaiting: number;
}

/** Gives every call of a process to one system its turn, so that the calls of all callers keep one rate. */
export class Pacer {
  private readonly queue: PQueue;
  private readonly waiting = new Set<AbortController>();
  private paused: { readonly until: number; readonly timer: NodeJS.Timeout } | undefined;
  private closed = false;

  constructor(private readonly pace: Pace) {
    const intervalCap = Math.ceil((pace.rateLimit * SHORTEST_INTERVAL) / 60_000);
    this.queue = new PQueue({
      concurrency: MAX_CALLS,
      intervalCap,
      interval: (60_000 * intervalCap) / pace.rateLimit,
      strict: true,
    });
  }

  /**
   * Makes a call when it is its turn.
   *
   * @param failure what to name in an error
   * @throws RemoteUnavailableError when too many wait, or its turn does not come in time; then nothing was sent
   */
  async turn<T>(failure: RemoteFailure, call: () => Promise<T>): Promise<T> {
    if (this.closed) throw closedError(failure);
    const { rateLimit, maxWaiting } = this.pace;
    if (this.waiting.size >= maxWaiting) {
      throw tooMany(failure, `${maxWaiting} calls wait already (rateLimit: ${rateLimit} a minute)`);
    }
    const turn = new AbortController();
    this.waiting.add(turn);
    const late = () =>
      turn.abort(
        tooMany(
          failure,
          `its turn did not come within ${MAX_WAIT / 1000} s (rateLimit: ${rateLimit} a minute)`,
        ),
      );
    const timer = setTimeout(late, MAX_WAIT).unref();
    const stopWaiting = () => {
      clearTimeout(timer);
      this.waiting.delete(turn);
    };
    const start = () => {
      stopWaiting();
      return call();
    };
    try {
      return await this.queue.add(start, { signal: turn.signal });
    } catch (error) {
      // Closing cannot know what each call is to say.
      throw turn.signal.aborted && this.closed ? closedError(failure) : error;
    } finally {
      stopWaiting();
    }
  }

  /** Gives no turns for a while, because the server asked for it. @param time in milliseconds, a minute at most */
  pauseFor(time: number): void {
    const duration = Math.min(time, MAX_PAUSE);
    const until = performance.now() + duration;
    if (this.closed || (this.paused && this.paused.until >= until)) return;
    clearTimeout(this.paused?.timer);
    const resume = () => {
      this.paused = undefined;
      this.queue.start();
    };
    this.paused = { until, timer: setTimeout(resume, duration) };
    this.queue.pause();
  }

  /** Gives no more turns: what waits for one is told so. */
  close(): void {
    this.closed = true;
    clearTimeout(this.paused?.timer);
    for (const turn of this.waiting) turn.abort();
  }
}

function closedError(failure: RemoteFailure): RemoteUnavailableError {
  return new RemoteUnavailableError(failure, 'closed', 'the application is shutting down');
}

function tooMany(failure: RemoteFailure, detail: string): RemoteUnavailableError {
  return new RemoteUnavailableError(failure, 'rate_limited', detail);
}
