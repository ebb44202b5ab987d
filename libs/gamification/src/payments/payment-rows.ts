import type { PaymentStatus } from './payment-states.js';
import type { PaymentLocale } from './payments.js';

/** A payment as it is kept. */
export interface KeptPayment {
  readonly id: string;
  readonly userId: string;
  readonly status: PaymentStatus;
  readonly value: string;
  readonly currency: string;
  readonly returnUrl: string;
  readonly description: string | null;
  readonly locale: PaymentLocale;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly codeHash: string;
  readonly codeExpiresAt: number;
  /** How often the current code was entered. */
  readonly attempts: number;
  /** How many codes there were. */
  readonly codes: number;
  /** While it is being processed: when the processor is asked again. */
  readonly nextTryAt: number | null;
}

/** A row of `gamification_payments`. */
export interface PaymentRow {
  readonly id: string;
  readonly user_id: string;
  readonly status: PaymentStatus;
  readonly value: string;
  readonly currency: string;
  readonly return_url: string;
  readonly description: string | null;
  readonly locale: PaymentLocale;
  readonly created_at: number | string;
  readonly code_hash: string;
  readonly code_expires_at: number | string;
  readonly attempts: number | string;
  readonly codes: number | string;
  readonly next_try_at: number | string | null;
}

export function fromRow(row: PaymentRow): KeptPayment {
  return {
    id: row.id,
    userId: row.user_id,
    status: row.status,
    value: row.value,
    currency: row.currency,
    returnUrl: row.return_url,
    description: row.description,
    locale: row.locale,
    createdAt: Number(row.created_at),
    codeHash: row.code_hash,
    codeExpiresAt: Number(row.code_expires_at),
    attempts: Number(row.attempts),
    codes: Number(row.codes),
    nextTryAt: row.next_try_at === null ? null : Number(row.next_try_at),
  };
}

export function toColumns(payment: KeptPayment): readonly (string | number | null)[] {
  return [
    payment.id,
    payment.userId,
    payment.status,
    payment.value,
    payment.currency,
    payment.returnUrl,
    payment.description,
    payment.locale,
    payment.createdAt,
    payment.codeHash,
    payment.codeExpiresAt,
    payment.attempts,
    payment.codes,
    payment.nextTryAt,
  ];
}
