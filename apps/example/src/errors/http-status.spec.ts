import { describe, expect, it } from '@jest/globals';
import {
  BalanceOutOfRangeError,
  EntryNotFoundError,
  EventResolutionError,
  EventValidationError,
  IdempotencyConflictError,
  InvalidEntryError,
  InvalidQueryError,
  ItemAlreadyUsedError,
  NotEnoughFundsError,
  QueueFullError,
  StorageUnavailableError,
  TrackerClosedError,
} from 'nestjs-gamification';
import { httpStatusOf } from './http-status.js';

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
  });
});
