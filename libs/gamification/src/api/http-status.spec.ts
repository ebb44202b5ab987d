import { describe, expect, it } from '@jest/globals';
import {
  AccountNotLinkedError,
  AccountUnlinkedError,
  BalanceOutOfRangeError,
  EncryptionKeyMissingError,
  EntryNotFoundError,
  EventResolutionError,
  EventValidationError,
  GiftProfileNotFoundError,
  GiftRefusedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  GloebitScopeError,
  GloebitTransactFailureError,
  GloebitTransactPendingError,
  IdempotencyConflictError,
  InsufficientBalanceError,
  InvalidEntryError,
  InvalidQueryError,
  InvalidRemoteResponseError,
  InvalidRequestError,
  ItemAlreadyUsedError,
  NotEnoughFundsError,
  NotSupportedByGloebitError,
  NotSupportedByWalletServiceError,
  PaymentNotFoundError,
  PaymentRefusedError,
  PurchaseRefusedError,
  QueueFullError,
  RemoteRefusalError,
  RemoteUnavailableError,
  StorageUnavailableError,
  TrackerClosedError,
} from '../index.js';
import { httpStatusOf } from './http-status.js';

const FAILURE = { system: 'gloebit', operation: 'purchaseItem' } as const;

describe('httpStatusOf', () => {
  it.each([
    [400, new EventValidationError('order.placed', [])],
    [400, new InvalidEntryError([])],
    [400, new InvalidQueryError('limit is 0')],
    [402, new NotEnoughFundsError('ann', 'points', 300, 34)],
    [404, new EntryNotFoundError('e-1')],
    [409, new ItemAlreadyUsedError('e-1')],
    [409, new IdempotencyConflictError('order:1', ['amount'])],
    [409, new BalanceOutOfRangeError('ann', 'points')],
    [400, new InvalidRequestError('gmfy', 'getUser', [])],
    [402, new InsufficientBalanceError('ann')],
    [403, new GloebitScopeError('balance', ['balance'], 'id')],
    [404, new GiftProfileNotFoundError('ann')],
    [404, new GiftRequestNotFoundError('r-1')],
    [404, new PaymentNotFoundError('p-1')],
    [409, new AccountNotLinkedError('ann', 'gloebit')],
    [409, new AccountUnlinkedError('ann', 'gloebit')],
    [409, new PurchaseRefusedError('ann', 'unknown product')],
    [409, new PaymentRefusedError('p-1', 'wrong code')],
    [409, new GiftRefusedError('E_GIFT_QUOTA_EXCEEDED', 'enough')],
    [410, new GiftRequestExpiredError('r-1')],
    [501, new NotSupportedByWalletServiceError('entries', 'getWallets')],
    [502, new RemoteRefusalError(FAILURE, 'HTTP 401')],
    [502, new GloebitTransactFailureError(FAILURE, 'unknown consumer')],
    [502, new InvalidRemoteResponseError(FAILURE, 'no JSON')],
    [503, new RemoteUnavailableError(FAILURE, 'timeout', 'no answer')],
    [501, new NotSupportedByGloebitError('granting a product')],
    [503, new GloebitTransactPendingError(FAILURE, 'pending')],
    [503, new StorageUnavailableError('locked', 'the database is locked')],
    [503, new QueueFullError(10_000)],
    [503, new TrackerClosedError()],
  ])('answers %i to %s', (status, error) => {
    expect(httpStatusOf(error)).toBe(status);
  });

  it('leaves a fault of the application to Nest, which logs it and answers 500', () => {
    const error = new EventResolutionError('order.placed', 'OrdersController.place', {
      cause: new Error('oops'),
    });
    expect(httpStatusOf(error)).toBeUndefined();
    expect(httpStatusOf(new EncryptionKeyMissingError('account-key'))).toBeUndefined();
  });
});
