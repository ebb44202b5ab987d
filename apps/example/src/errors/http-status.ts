import { HttpStatus } from '@nestjs/common';
import {
  AccountNotLinkedError,
  BalanceOutOfRangeError,
  CredentialRefreshTimeoutError,
  EntryNotFoundError,
  type GamificationError,
  GiftProfileNotFoundError,
  GiftRefusedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  GloebitScopeError,
  GloebitTransactPendingError,
  IdempotencyConflictError,
  InsufficientBalanceError,
  InvalidInputError,
  InvalidQueryError,
  ItemAlreadyUsedError,
  NotEnoughFundsError,
  NotSupportedByWalletServiceError,
  PaymentNotFoundError,
  PaymentRefusedError,
  PurchaseRefusedError,
  QueueFullError,
  RemoteError,
  RemoteUnavailableError,
  StorageUnavailableError,
  TrackerClosedError,
} from 'nestjs-gamification';

type ErrorClass = abstract new (...args: never[]) => GamificationError;

/** The first that fits counts, so a class stands before those that it extends. */
const STATUSES: readonly (readonly [ErrorClass, HttpStatus])[] = [
  [InvalidInputError, HttpStatus.BAD_REQUEST],
  [InvalidQueryError, HttpStatus.BAD_REQUEST],
  [NotEnoughFundsError, HttpStatus.PAYMENT_REQUIRED],
  [InsufficientBalanceError, HttpStatus.PAYMENT_REQUIRED],
  // What the customer did not allow at Gloebit.
  [GloebitScopeError, HttpStatus.FORBIDDEN],
  [EntryNotFoundError, HttpStatus.NOT_FOUND],
  [GiftProfileNotFoundError, HttpStatus.NOT_FOUND],
  [GiftRequestNotFoundError, HttpStatus.NOT_FOUND],
  [PaymentNotFoundError, HttpStatus.NOT_FOUND],
  [ItemAlreadyUsedError, HttpStatus.CONFLICT],
  [IdempotencyConflictError, HttpStatus.CONFLICT],
  [BalanceOutOfRangeError, HttpStatus.CONFLICT],
  [AccountNotLinkedError, HttpStatus.CONFLICT],
  [PurchaseRefusedError, HttpStatus.CONFLICT],
  [PaymentRefusedError, HttpStatus.CONFLICT],
  [GiftRefusedError, HttpStatus.CONFLICT],
  [GiftRequestExpiredError, HttpStatus.GONE],
  [NotSupportedByWalletServiceError, HttpStatus.NOT_IMPLEMENTED],
  [StorageUnavailableError, HttpStatus.SERVICE_UNAVAILABLE],
  [QueueFullError, HttpStatus.SERVICE_UNAVAILABLE],
  [TrackerClosedError, HttpStatus.SERVICE_UNAVAILABLE],
  [CredentialRefreshTimeoutError, HttpStatus.SERVICE_UNAVAILABLE],
  [RemoteUnavailableError, HttpStatus.SERVICE_UNAVAILABLE],
  // Not settled yet: to be asked for again, with the same key.
  [GloebitTransactPendingError, HttpStatus.SERVICE_UNAVAILABLE],
  // A remote system refused what the shop asked of it, or gave an answer that cannot be read.
  [RemoteError, HttpStatus.BAD_GATEWAY],
];

/** What an error of the library means to whoever sent the request; nothing where it is a fault of this application. */
export function httpStatusOf(error: GamificationError): HttpStatus | undefined {
  return STATUSES.find(([type]) => error instanceof type)?.[1];
}
