import { RemoteRefusalError } from '../../http/remote.errors.js';
import { NewPayment } from '../../payments/payment-inputs.js';
import {
  InvalidPaymentError,
  PaymentNotFoundError,
  PaymentRefusedError,
} from '../../payments/payments.errors.js';
import { type CreatedPayment, type Payment, Payments } from '../../payments/payments.js';
import { checkedOr, isIdentifier } from '../../validation.js';
import type { GmfyService } from './gmfy.service.js';
import type { GmfyPaymentDetail } from './gmfy-answers.js';

/**
 * What HTTP statuses say about the state of a payment, about its code, or about what its user has (402). GMFY documents
 * none; 401 and 403 are about the key.
 */
const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 402, 409, 410, 422]);

/**
 * {@link Payments} of GMFY, which keeps an amount as a binary number: `9.90` comes back as `9.9`. What GMFY refuses of a
 * new payment that is as it must be, such as an unknown currency, is a `RemoteRefusalError`.
 */
export class GmfyPayments extends Payments {
  constructor(private readonly gmfy: GmfyService) {
    super();
  }

  async create(payment: NewPayment): Promise<CreatedPayment> {
    const input = checkedOr(NewPayment, payment, (problems) => new InvalidPaymentError(problems));
    const { userId, amount, returnUrl, description, locale = 'EN' } = input;
    const { id, status, confirmationUrl } = await this.gmfy.createPayment({
      amount: { value: Number(amount.value), currency: amount.currency },
      confirmation: { returnUrl },
      userId,
      description,
      locale,
    });
    return { id, status, confirmationUrl };
  }

  async get(paymentId: string): Promise<Payment> {
    return toPayment(await existing(paymentId, () => this.gmfy.getPayment(paymentId)));
  }

  async resendCode(paymentId: string): Promise<Payment> {
    return toPayment(await existing(paymentId, () => this.gmfy.createResendCode(paymentId)));
  }

  /** GMFY's documentation does not name the parameter that the code goes in; it is taken to be `code`. */
  async confirm(paymentId: string, code: string): Promise<void> {
    if (!isIdentifier(code)) throw new PaymentRefusedError(paymentId, 'the code is not one that can be');
    await existing(paymentId, () => this.gmfy.confirmPayment(paymentId, { code }));
  }

  async cancel(paymentId: string): Promise<void> {
    await existing(paymentId, () => this.gmfy.cancelPayment(paymentId));
  }
}

async function existing<T>(paymentId: string, call: () => Promise<T>): Promise<T> {
  // What cannot stand in a path is no payment's id.
  if (!isIdentifier(paymentId) || /^\.{1,2}$/.test(paymentId)) throw new PaymentNotFoundError(paymentId);
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof RemoteRefusalError)) throw error;
    if (error.status === 404) throw new PaymentNotFoundError(paymentId, { cause: error });
    if (!REFUSALS.has(error.status)) throw error;
    throw new PaymentRefusedError(paymentId, `GMFY refused (HTTP ${error.status})`, { cause: error });
  }
}

function toPayment(payment: GmfyPaymentDetail): Payment {
  const { id, status, value, currency, returnUrl, description, locale, expiresIn } = payment;
  return {
    id,
    status,
    amount: { value: decimalOf(value), currency },
    returnUrl,
    ...(typeof description === 'string' ? { description } : {}),
    locale: locale === 'RU' ? 'RU' : 'EN',
    expiresIn,
  };
}

/** A number as a decimal text without an exponent. */
function decimalOf(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 });
}
