import { isDate } from 'node:util/types';
import {
  Allow,
  IsOptional,
  isISO8601,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { IDENTIFIER_RULE, isIdentifier } from '../../validation.js';
import { isCallingCode, isPossibleNumber } from './calling-codes.js';
import type { InteraktTraits } from './interakt-traits.js';

/** Most tags of a user in one call. */
const MAX_TAGS = 1_000;

/** Whom a message is about: a user id, a phone number, or both, which attaches the id to the user of that number. */
export abstract class InteraktSubject {
  /** The host's own id of the user, which never changes. A number is sent as its text. */
  @IsUserIdUnlessPhone()
  userId?: string | number | undefined;

  /** The country calling code of `phoneNumber`, with or without `+`. Not sent without a `phoneNumber`. */
  @ValidateIf(({ phoneNumber }: InteraktSubject) => isGiven(phoneNumber))
  @IsCountryCode()
  countryCode?: string | undefined = '+91';

  /** Digits, without the country calling code, as many as a number of that country has: the number with which the user uses WhatsApp. */
  @IsOptional()
  @IsDigits()
  phoneNumber?: string | undefined;

  /** Country calling code and number in one, with or without `+`, in place of the two. */
  @IsOptional()
  @IsFullPhoneNumber()
  fullPhoneNumber?: string | undefined;

  /** Texts, numbers, booleans, dates, and lists of these. They are checked, and copied, before all else. */
  @Allow()
  traits?: InteraktTraits | undefined;

  /** When it happened, as a `Date` or an ISO 8601 text. Interakt takes the time of its arrival unless told. */
  @IsOptional()
  @IsTime()
  createdAt?: Date | string | undefined;
}

/** A user to be made known to Interakt, or traits of one to be added and replaced. */
export class NewInteraktUser extends InteraktSubject {
  /** Added to the tags that the user has. There is no way to take one off again. */
  @IsOptional()
  @IsTags()
  tags?: readonly string[] | undefined;
}

/** Something that a user did. */
export class NewInteraktEvent extends InteraktSubject {
  /** Its name, such as `Order Placed`. */
  @IsFilledText()
  event!: string;
}

/**
 * Whether a value is a phone number without its country calling code. Its length is checked where the code is one.
 *
 * @param countryCode with or without `+`
 */
export function isPhoneNumber(value: unknown, countryCode: unknown): value is string {
  if (typeof value !== 'string' || !/^[0-9]+$/.test(value)) return false;
  return !isCountryCode(countryCode) || isPossibleNumber(countryCode.replace('+', '') + value);
}

/** Whether a value is a country calling code that exists, with or without `+`. */
export function isCountryCode(value: unknown): value is string {
  return (
    typeof value === 'string' && /^\+?[1-9][0-9]{0,2}$/.test(value) && isCallingCode(value.replace('+', ''))
  );
}

/** Whether a value is a phone number with its country calling code, with or without `+`, of at most 15 digits. */
export function isFullPhoneNumber(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\+?[1-9][0-9]{1,14}$/.test(value) &&
    isPossibleNumber(value.replace('+', ''))
  );
}

/** Whether a value can be the tags of a user. */
export function isTags(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_TAGS && value.every(isFilledText);
}

function isFilledText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && !/\p{Cs}/u.test(value);
}

/** Whether a value is there: `null` is as good as nothing. */
export function isGiven<T>(value: T | undefined | null): value is T {
  return value !== undefined && value !== null;
}

function IsUserIdUnlessPhone(): PropertyDecorator {
  return ValidateBy({
    name: 'isUserIdUnlessPhone',
    validator: {
      validate: (value, validation) =>
        isGiven(value) ? isIdentifier(value) || Number.isFinite(value) : hasPhone(validation),
      defaultMessage: (validation) =>
        isGiven(validation?.value)
          ? `${IDENTIFIER_RULE}, or a finite number`
          : 'given, unless phoneNumber or fullPhoneNumber is',
    },
  });
}

function IsFullPhoneNumber(): PropertyDecorator {
  return ValidateBy({
    name: 'isFullPhoneNumber',
    validator: {
      validate: (value, validation) => !hasPhoneNumber(validation) && isFullPhoneNumber(value),
      defaultMessage: (validation) =>
        hasPhoneNumber(validation)
          ? 'nothing, because phoneNumber is given'
          : 'a known country calling code and a number of that country, at most 15 digits, with or without a + before them',
    },
  });
}

function IsCountryCode(): PropertyDecorator {
  return check('isCountryCode', isCountryCode, 'a known country calling code, such as +91');
}

function IsDigits(): PropertyDecorator {
  return ValidateBy({
    name: 'isDigits',
    validator: {
      validate: (value, validation) => isPhoneNumber(value, subjectOf(validation).countryCode),
      defaultMessage: () =>
        'digits only, without the country calling code, as many as a number of that country has',
    },
  });
}

function IsTime(): PropertyDecorator {
  const isTime = (value: unknown) =>
    isDate(value) ? !Number.isNaN(value.getTime()) : isISO8601(value, { strict: true });
  return check('isTime', isTime, 'a valid Date or an ISO 8601 text');
}

function IsFilledText(): PropertyDecorator {
  return check('isFilledText', isFilledText, 'a text that is not empty');
}

function IsTags(): PropertyDecorator {
  return check('isTags', isTags, `a list of at most ${MAX_TAGS} texts that are not empty`);
}

function check(name: string, validate: (value: unknown) => boolean, rule: string): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => rule } });
}

function hasPhone(validation: ValidationArguments | undefined): boolean {
  const subject = subjectOf(validation);
  return isGiven(subject.phoneNumber) || isGiven(subject.fullPhoneNumber);
}

function hasPhoneNumber(validation: ValidationArguments | undefined): boolean {
  return isGiven(subjectOf(validation).phoneNumber);
}

function subjectOf(validation: ValidationArguments | undefined): Partial<InteraktSubject> {
  return validation?.object ?? {};
}
