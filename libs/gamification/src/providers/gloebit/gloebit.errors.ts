import { GamificationError } from '../../gamification.errors.js';
import { RemoteRefusalError } from '../../http/remote.errors.js';

/** What was asked for is not part of what the library asks of Gloebit. */
export class NotSupportedByGloebitError extends GamificationError {
  readonly code = 'NOT_SUPPORTED';

  /** @param feature what was asked for, as the subject of the message */
  constructor(readonly feature: string) {
    super(`${feature} is not supported with Gloebit`);
  }
}

/** The answer to an authorization is not one that this user asked for in this browser, or has no state at all. */
export class GloebitCrossSiteError extends GamificationError {
  readonly code: string = 'GLOEBIT_CROSS_SITE';

  constructor(detail: string, options?: ErrorOptions) {
    super(`the answer to the authorization at Gloebit is not accepted: ${detail}`, options);
  }
}

/**
 * No authorization is under way that the answer belongs to: it was used before, or took too long. The user is to be sent
 * to Gloebit again. (A made-up state looks the same, so it is a {@link GloebitCrossSiteError} as well.)
 */
export class GloebitFlowMissingError extends GloebitCrossSiteError {
  override readonly code = 'GLOEBIT_FLOW_MISSING';
}

/** Gloebit sent the user back with an error in place of a code; `remoteCode` is one of RFC 6749, section 4.1.2.1. */
export class GloebitAuthorizationError extends RemoteRefusalError {
  override readonly code = 'GLOEBIT_AUTHORIZATION';
}

/**
 * Gloebit gave no access token for the code: it answered another status than 200, or without a token. `remoteCode` and
 * `remoteMessage` are its `error` and its `reason`, where it gave them.
 */
export class GloebitFlowExchangeError extends RemoteRefusalError {
  override readonly code = 'GLOEBIT_FLOW_EXCHANGE';
}

/** Gloebit answered another status than 200, which its protocol does not have. */
export class GloebitBadRequestError extends RemoteRefusalError {
  override readonly code = 'GLOEBIT_BAD_REQUEST';
}

/** A call needs a scope that the user was not asked for. Nothing was sent. */
export class GloebitScopeError extends GamificationError {
  readonly code = 'GLOEBIT_SCOPE';

  /** @param needed the scopes of which the call needs one */
  constructor(
    readonly operation: string,
    readonly needed: readonly string[],
    readonly scope: string,
  ) {
    super(
      `gloebit.${operation} needs the scope ${needed.join(' or ')}, but the user allowed: ${scope || 'nothing'}`,
    );
  }
}

/** A purchase needs a user name, as the scope does not let Gloebit be asked for it. Nothing was sent. */
export class GloebitUserNameRequiredError extends GamificationError {
  readonly code = 'GLOEBIT_USER_NAME_REQUIRED';

  constructor(readonly operation: string) {
    super(`gloebit.${operation} needs a username, as the scope has no id`);
  }
}

/**
 * The reasons that end a token, in all the words that Gloebit's documentation and clients know: the user took the access
 * back, or is gone.
 */
const TOKEN_IS_GONE: ReadonlySet<string> = new Set([
  'unknown token',
  'unknown token1',
  'unknown token2',
  'unknown OAuth2 token',
  'invalid access token',
  'token has expired',
  'unknown user',
]);

/** The reasons that are about a token's use by this application. All users have them when the application is set up wrongly. */
const TOKEN_DOES_NOT_FIT: ReadonlySet<string> = new Set(['unknown consumer', 'missing domain']);

/** Gloebit does not accept the access token. */
export class GloebitAccessTokenError extends RemoteRefusalError {
  override readonly code = 'GLOEBIT_ACCESS_TOKEN';

  /** Whether a reason of Gloebit's is about the access token. */
  static isMeantBy(reason: string | undefined): boolean {
    return reason !== undefined && (TOKEN_IS_GONE.has(reason) || TOKEN_DOES_NOT_FIT.has(reason));
  }

  /**
   * Whether the token itself is gone, so that only the user can give a new one. Otherwise it is the application that
   * Gloebit does not know, or does not let do this; then unlinking its users would only lose their access.
   */
  get isRevoked(): boolean {
    return this.remoteMessage !== undefined && TOKEN_IS_GONE.has(this.remoteMessage);
  }
}

/** Gloebit does not tell about the user. */
export class GloebitUserInfoError extends RemoteRefusalError {
  override readonly code = 'GLOEBIT_USER_INFO';
}

/** Gloebit does not tell the user's balance. */
export class GloebitBalanceAccessError extends RemoteRefusalError {
  override readonly code = 'GLOEBIT_BALANCE_ACCESS';
}

/** Gloebit does not tell the user's products, or lets them not be consumed, such as when there are too few. */
export class GloebitProductsAccessError extends RemoteRefusalError {
  override readonly code = 'GLOEBIT_PRODUCTS_ACCESS';
}

/** Gloebit does not tell the user's characters, or lets them not be changed. */
export class GloebitCharacterAccessError extends RemoteRefusalError {
  override readonly code = 'GLOEBIT_CHARACTER_ACCESS';
}

/** Gloebit did not make a purchase, or cannot say yet whether it will. */
export abstract class GloebitTransactError extends RemoteRefusalError {}

/** Gloebit did not make a purchase; `remoteMessage` is its reason, such as `insufficient balance`. */
export class GloebitTransactFailureError extends GloebitTransactError {
  override readonly code = 'GLOEBIT_TRANSACT_FAILURE';
}

/**
 * It is not settled whether the purchase is made: Gloebit will try again, or was trying already. The same purchase with
 * the same idempotency key tells later what became of it.
 */
export class GloebitTransactPendingError extends GloebitTransactError {
  override readonly code = 'GLOEBIT_TRANSACT_PENDING';
}
