import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** What a limiter is made of. */
export interface LimiterOptions {
  /** How many tries a key has. */
  readonly points: number;
  /** For how long tries count, from the first on, in seconds. */
  readonly duration: number;
  /** Of how many keys tries are kept. */
  readonly maxKeys: number;
}

/** Counts tries by key, in bounded memory: where there are too many keys, the one that began first is forgotten. */
export class Limiter {
  private readonly tries: RateLimiterMemory;
  private readonly maxKeys: number;
  /** In the order in which their time began. Those whose time is over stay until others push them out. */
  private readonly keys = new Set<string>();

  constructor({ points, duration, maxKeys }: LimiterOptions) {
    this.tries = new RateLimiterMemory({ points, duration });
    this.maxKeys = maxKeys;
  }

  /** Counts a try. @returns whether there may be one */
  async take(key: string): Promise<boolean> {
    try {
      const { isFirstInDuration } = await this.tries.consume(key);
      if (isFirstInDuration) await this.remember(key);
      return true;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return false;
      throw refusal;
    }
  }

  /** A try does not count after all. */
  async giveBack(key: string): Promise<void> {
    const counted = await this.tries.get(key);
    // What is no longer counted must not become a try more.
    if (counted && counted.msBeforeNext > 0 && counted.consumedPoints > 0) await this.tries.reward(key);
  }

  private async remember(key: string): Promise<void> {
    this.keys.delete(key);
    this.keys.add(key);
    const [oldest] = this.keys;
    if (this.keys.size <= this.maxKeys || oldest === undefined) return;
    this.keys.delete(oldest);
    await this.tries.delete(oldest);
  }
}
