import { HttpStatus } from '@nestjs/common';
import {
  BalanceOutOfRangeError,
  EntryNotFoundError,
  type GamificationError,
  IdempotencyConflictError,
  InvalidInputError,
  InvalidQueryError,
  ItemAlreadyUsedError,
  NotEnoughFundsError,
  QueueFullError,
  StorageUnavailableError,
  TrackerClosedError,
} from 'nestjs-gamification';

type ErrorClass = abstract new (...args: never[]) => GamificationError;

const STATUSES: readonly (readonly [ErrorClass, HttpStatus])[] = [
  [InvalidInputError, HttpStatus.BAD_REQUEST],
  [InvalidQueryError, HttpStatus.BAD_REQUEST],
  [NotEnoughFundsError, HttpStatus.PAYMENT_REQUIRED],
  [EntryNotFoundError, HttpStatus.NOT_FOUND],
  [ItemAlreadyUsedError, HttpStatus.CONFLICT],
  [IdempotencyConflictError, HttpStatus.CONFLICT],
  [BalanceOutOfRangeError, HttpStatus.CONFLICT],
  [StorageUnavailableError, HttpStatus.SERVICE_UNAVAILABLE],
  [QueueFullError, HttpStatus.SERVICE_UNAVAILABLE],
  [TrackerClosedError, HttpStatus.SERVICE_UNAVAILABLE],
];

/** What an error of the library means to whoever sent the request; nothing where it is a fault of this application. */
export function httpStatusOf(error: GamificationError): HttpStatus | undefined {
  return STATUSES.find(([type]) => error instanceof type)?.[1];
}
