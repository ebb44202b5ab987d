import { Observable, Subject } from 'rxjs';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { Ids } from '../ids.js';
import { keyOf, limitOf, type Page, type PageRequest, pageOf } from '../page.js';
import { IDENTIFIER_RULE, inShort, isIdentifier } from '../validation.js';
import { AccountNotLinkedError, AccountUnlinkedError, InvalidAccountLinkError } from './accounts.errors.js';
import { AccountsOptions } from './accounts.options.js';
import { type Credential, checkedCredential } from './credential.js';
import { CredentialCipher } from './credential-cipher.js';
import { CredentialRefresh, type RefreshCredential } from './credential-refresh.js';
import type { LinkRow } from './link-row.js';
import { LinkStore, type StoredCredential } from './link-store.js';

/** That a user has linked an account at a provider. Holds nothing secret. */
export interface AccountLink {
  readonly userId: string;
  readonly provider: string;
  /** What the user allowed, as words with spaces between them, where that is known. */
  readonly scope?: string;
  readonly linkedAt: Date;
  /** When its credential last changed: when it was linked, or a token was refreshed. */
  readonly updatedAt: Date;
  /** When its access token ends, where it does. */
  readonly expiresAt?: Date;
}

/** What there is to know about a provider to use the accounts that are linked there. */
export interface AccountProvider {
  /** Such as `gloebit`. */
  readonly name: string;
  /** Whether an error of a call says that the access was taken back, so that the link is of no use. */
  isRevoked(error: unknown): boolean;
  /** Gets a new credential for one whose token ends; absent where tokens do not end. */
  readonly refresh?: RefreshCredential;
}

/** How often a call is made again because the user linked the account anew while it was under way. */
const MAX_TRIES = 2;

/**
 * The accounts that users have linked at other systems, one per user and provider. Their credentials are kept in the
 * database, encrypted.
 *
 * All methods throw `StorageUnavailableError` when the storage cannot be used.
 */
export class AccountLinks {
  private readonly store: LinkStore;
  private readonly refresh: CredentialRefresh;
  private readonly unlinked = new Subject<AccountUnlinkedError>();
  /** Tells of links that were removed because the provider no longer knew them. */
  readonly unlinked$: Observable<AccountUnlinkedError> = this.unlinked.asObservable();

  constructor(database: Database, clock: Clock, ids: Ids, options: AccountsOptions) {
    this.store = new LinkStore(database, new CredentialCipher(options), clock, ids);
    this.refresh = new CredentialRefresh(this.store, clock);
  }

  /**
   * Keeps what opens a user's account, in place of what was kept before.
   *
   * @throws InvalidAccountLinkError
   */
  async link(userId: string, provider: string, credential: Credential): Promise<AccountLink> {
    const { value, problems } = checkedCredential(credential);
    const wrong = Object.entries({ userId, provider })
      .filter(([, id]) => !isIdentifier(id))
      .map(([path, id]) => ({ path, got: inShort(id), allowed: IDENTIFIER_RULE }));
    if (wrong.length + problems.length > 0) throw new InvalidAccountLinkError([...wrong, ...problems]);
    const { now, scope, expiresAt } = await this.store.put(userId, provider, value);
    return linkOf(userId, provider, scope, now, now, expiresAt);
  }

  /** The link of a user at a provider, if there is one. */
  async get(userId: string, provider: string): Promise<AccountLink | undefined> {
    if (!isIdentifier(userId) || !isIdentifier(provider)) return undefined;
    const row = await this.store.row(userId, provider);
    return row && fromRow(row);
  }

  /** The links of a user, by the provider's name. @throws InvalidQueryError */
  async list(userId: string, page: PageRequest = {}): Promise<Page<AccountLink>> {
    const limit = limitOf(page);
    const [after] = keyOf(page, ['string']) ?? [];
    if (!isIdentifier(userId)) return { items: [] };
    const rows = await this.store.rowsOf(userId, after === undefined ? undefined : String(after), limit + 1);
    return pageOf(rows, limit, fromRow, ({ provider }) => [provider]);
  }

  /**
   * What opens a user's account: a secret. {@link use} is the better way to it.
   *
   * @throws EncryptionKeyMissingError when its key is no longer configured
   * @throws CredentialUnreadableError when it was tampered with
   */
  async credential(userId: string, provider: string): Promise<Credential | undefined> {
    if (!isIdentifier(userId) || !isIdentifier(provider)) return undefined;
    return (await this.store.credential(userId, provider))?.credential;
  }

  /** Forgets a user's account. @returns whether it was linked */
  async unlink(userId: string, provider: string): Promise<boolean> {
    if (!isIdentifier(userId) || !isIdentifier(provider)) return false;
    return this.store.remove(userId, provider);
  }

  /**
   * Makes a call with a user's credential, whose token is refreshed first where it ends. When the provider says that the
   * access was taken back, the link is removed, unless the user linked the account anew meanwhile: then the call is made
   * again.
   *
   * @param call may be made twice; the provider refused the first one
   * @throws AccountNotLinkedError
   * @throws AccountUnlinkedError from the one call that found out and removed the link
   * @throws EncryptionKeyMissingError, CredentialUnreadableError
   * @throws CredentialRefreshTimeoutError
   * @throws what `call` and the provider's `refresh` throw
   */
  async use<T>(
    userId: string,
    provider: AccountProvider,
    call: (credential: Credential) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      let stored = await this.mustHave(userId, provider.name);
      try {
        stored = await this.refresh.fresh(stored, provider.refresh);
        return await call(stored.credential);
      } catch (error) {
        if (!provider.isRevoked(error)) throw error;
        if (await this.store.removeHeld(stored.held)) throw this.unlinkedBy(error, userId, provider.name);
        if (tries === MAX_TRIES) throw error;
      }
    }
  }

  /**
   * Encrypts with the first key what other keys encrypted, so that those can be removed from the configuration.
   *
   * @returns how many credentials that were
   * @throws EncryptionKeyMissingError, CredentialUnreadableError at the first that cannot be decrypted
   */
  reencrypt(): Promise<number> {
    return this.store.reencryptAll();
  }

  private async mustHave(userId: string, provider: string): Promise<StoredCredential> {
    const stored = isIdentifier(userId) ? await this.store.credential(userId, provider) : undefined;
    if (!stored) throw new AccountNotLinkedError(userId, provider);
    return stored;
  }

  private unlinkedBy(cause: unknown, userId: string, provider: string): AccountUnlinkedError {
    const error = new AccountUnlinkedError(userId, provider, { cause });
    this.unlinked.next(error);
    return error;
  }
}

function fromRow(row: LinkRow): AccountLink {
  const { user_id, provider, scope, linked_at, updated_at, expires_at } = row;
  return linkOf(user_id, provider, scope, Number(linked_at), Number(updated_at), expires_at);
}

function linkOf(
  userId: string,
  provider: string,
  scope: string | null,
  linkedAt: number,
  updatedAt: number,
  expiresAt: number | string | null,
): AccountLink {
  return {
    userId,
    provider,
    ...(scope === null ? {} : { scope }),
    linkedAt: new Date(linkedAt),
    updatedAt: new Date(updatedAt),
    ...(expiresAt === null ? {} : { expiresAt: new Date(Number(expiresAt)) }),
  };
}
