import { type ClassConstructor, Type } from 'class-transformer';
import { IsIn, IsNotEmpty, IsNumber, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { IsIdentifier } from '../../validation.js';

/** The language of the page on which a user confirms a payment. */
export type GmfyLocale = 'EN' | 'RU';

/** What is to be paid. An application may extend it. */
export class GmfyAmount {
  /** GMFY itself sets no limits. `100` goes out as `100`, which is the same number as the Python SDK's `100.0`. */
  @IsNumber()
  value!: number;

  /** Such as `USD`. GMFY takes any text. */
  @IsString()
  @IsNotEmpty()
  currency!: string;
}

/** How a payment is confirmed. An application may extend it. */
export class GmfyConfirmation {
  /** Where the user goes from the confirmation page. GMFY takes any text. */
  @IsString()
  @IsNotEmpty()
  returnUrl!: string;
}

/**
 * A payment to be created. An application may extend it, with fields of its own and with stricter rules:
 *
 * ```ts
 * class CustomAmount extends GmfyAmount {
 *   @IsIn(['USD', 'EUR']) declare currency: string;
 * }
 * class CustomPayment extends GmfyPayment {
 *   @Type(() => CustomAmount) declare amount: CustomAmount;
 *   @IsString() orderNumber!: string;
 * }
 * await gmfy.createPayment({ amount, confirmation, userId, orderNumber }, CustomPayment);
 * ```
 */
export class GmfyPayment {
  @IsObject()
  @ValidateNested()
  @Type(() => GmfyAmount)
  amount!: GmfyAmount;

  @IsObject()
  @ValidateNested()
  @Type(() => GmfyConfirmation)
  confirmation!: GmfyConfirmation;

  /** Who pays. */
  @IsIdentifier()
  userId!: string;

  /** For people: what is paid for. Sent as `null` where there is none. */
  @IsOptional()
  @IsString()
  description?: string | null | undefined;

  /** The language of the confirmation page; `RU` unless told, as GMFY's own client does. */
  @IsIn(['EN', 'RU'])
  locale: GmfyLocale = 'RU';
}

/** A payment as plain data: what has a default may be left out, and the user may be `user_id`. */
export type GmfyPaymentData<Payment extends GmfyPayment = GmfyPayment> = Omit<
  Payment,
  'userId' | 'locale'
> & {
  readonly locale?: GmfyLocale;
} & ({ readonly userId: string } | { readonly user_id: string });

/** The class whose rules a payment is checked by, unless its caller names one: its own where it has one. */
export function paymentClassOf(payment: object): ClassConstructor<GmfyPayment> {
  // The constructor of an instance of the class is the class or one that extends it.
  return payment instanceof GmfyPayment
    ? (payment.constructor as ClassConstructor<GmfyPayment>)
    : GmfyPayment;
}

/** A payment with its user by one name. What is there twice is left to be refused. */
export function withUserId(payment: object): object {
  if (!('user_id' in payment) || 'userId' in payment) return payment;
  const { user_id: userId, ...rest } = payment;
  return { ...rest, userId };
}

/** A payment as GMFY takes it, its keys in the order of the Python SDK 0.0.4, those of an extending class behind them. */
export function toWirePayment(payment: GmfyPayment): object {
  const { amount, confirmation, userId, description, locale, ...more } = payment;
  const { value, currency, ...moreOfAmount } = amount;
  const { returnUrl, ...moreOfConfirmation } = confirmation;
  return {
    amount: { value, currency, ...moreOfAmount },
    confirmation: { returnUrl, ...moreOfConfirmation },
    userId,
    description: description ?? null,
    locale,
    ...more,
  };
}
