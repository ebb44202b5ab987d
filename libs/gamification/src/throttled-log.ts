import type { Logger } from '@nestjs/common';
import type { Clock } from './clock.js';

/** How long after a line the next one may come, in milliseconds. */
const INTERVAL = 1_000;

/** Logs one kind of trouble: a line a second at most, which says how often it happened since the last one. */
export class ThrottledLog {
  private lastLine = Number.NEGATIVE_INFINITY;
  private times = 0;

  constructor(
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  /** @param times how often it happened this time */
  error(message: string, times = 1): void {
    this.times += times;
    const now = this.clock.now();
    if (now - this.lastLine < INTERVAL) return;
    this.logger.error(
      this.times === 1 ? message : `${message} (${this.times} times since the last such line)`,
    );
    this.lastLine = now;
    this.times = 0;
  }
}
