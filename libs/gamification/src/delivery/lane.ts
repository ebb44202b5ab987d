import { LANES, type Placed } from './delivery-store.js';
import { isAfter, type Place } from './place.js';

/** A part of the users, whose events are delivered in their order. */
export class Lane {
  private pending: Placed[] = [];
  private taken = 0;
  /** How many of the first events were sent before. */
  private tried = 0;
  /** Whether some of its events are under way. */
  busy = false;
  /** How often in a row its first events have failed in a way that may be their own. */
  failures = 0;
  /** When they failed last, as `performance.now()` tells. */
  failedAt = 0;

  /** @param cursor up to where everything was delivered or set aside */
  constructor(private cursor: Place) {}

  get size(): number {
    return this.pending.length - this.taken;
  }

  /** Adds an event, unless it was delivered before this instance began. */
  add(placed: Placed): void {
    if (isAfter(placed.place, this.cursor)) this.pending.push(placed);
  }

  /** The next events. They stay pending until they are settled. */
  peek(count: number): readonly Placed[] {
    return this.pending.slice(this.taken, this.taken + count);
  }

  /** Notes that the first so many are sent. @returns how many of them were sent before */
  send(count: number): number {
    const again = Math.min(this.tried, count);
    this.tried = Math.max(this.tried, count);
    return again;
  }

  /** The first so many need not be sent again. */
  settle(count: number): void {
    const last = this.pending[this.taken + count - 1];
    if (last) this.cursor = last.place;
    this.taken += count;
    this.tried = Math.max(0, this.tried - count);
    // Not one by one, because taking from the front of a long list moves all the rest.
    if (this.taken * 2 > this.pending.length) {
      this.pending = this.pending.slice(this.taken);
      this.taken = 0;
    }
  }

  /** Up to where everything is settled. @param readTo how far the log was read */
  cursorAt(readTo: Place): Place {
    if (this.size === 0 && isAfter(readTo, this.cursor)) this.cursor = readTo;
    return this.cursor;
  }
}

/** The lane of a user, the same in every process: FNV-1a over the text's UTF-16 units. */
export function laneOf(userId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < userId.length; index++) {
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193);
  }
  // The low bits of FNV are weaker than the high ones.
  return ((hash >>> 16) ^ hash) & (LANES - 1);
}
