import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';

/** The user has no account linked at that provider: the user is to be sent there first. */
export class AccountNotLinkedError extends GamificationError {
  readonly code: string = 'ACCOUNT_NOT_LINKED';

  constructor(
    readonly userId: string,
    readonly provider: string,
    options?: ErrorOptions,
    detail = 'has no account linked at',
  ) {
    super(`user ${JSON.stringify(userId)} ${detail} ${provider}`, options);
  }
}

/**
 * The provider no longer knows the access that the user gave, so the link was just removed: it says so once, and from
 * then on the account is not linked. The cause is what the provider said.
 */
export class AccountUnlinkedError extends AccountNotLinkedError {
  override readonly code = 'ACCOUNT_UNLINKED';

  constructor(userId: string, provider: string, options?: ErrorOptions) {
    super(userId, provider, options, 'was just unlinked, as the access is no longer known at');
  }
}

/** An account cannot be linked with what was given. */
export class InvalidAccountLinkError extends InvalidInputError {
  readonly code = 'ACCOUNT_LINK_INVALID';

  constructor(problems: readonly Problem[]) {
    super('account link', problems);
  }
}

/** A credential was encrypted with a key that is not among `accounts.encryptionKeys`. */
export class EncryptionKeyMissingError extends GamificationError {
  readonly code = 'ENCRYPTION_KEY_MISSING';

  constructor(readonly keyId: string) {
    super(
      `a credential was encrypted with the key ${JSON.stringify(keyId)}, which accounts.encryptionKeys does not have`,
    );
  }
}

/** A credential cannot be decrypted: it was changed, belongs to another link, or its key is another of the same id. */
export class CredentialUnreadableError extends GamificationError {
  readonly code = 'CREDENTIAL_UNREADABLE';

  constructor(
    readonly userId: string,
    readonly provider: string,
    options?: ErrorOptions,
  ) {
    super(
      `the credential of user ${JSON.stringify(userId)} at ${provider} cannot be decrypted: it was changed, ` +
        'belongs to another link, or its key was',
      options,
    );
  }
}

/** A new access token did not come in time, neither to this instance nor to the one that asked for it. */
export class CredentialRefreshTimeoutError extends GamificationError {
  readonly code = 'CREDENTIAL_REFRESH_TIMEOUT';

  /** @param timeout how long was waited, in milliseconds */
  constructor(
    readonly userId: string,
    readonly provider: string,
    readonly timeout: number,
  ) {
    super(
      `there was no new access token for user ${JSON.stringify(userId)} at ${provider} within ${timeout} ms`,
    );
  }
}

/** Why the answer to an authorization is not accepted. */
export type OAuthStateProblem =
  /** It has no state. */
  | 'missing'
  /** Nothing waits for that state: it was never given out, or was used, or expired and was forgotten. */
  | 'unknown'
  | 'expired'
  /** It was given out to another user. */
  | 'other_user'
  /** It was given out to another browser, or the browser has lost its cookie. */
  | 'other_browser';

/**
 * The answer to an authorization is not one that this user asked for in this browser.
 *
 * @internal providers turn it into errors of their own
 */
export class OAuthStateError extends GamificationError {
  readonly code = 'OAUTH_STATE';

  constructor(readonly reason: OAuthStateProblem) {
    super(`the state of the authorization is not accepted: ${reason.replace('_', ' ')}`);
  }
}
