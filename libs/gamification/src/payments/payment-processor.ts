import { GamificationError } from '../gamification.errors.js';
import type { PaymentAmount } from './payments.js';

/** A payment that its user has confirmed. */
export interface ConfirmedPayment {
  /** The same payment comes with the same id, as often as it takes until it is known what became of it. */
  readonly id: string;
  readonly userId: string;
  readonly amount: PaymentAmount;
  readonly description?: string;
}

/** Takes payments: a bank, a card processor. The application's own. */
export interface PaymentProcessor {
  /**
   * Takes a payment, once for its id: where it was taken before, it resolves again. It is called anew, by any instance of
   * the application, while nobody knows what became of the call before.
   *
   * @throws PaymentDeclinedError when it will not be paid; every other error, and a timeout, means that nobody knows yet
   */
  pay(payment: ConfirmedPayment): Promise<void>;
}

/** Thrown by a {@link PaymentProcessor}: the payment will not be paid. */
export class PaymentDeclinedError extends GamificationError {
  readonly code = 'PAYMENT_DECLINED';

  /** @param reason for people */
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the payment is declined: ${reason}`, options);
  }
}
