import { Clock } from '../clock.js';

/** A clock that stands still until it is told to move. */
export class FakeClock extends Clock {
  private time: number;

  /** @param now where it stands: 2026-01-01 at 12:00 UTC unless told */
  constructor(now: Date | number = Date.UTC(2026, 0, 1, 12)) {
    super();
    this.time = Number(now);
  }

  now(): number {
    return this.time;
  }

  /** Moves it to a moment, also one in the past. */
  set(now: Date | number): void {
    this.time = Number(now);
  }

  /** Moves it on. @param milliseconds how far; less than 0 is back */
  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}
