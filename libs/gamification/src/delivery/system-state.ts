import { RemoteUnavailableError } from '../http/remote.errors.js';
import { problemOf } from './deliver-batch.js';

/** The first pause after a failure is random between 0 and this, in milliseconds; it doubles with each failure. */
const FIRST_PAUSE = 500;
/** No pause is longer than this, unless the system asks for more, in milliseconds. */
const MAX_PAUSE = 15_000;
/** Most that a system is granted when it asks for a pause, in milliseconds. */
const MAX_ASKED_PAUSE = 3_600_000;
/** No pause is longer than this when what waits is only in memory and the application ends, in milliseconds. */
const LAST_PAUSE = 250;

/** How a system is doing, as far as deliveries have seen. Times are those of `performance.now()`. */
export class SystemState {
  /** When it last showed that it works. */
  lastSuccess = Number.NEGATIVE_INFINITY;
  /** Why nothing can be delivered at the moment, in one word. */
  problem: string | undefined;
  private failuresInARow = 0;
  private pausedUntil = 0;
  private isLast = false;

  get isFailing(): boolean {
    return this.failuresInARow > 0;
  }

  /** For how long nothing is to be sent from now on, in milliseconds. */
  get pause(): number {
    return Math.max(0, this.pausedUntil - performance.now());
  }

  succeed(): void {
    this.lastSuccess = performance.now();
    this.failuresInARow = 0;
    this.problem = undefined;
  }

  fail(error: Error): void {
    const asked = error instanceof RemoteUnavailableError ? (error.retryAfter ?? 0) : 0;
    const own = Math.random() * Math.min(MAX_PAUSE, FIRST_PAUSE * 2 ** this.failuresInARow);
    const pause = this.isLast ? Math.min(own, LAST_PAUSE) : Math.max(own, Math.min(asked, MAX_ASKED_PAUSE));
    this.pausedUntil = performance.now() + pause;
    this.failuresInARow++;
    this.problem = problemOf(error);
  }

  /** There is little time left: pauses are short from now on, the one under way included. */
  hurry(): void {
    this.isLast = true;
    this.pausedUntil = Math.min(this.pausedUntil, performance.now() + LAST_PAUSE);
  }
}
