import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';

/** An entry or transfer that cannot be written as it is. */
export class InvalidEntryError extends InvalidInputError {
  readonly code = 'ENTRY_INVALID';

  constructor(problems: readonly Problem[]) {
    super('ledger entry', problems);
  }
}

/** The wallet holds less than was to be taken from it. */
export class NotEnoughFundsError extends GamificationError {
  readonly code = 'NOT_ENOUGH_FUNDS';

  /**
   * @param needed how much was to be taken
   * @param available how much the wallet holds
   */
  constructor(
    readonly userId: string,
    readonly resource: string,
    readonly needed: number,
    readonly available: number,
    options?: ErrorOptions,
  ) {
    super(`user ${JSON.stringify(userId)} has ${available} ${resource}, needed: ${needed}`, options);
  }
}

/** A total would no longer be a safe integer (at most 2^53 - 1), so sums could not be trusted. */
export class BalanceOutOfRangeError extends GamificationError {
  readonly code = 'BALANCE_OUT_OF_RANGE';

  constructor(
    readonly userId: string,
    readonly resource: string,
    options?: ErrorOptions,
  ) {
    super(
      `the ${resource} of user ${JSON.stringify(userId)} would pass ${Number.MAX_SAFE_INTEGER}, the most a total can be`,
      options,
    );
  }
}

/** There is no such entry, or it gave no item. */
export class EntryNotFoundError extends GamificationError {
  readonly code = 'ENTRY_NOT_FOUND';

  constructor(
    readonly entryId: string,
    options?: ErrorOptions,
  ) {
    super(`there is no entry ${JSON.stringify(entryId)} with an item`, options);
  }
}

/** The item was used before. */
export class ItemAlreadyUsedError extends GamificationError {
  readonly code = 'ITEM_ALREADY_USED';

  constructor(readonly entryId: string) {
    super(`the item of entry ${JSON.stringify(entryId)} was used before`);
  }
}

/** An idempotency key came again with another user, amount, currency or kind of write. */
export class IdempotencyConflictError extends GamificationError {
  readonly code = 'IDEMPOTENCY_CONFLICT';

  /** @param differing what differs from the first use */
  constructor(
    readonly idempotencyKey: string,
    readonly differing: readonly string[],
  ) {
    super(
      `the idempotency key ${JSON.stringify(idempotencyKey)} was used before for another ${differing.join(' and ')}`,
    );
  }
}
