import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { OAuthStateError } from './accounts.errors.js';
import { browserCookie, browserOf, newBrowser } from './oauth-cookie.js';
import { addState, takeState } from './oauth-state-row.js';

/** How long a user may take to answer, in milliseconds. */
const LIFETIME = 10 * 60_000;

/** An authorization that is about to begin. */
export interface Authorization {
  readonly provider: string;
  readonly userId: string;
  /** Where the provider sends the browser back to: an absolute URL. */
  readonly redirectUri: string;
  readonly scope: string;
  /** The `Cookie` header of the request, if it has one. */
  readonly cookies: string | undefined;
}

/** What came back from the provider. */
export interface AuthorizationAnswer {
  readonly provider: string;
  readonly userId: string;
  /** The `state` of the query, whatever it is. */
  readonly state: unknown;
  readonly cookies: string | undefined;
}

/**
 * The OAuth `state` of every authorization that was begun: it can be used once, for ten minutes, by the user and in the
 * browser that began. The database has only hashes of it, and any instance can take it up.
 *
 * @internal
 */
export class OAuthStates {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @returns the state, and the `Set-Cookie` header for the answer that sends the browser to the provider */
  async begin(authorization: Authorization): Promise<{ readonly state: string; readonly setCookie: string }> {
    const { provider, userId, redirectUri, scope, cookies } = authorization;
    const state = randomBytes(32).toString('base64url');
    // A browser keeps its value, so that it can have begun in two tabs.
    const browser = browserOf(cookies, redirectUri) ?? newBrowser();
    const now = this.clock.now();
    await this.database.write(
      addState,
      {
        stateHash: hashOf(state),
        browserHash: hashOf(browser),
        provider,
        userId,
        redirectUri,
        scope,
        expiresAt: now + LIFETIME,
        now,
      },
      { keys: [userId] },
    );
    return { state, setCookie: browserCookie(browser, redirectUri, LIFETIME) };
  }

  /**
   * Takes up what was begun. A state that is refused is used up as well.
   *
   * @throws OAuthStateError when this user did not begin it, in this browser, just now
   */
  async finish(
    answer: AuthorizationAnswer,
  ): Promise<{ readonly redirectUri: string; readonly scope: string }> {
    const { provider, userId, state, cookies } = answer;
    if (typeof state !== 'string' || state === '') throw new OAuthStateError('missing');
    const row = await this.database.write(takeState, hashOf(state), { keys: [userId] });
    if (!row || row.provider !== provider) throw new OAuthStateError('unknown');
    if (Number(row.expires_at) <= this.clock.now()) throw new OAuthStateError('expired');
    if (!sameHash(hashOf(row.user_id), hashOf(userId))) throw new OAuthStateError('other_user');
    const browser = browserOf(cookies, row.redirect_uri);
    if (browser === undefined || !sameHash(row.browser_hash, hashOf(browser))) {
      throw new OAuthStateError('other_browser');
    }
    return { redirectUri: row.redirect_uri, scope: row.scope };
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Takes the same time wherever two hashes differ. */
function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
