import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';

/** A payment that cannot be created as it is. */
export class InvalidPaymentError extends InvalidInputError {
  readonly code = 'PAYMENT_INVALID';

  constructor(problems: readonly Problem[]) {
    super('payment', problems);
  }
}

/** There is no such payment. */
export class PaymentNotFoundError extends GamificationError {
  readonly code = 'PAYMENT_NOT_FOUND';

  constructor(
    readonly paymentId: string,
    options?: ErrorOptions,
  ) {
    super(`there is no payment ${JSON.stringify(paymentId)}`, options);
  }
}

/** The code is wrong, or the payment is not in a state in which this can be done. */
export class PaymentRefusedError extends GamificationError {
  readonly code = 'PAYMENT_REFUSED';

  constructor(
    readonly paymentId: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`payment ${JSON.stringify(paymentId)}: ${detail}`, options);
  }
}

/** A code could not be brought to its user; the cause tells why. A payment that was just created is canceled. */
export class CodeNotSentError extends GamificationError {
  readonly code = 'PAYMENT_CODE_NOT_SENT';

  constructor(
    readonly paymentId: string,
    options?: ErrorOptions,
  ) {
    super(`the code of payment ${JSON.stringify(paymentId)} could not be sent`, options);
  }
}
