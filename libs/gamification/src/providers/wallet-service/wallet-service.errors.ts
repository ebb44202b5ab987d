import { GamificationError, InvalidInputError, type Problem } from '../../gamification.errors.js';
import { type RemoteFailure, RemoteRefusalError, redacted } from '../../http/remote.errors.js';
import { inShort } from '../../validation.js';
import { refusalProblemsOf, refusalTextOf } from './refusal-body.js';

/** The authority client configuration cannot be used. The private key is not repeated. */
export class WalletServiceConfigError extends InvalidInputError {
  readonly code = 'WALLET_SERVICE_CONFIG_INVALID';

  /** @param file where it was read from; absent where it was given as an object */
  constructor(
    readonly file: string | undefined,
    problems: readonly Problem[],
  ) {
    super(
      `authority client configuration of the wallet service${file === undefined ? '' : ` ${JSON.stringify(file)}`}`,
      problems,
    );
  }
}

/**
 * The wallet service answered that it does not do what was asked. `remoteMessage` is what it says; `remoteCode` the rule
 * that a request's body broke, such as `any.required`.
 */
export class WalletServiceError extends RemoteRefusalError {
  override readonly code: string = 'WALLET_SERVICE_REFUSAL';

  /** @param detail what went wrong, in words; what the service says unless told */
  constructor(failure: RemoteFailure, detail?: string, options?: ErrorOptions) {
    const remoteMessage = refusalTextOf(failure.body);
    const remoteCode = refusalProblemsOf(failure.body)[0]?.type;
    super({ ...failure, remoteCode, remoteMessage }, detail ?? told(failure.status, remoteMessage), options);
  }
}

/** HTTP 401 or 403: the service does not know the authority, or not with this key. */
export class WalletServiceForbiddenError extends WalletServiceError {
  override readonly code = 'WALLET_SERVICE_FORBIDDEN';
}

/** What the service finds wrong with a request. */
export interface WalletServiceProblem {
  /** Where, as a path into the request's body as it was sent: `item.name`. */
  readonly path: string;
  /** The rule that it breaks, such as `any.required`. */
  readonly type: string;
  /** For people. */
  readonly message: string;
}

/** HTTP 400: the service finds something wrong with what was sent. */
export class WalletServiceRequestError extends WalletServiceError {
  override readonly code = 'WALLET_SERVICE_REQUEST_INVALID';
  /** What is wrong; the original service names only the first thing. Empty where it says it in words alone. */
  readonly problems: readonly WalletServiceProblem[];

  constructor(failure: RemoteFailure, options?: ErrorOptions) {
    super(failure, undefined, options);
    this.problems = refusalProblemsOf(failure.body).map(({ path, type, message }) => ({
      path: redacted(failure, path),
      type: redacted(failure, type),
      message: redacted(failure, message),
    }));
  }
}

/**
 * HTTP 402: the wallet holds less than was to be taken from it; nothing was written. Without a status, the service broke
 * the connection instead of answering so, and was found not to know the user.
 */
export class WalletServiceFundsError extends WalletServiceError {
  override readonly code = 'WALLET_SERVICE_NOT_ENOUGH_FUNDS';

  /**
   * @param needed how much was to be taken
   * @param available how much the wallet holds, where the service says it
   */
  constructor(
    failure: RemoteFailure,
    readonly userId: string,
    readonly needed: number,
    readonly available: number | undefined,
    options?: ErrorOptions,
  ) {
    const holds = available === undefined ? 'holds less' : `holds ${available}`;
    super(failure, `the wallet of user ${inShort(userId)} ${holds}, needed: ${needed}`, options);
  }
}

/** `Wallets` was asked for what the protocol of the wallet service cannot express. Nothing was sent. */
export class NotSupportedByWalletServiceError extends GamificationError {
  readonly code = 'NOT_SUPPORTED';

  /**
   * @param field what was asked for: a method of `Wallets`, or a field of its input
   * @param allowed what can be used in its place
   */
  constructor(
    readonly field: string,
    readonly allowed: string,
  ) {
    super(`the wallet service does not support this ${field}; allowed: ${allowed}`);
  }
}

function told(status: number | undefined, text: string | undefined): string {
  return `it answered HTTP ${status}${text === undefined ? '' : `: ${text}`}`;
}
