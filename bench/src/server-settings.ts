/** What the benchmark `server` and its servers agree on. */

/** The users of the wallets. */
export const WALLETS: readonly string[] = Array.from({ length: 100 }, (_, user) => `user-${user}`);
/** How many tokens of the authority are signed before the clock runs. */
export const TOKENS = 100;

/** How to get into a server. */
export interface Access {
  readonly port: number;
  readonly apiKey: string;
  /** Of a wallet authority. */
  readonly tokens: readonly string[];
}

/** What a server has recorded. */
export interface Counted {
  readonly events: number;
  readonly entries: number;
}
