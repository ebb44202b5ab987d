import type { ThrottledLog } from '../throttled-log.js';
import { toError } from '../to-error.js';
import type { DeliveryStore } from './delivery-store.js';
import type { Place } from './place.js';

/** How often the right to deliver is asked for or kept, in milliseconds. */
const INTERVAL = 2_000;
/** How long before its end a claim is no longer relied on, in milliseconds. */
const MARGIN = 2_000;

/** Who is told of changes of a claim. */
export interface ClaimListener {
  /** This instance delivers from now on. */
  taken(cursors: readonly Place[]): void;
  /** Another instance delivers now. */
  lost(): void;
}

/** The right of this instance to deliver to a destination. */
export class Claim {
  /** The number of the claim, by which a store knows that it is still the same. */
  token: number | undefined;
  /** Whether another instance delivers, as far as this one knows. */
  isElsewhere = false;
  private until = 0;
  private nextAsk = 0;
  private asking: Promise<void> | undefined;

  constructor(
    private readonly store: DeliveryStore,
    private readonly listener: ClaimListener,
    private readonly log: ThrottledLog,
  ) {}

  get isHeld(): boolean {
    return this.token !== undefined && performance.now() < this.until - MARGIN;
  }

  /** Asks for the right to deliver, or keeps it, where it is time to. Never rejects. */
  async keep(): Promise<void> {
    if (this.asking || performance.now() < this.nextAsk) return;
    this.asking = this.ask();
    await this.asking;
    this.asking = undefined;
  }

  /** It turned out that another instance has it. */
  lose(): void {
    if (this.token === undefined) return;
    this.token = undefined;
    this.isElsewhere = true;
    this.listener.lost();
  }

  /** Gives it up, so that another instance need not wait for its end. */
  async release(): Promise<void> {
    await this.asking;
    if (this.token !== undefined) await this.store.release(this.token);
    this.token = undefined;
  }

  private async ask(): Promise<void> {
    const start = performance.now();
    this.nextAsk = start + INTERVAL;
    try {
      const claimed = await this.store.claim();
      if (!claimed) {
        this.isElsewhere = true;
        this.lose();
        return;
      }
      this.isElsewhere = false;
      this.until = start + this.store.claimDuration;
      if (claimed.token === this.token) return;
      this.token = claimed.token;
      this.listener.taken(claimed.cursors);
    } catch (error) {
      this.log.error(`nothing can be delivered: ${toError(error).message}`);
    }
  }
}
