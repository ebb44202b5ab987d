import type { PaymentAmount, PaymentLocale } from './payments.js';

/** A code on its way to the user who is to enter it. */
export interface PaymentCode {
  readonly paymentId: string;
  readonly userId: string;
  /** Six digits. It is nowhere kept as it is. */
  readonly code: string;
  readonly amount: PaymentAmount;
  /** What is paid for. */
  readonly description?: string;
  readonly locale: PaymentLocale;
  /** Until when it can be entered. */
  readonly expiresAt: Date;
}

/** Brings users the codes of their payments: by text message, e-mail, push. The application's own. */
export interface CodeSender {
  /** Resolves when the code is on its way. What it throws is the cause of the `CodeNotSentError` of who waits for it. */
  send(code: PaymentCode): Promise<void>;
}
