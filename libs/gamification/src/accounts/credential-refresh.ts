import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import {
  AccountNotLinkedError,
  CredentialRefreshTimeoutError,
  InvalidAccountLinkError,
} from './accounts.errors.js';
import { type Credential, checkedCredential } from './credential.js';
import type { LinkStore, StoredCredential } from './link-store.js';

/** A token that ends within this time counts as ended: it might end on the way. In milliseconds. */
const MARGIN = 30_000;
/** How long things may take, in milliseconds. */
export interface RefreshLimits {
  /** Waiting for the token that this instance asks for. */
  readonly refresh: number;
  /**
   * How long one instance alone may ask: longer than it takes, so that only a process that died, or that does not get an
   * answer, is not waited for.
   * Instances whose clocks differ by more than the rest might both ask.
   */
  readonly lease: number;
  /** Waiting for the token that another instance asks for. */
  readonly wait: number;
}

const LIMITS: RefreshLimits = { refresh: 40_000, lease: 60_000, wait: 30_000 };

/** How often to look for the token that another instance asks for, in milliseconds. */
const POLL_DELAY = 100;

/** Asks the provider for a new credential. */
export type RefreshCredential = (credential: Credential) => Promise<Credential>;

/**
 * Gets new tokens for those that end. However many callers in however many instances need one user's token, one of them
 * asks the provider, and all use what it got: many providers let a refresh token be used only once.
 */
export class CredentialRefresh {
  private readonly underWay = new Map<string, Promise<StoredCredential>>();

  constructor(
    private readonly store: LinkStore,
    private readonly clock: Clock,
    private readonly limits: RefreshLimits = LIMITS,
  ) {}

  /**
   * The credential as it is while its token is good, otherwise a new one.
   *
   * @throws AccountNotLinkedError when it was unlinked meanwhile
   * @throws CredentialRefreshTimeoutError
   * @throws what `refresh` throws, to the caller that asked
   */
  fresh(stored: StoredCredential, refresh: RefreshCredential | undefined): Promise<StoredCredential> {
    if (!refresh || !this.hasEnded(stored)) return Promise.resolve(stored);
    const key = JSON.stringify(stored.held);
    let refreshed = this.underWay.get(key);
    if (!refreshed) {
      refreshed = this.refreshed(stored, refresh).finally(() => this.underWay.delete(key));
      this.underWay.set(key, refreshed);
    }
    return refreshed;
  }

  /** Asks, or waits for who asks. What comes is taken as it is: a token that ends at once must not be asked for forever. */
  private async refreshed(stored: StoredCredential, refresh: RefreshCredential): Promise<StoredCredential> {
    const { userId, provider, version } = stored.held;
    const start = performance.now();
    let current = stored;
    while (current.held.version === version) {
      if (current.refreshingUntil <= this.clock.now()) {
        const until = this.clock.now() + this.limits.lease;
        if (await this.store.lease(current.held, until)) await this.renew(current, until, refresh);
      } else if (performance.now() - start > this.limits.wait) {
        throw new CredentialRefreshTimeoutError(userId, provider, this.limits.wait);
      } else {
        await delay(POLL_DELAY);
      }
      const next = await this.store.credential(userId, provider);
      if (!next) throw new AccountNotLinkedError(userId, provider);
      current = next;
    }
    return current;
  }

  /**
   * Asks for a new token and keeps it, unless the user linked the account anew meanwhile. One that comes too late for the
   * caller is kept as well, and until then nobody else asks: the old refresh token may be used up.
   */
  private renew(stored: StoredCredential, until: number, refresh: RefreshCredential): Promise<void> {
    const { userId, provider } = stored.held;
    return inTime(this.limits.refresh, this.askAndKeep(stored, until, refresh), () => {
      throw new CredentialRefreshTimeoutError(userId, provider, this.limits.refresh);
    });
  }

  private async askAndKeep(
    { held, credential }: StoredCredential,
    until: number,
    refresh: RefreshCredential,
  ): Promise<void> {
    try {
      const { value, problems } = checkedCredential(await refresh(credential));
      if (problems.length > 0) throw new InvalidAccountLinkError(problems);
      // A provider that gives no new refresh token means the old one to stay; so it is with the scope.
      const { refreshToken = credential.refreshToken, scope = credential.scope } = value;
      await this.store.renew(held, { ...value, refreshToken, scope });
    } catch (error) {
      // Where even this fails, the lease ends by itself.
      await this.store.endLease(held, until).catch(() => undefined);
      throw error;
    }
  }

  private hasEnded({ credential: { expiresAt } }: StoredCredential): boolean {
    return expiresAt !== undefined && expiresAt.getTime() - MARGIN <= this.clock.now();
  }
}

/** What comes of work, or what `late` throws when it takes longer; then what becomes of it is nobody's concern. */
async function inTime<T>(limit: number, work: Promise<T>, late: () => never): Promise<T> {
  const timer = new AbortController();
  const timeout = delay(limit, undefined, { signal: timer.signal, ref: false }).then(late);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    timer.abort();
  }
}
