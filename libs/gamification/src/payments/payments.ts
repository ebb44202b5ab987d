import type { NewPayment } from './payment-inputs.js';

/** The language of the page on which a user confirms a payment. */
export type PaymentLocale = 'EN' | 'RU';

/** What is to be paid. */
export interface PaymentAmount {
  /** A decimal text, such as `9.90`: a binary number cannot hold most prices. */
  readonly value: string;
  /** Such as `USD`, or the key of a resource. */
  readonly currency: string;
}

/** A payment that was just created. */
export interface CreatedPayment {
  readonly id: string;
  /** `CREATED`, and whatever else the system that serves payments knows. */
  readonly status: string;
  /** Where the user enters the code that was sent to them. */
  readonly confirmationUrl: string;
}

/** A payment. */
export interface Payment {
  readonly id: string;
  /** In the engine one of `CREATED`, `PROCESSING`, `PAID`, `DECLINED`, `CANCELED`. */
  readonly status: string;
  readonly amount: PaymentAmount;
  /** Where the user goes from the confirmation page. */
  readonly returnUrl: string;
  readonly description?: string;
  readonly locale: PaymentLocale;
  /** For how long the code can still be entered, in seconds. */
  readonly expiresIn: number;
}

/**
 * Payments that users confirm with a code.
 *
 * The class is its own injection token: `constructor(private readonly payments: Payments) {}`.
 */
export abstract class Payments {
  /**
   * Creates a payment and sends its user a code.
   *
   * @throws InvalidPaymentError when a field is not as it must be
   * @throws CodeNotSentError by the engine when the code could not be sent; then the payment is canceled
   */
  abstract create(payment: NewPayment): Promise<CreatedPayment>;

  /** A payment as it is now. @throws PaymentNotFoundError */
  abstract get(paymentId: string): Promise<Payment>;

  /** Sends the user a new code; the one before no longer counts. @throws PaymentNotFoundError, PaymentRefusedError, CodeNotSentError */
  abstract resendCode(paymentId: string): Promise<Payment>;

  /**
   * Confirms a payment with the code that its user was sent. The engine takes the right code again as often as it comes,
   * and pays once. Whether a processor has taken the payment by then, its `status` tells.
   *
   * @throws PaymentNotFoundError, PaymentRefusedError when the code is wrong or the payment can no longer be confirmed
   * @throws NotEnoughFundsError by the engine when the user's wallet holds too little; the code can be entered again
   */
  abstract confirm(paymentId: string, code: string): Promise<void>;

  /** Takes a payment back before it was confirmed. @throws PaymentNotFoundError, PaymentRefusedError */
  abstract cancel(paymentId: string): Promise<void>;
}
