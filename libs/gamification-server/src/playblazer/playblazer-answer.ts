import {
  GamificationError,
  GiftAlreadyAcceptedError,
  GiftProfileNotFoundError,
  GiftRefusedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  httpStatusOf,
  ItemNotOwnedError,
  NotEnoughFundsError,
} from 'nestjs-gamification';

/** An answer of the protocol that refuses something. */
export class PlayblazerRefusal extends Error {
  /**
   * @param code Playblazer's number
   * @param codeText its name, `E_…`
   */
  constructor(
    message: string,
    readonly code: number,
    readonly codeText: string,
  ) {
    super(message);
  }
}

export const SECRET_MISSING = new PlayblazerRefusal('Secret Key not passed', -100, 'E_INVALID_REQUEST');
/** Its words are not documented ([inferred]). */
export const SECRET_INVALID = new PlayblazerRefusal('Invalid Secret Key', -100, 'E_INVALID_REQUEST');
export const REQUEST_ID_MISSING = new PlayblazerRefusal(
  'Request ID not passed',
  -30002,
  'E_GIFT_INVALID_REQUEST',
);
/** The number is not documented ([inferred]). */
export const NO_PROFILE = new PlayblazerRefusal('Profile not found', -200, 'E_NO_PROFILE');

/** Numbers of an application's own codes, as far as the documents have one ([seed]); others get another ([inferred]). */
const OWN_CODES: Readonly<Record<string, number>> = { E_GIFT_QUOTA_EXCEEDED: -30004 };
const OWN_CODE = -30000;
/** Rules that the protocol does not have; they refuse a reply as an application's hook would ([inferred]). */
const OWN_RULES = [GiftAlreadyAcceptedError, NotEnoughFundsError, ItemNotOwnedError];
/** The number is not documented ([inferred]). */
const FAILED = -30001;

/** What an error means in the protocol; nothing where it is a fault of the server. */
export function refusalOf(error: unknown, requestId: string): PlayblazerRefusal | undefined {
  if (error instanceof PlayblazerRefusal) return error;
  if (error instanceof GiftProfileNotFoundError) return NO_PROFILE;
  if (error instanceof GiftRequestNotFoundError) {
    return new PlayblazerRefusal(
      `Request with id='${requestId}' not found`,
      -30002,
      'E_GIFT_INVALID_REQUEST',
    );
  }
  if (error instanceof GiftRequestExpiredError) {
    return new PlayblazerRefusal(
      `Request with id='${requestId}' has expired`,
      -30003,
      'E_GIFT_REQUEST_EXPIRED',
    );
  }
  if (error instanceof GiftRefusedError) {
    return new PlayblazerRefusal(error.message, OWN_CODES[error.code] ?? OWN_CODE, error.code);
  }
  if (OWN_RULES.some((rule) => error instanceof rule) && error instanceof GamificationError) {
    return new PlayblazerRefusal(error.message, OWN_CODE, `E_${error.code}`);
  }
  if (error instanceof GamificationError && (httpStatusOf(error) ?? 500) < 500) {
    return new PlayblazerRefusal(error.message, FAILED, 'E_GIFT_REQUEST_FAILED');
  }
  return undefined;
}
