import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';

/** A purchase that cannot be made as it is. */
export class InvalidPurchaseError extends InvalidInputError {
  readonly code = 'PURCHASE_INVALID';

  constructor(problems: readonly Problem[]) {
    super('purchase', problems);
  }
}

/** The user cannot pay for it. */
export class InsufficientBalanceError extends GamificationError {
  readonly code = 'INSUFFICIENT_BALANCE';

  constructor(
    readonly userId: string,
    options?: ErrorOptions,
  ) {
    super(`user ${JSON.stringify(userId)} has not enough to pay for it`, options);
  }
}

/** The shop does not sell it, or the user has too few to consume. */
export class PurchaseRefusedError extends GamificationError {
  readonly code = 'PURCHASE_REFUSED';

  constructor(
    readonly userId: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the shop refuses user ${JSON.stringify(userId)}: ${reason}`, options);
  }
}
