import { HttpStatus } from '@nestjs/common';
import { AccountNotLinkedError, CredentialRefreshTimeoutError } from '../accounts/accounts.errors.js';
import { StorageUnavailableError } from '../database/database.errors.js';
import { QueueFullError, TrackerClosedError } from '../events/events.errors.js';
import {
  FriendRequestNotFoundError,
  SocialIdTakenError,
  TooManyFriendsError,
} from '../friends/friends.errors.js';
import { type GamificationError, InvalidInputError, InvalidQueryError } from '../gamification.errors.js';
import {
  GiftAlreadyAcceptedError,
  GiftProfileNotFoundError,
  GiftRefusedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  ItemNotOwnedError,
} from '../gifts/gifts.errors.js';
import { RemoteError, RemoteUnavailableError } from '../http/remote.errors.js';
import { TooManyStreamsError } from '../notifications/notifications.errors.js';
import { CodeNotSentError, PaymentNotFoundError, PaymentRefusedError } from '../payments/payments.errors.js';
import {
  GloebitScopeError,
  GloebitTransactPendingError,
  NotSupportedByGloebitError,
} from '../providers/gloebit/gloebit.errors.js';
import { NotSupportedByGmfyError } from '../providers/gmfy/gmfy.errors.js';
import { NotSupportedByWalletServiceError } from '../providers/wallet-service/wallet-service.errors.js';
import { InsufficientBalanceError, PurchaseRefusedError } from '../shop/shop.errors.js';
import {
  BalanceOutOfRangeError,
  EntryNotFoundError,
  IdempotencyConflictError,
  ItemAlreadyUsedError,
  NotEnoughFundsError,
} from '../wallets/wallets.errors.js';

type ErrorClass = abstract new (...args: never[]) => GamificationError;

/** The first that fits counts, so a class stands before those that it extends. */
const STATUSES: readonly (readonly [ErrorClass, HttpStatus])[] = [
  [InvalidInputError, HttpStatus.BAD_REQUEST],
  [InvalidQueryError, HttpStatus.BAD_REQUEST],
  [NotEnoughFundsError, HttpStatus.PAYMENT_REQUIRED],
  [InsufficientBalanceError, HttpStatus.PAYMENT_REQUIRED],
  // What the user did not allow at Gloebit.
  [GloebitScopeError, HttpStatus.FORBIDDEN],
  [EntryNotFoundError, HttpStatus.NOT_FOUND],
  [GiftProfileNotFoundError, HttpStatus.NOT_FOUND],
  [GiftRequestNotFoundError, HttpStatus.NOT_FOUND],
  [PaymentNotFoundError, HttpStatus.NOT_FOUND],
  [FriendRequestNotFoundError, HttpStatus.NOT_FOUND],
  [ItemAlreadyUsedError, HttpStatus.CONFLICT],
  [IdempotencyConflictError, HttpStatus.CONFLICT],
  [BalanceOutOfRangeError, HttpStatus.CONFLICT],
  [AccountNotLinkedError, HttpStatus.CONFLICT],
  [PurchaseRefusedError, HttpStatus.CONFLICT],
  [PaymentRefusedError, HttpStatus.CONFLICT],
  [GiftRefusedError, HttpStatus.CONFLICT],
  [GiftAlreadyAcceptedError, HttpStatus.CONFLICT],
  [ItemNotOwnedError, HttpStatus.CONFLICT],
  [TooManyFriendsError, HttpStatus.CONFLICT],
  [SocialIdTakenError, HttpStatus.CONFLICT],
  [GiftRequestExpiredError, HttpStatus.GONE],
  [NotSupportedByWalletServiceError, HttpStatus.NOT_IMPLEMENTED],
  [NotSupportedByGmfyError, HttpStatus.NOT_IMPLEMENTED],
  [NotSupportedByGloebitError, HttpStatus.NOT_IMPLEMENTED],
  [StorageUnavailableError, HttpStatus.SERVICE_UNAVAILABLE],
  [QueueFullError, HttpStatus.SERVICE_UNAVAILABLE],
  [TooManyStreamsError, HttpStatus.SERVICE_UNAVAILABLE],
  [CodeNotSentError, HttpStatus.SERVICE_UNAVAILABLE],
  [TrackerClosedError, HttpStatus.SERVICE_UNAVAILABLE],
  [CredentialRefreshTimeoutError, HttpStatus.SERVICE_UNAVAILABLE],
  [RemoteUnavailableError, HttpStatus.SERVICE_UNAVAILABLE],
  // Not settled yet: to be asked for again, with the same key.
  [GloebitTransactPendingError, HttpStatus.SERVICE_UNAVAILABLE],
  // A remote system refused what it was asked, or gave an answer that cannot be read.
  [RemoteError, HttpStatus.BAD_GATEWAY],
];

/** What an error of the library means to whoever sent the request; nothing where it is a fault of the application. */
export function httpStatusOf(error: GamificationError): HttpStatus | undefined {
  return STATUSES.find(([type]) => error instanceof type)?.[1];
}
