import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsUrl, MaxLength, ValidateBy, ValidateNested } from 'class-validator';
import { IsIdentifier } from '../validation.js';
import type { PaymentLocale } from './payments.js';

/** What is to be paid. */
export class NewAmount {
  /** A decimal text above zero, with a point: `9.90`. At most 15 digits, which a binary number still holds exactly enough. */
  @IsDecimalAboveZero()
  value!: string;

  /** Such as `USD`, or the key of a resource. */
  @IsIdentifier()
  currency!: string;
}

/** A payment to be created. */
export class NewPayment {
  /** Who pays. */
  @IsIdentifier()
  userId!: string;

  /** How much, and of what. */
  @ValidateNested()
  @Type(() => NewAmount)
  amount!: NewAmount;

  /** Where the user goes from the confirmation page: an http or https URL. */
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  returnUrl!: string;

  /** For people: what is paid for, up to 1,000 characters. */
  @IsOptional()
  @MaxLength(1_000)
  description?: string | undefined;

  /** The language of the confirmation page; `EN` unless told. */
  @IsOptional()
  @IsIn(['EN', 'RU'])
  locale?: PaymentLocale | undefined;
}

function IsDecimalAboveZero(): PropertyDecorator {
  return ValidateBy({
    name: 'isDecimalAboveZero',
    validator: {
      validate: (value) =>
        typeof value === 'string' &&
        /^\d{1,15}(\.\d{1,15})?$/.test(value) &&
        value.length <= 16 &&
        /[1-9]/.test(value),
      defaultMessage: () => 'a decimal text above 0 of at most 15 digits, such as "9.90"',
    },
  });
}
