import { type RemoteFailure, RemoteRefusalError } from '../../http/remote.errors.js';
import type { ErrorDetails } from './playblazer-answers.js';

/**
 * Playblazer answered `status: "error"`. Of this class itself are those whose `code_str` the library does not know, such
 * as one that a hook on the server's side throws; the others have a class each. `remoteCode` is the `code_str`,
 * `remoteMessage` the `message`.
 */
export class PlayblazerError extends RemoteRefusalError {
  override readonly code: string = 'PLAYBLAZER_REFUSAL';
  /** The system's number, such as -30002. */
  readonly remoteNumber: number | undefined;

  constructor(failure: RemoteFailure, { message, code, code_str }: ErrorDetails) {
    const number = code === undefined ? '' : ` (${code})`;
    const shown = message === undefined ? '' : `: ${message}`;
    super(
      { ...failure, remoteCode: code_str, remoteMessage: message },
      `it answered ${code_str ?? 'an error'}${number}${shown}`,
    );
    this.remoteNumber = code;
  }
}

/** `E_INVALID_REQUEST`: the call itself is wrong, as with a missing or an unknown secret key. */
export class PlayblazerInvalidRequestError extends PlayblazerError {
  override readonly code = 'PLAYBLAZER_INVALID_REQUEST';
}

/** `E_NO_PROFILE`: Playblazer does not know the user, in this mode at least. */
export class PlayblazerNoProfileError extends PlayblazerError {
  override readonly code = 'PLAYBLAZER_NO_PROFILE';
}

/** `E_GIFT_REQUEST_FAILED`: the request failed, and Playblazer does not say why. */
export class PlayblazerGiftRequestFailedError extends PlayblazerError {
  override readonly code = 'PLAYBLAZER_GIFT_REQUEST_FAILED';
}

/** `E_GIFT_INVALID_REQUEST`: there is no such gift request. */
export class PlayblazerInvalidGiftRequestError extends PlayblazerError {
  override readonly code = 'PLAYBLAZER_INVALID_GIFT_REQUEST';
}

/** `E_GIFT_REQUEST_EXPIRED`: the gift request's time is over. */
export class PlayblazerGiftRequestExpiredError extends PlayblazerError {
  override readonly code = 'PLAYBLAZER_GIFT_REQUEST_EXPIRED';
}

const BY_CODE: ReadonlyMap<string | undefined, typeof PlayblazerError> = new Map<
  string | undefined,
  typeof PlayblazerError
>([
  ['E_INVALID_REQUEST', PlayblazerInvalidRequestError],
  ['E_NO_PROFILE', PlayblazerNoProfileError],
  ['E_GIFT_REQUEST_FAILED', PlayblazerGiftRequestFailedError],
  ['E_GIFT_INVALID_REQUEST', PlayblazerInvalidGiftRequestError],
  ['E_GIFT_REQUEST_EXPIRED', PlayblazerGiftRequestExpiredError],
]);

/** What Playblazer's answer of an error means. */
export function playblazerError(failure: RemoteFailure, details: ErrorDetails): PlayblazerError {
  return new (BY_CODE.get(details.code_str) ?? PlayblazerError)(failure, details);
}
