import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsOptional, Max, Min, ValidateBy, ValidateNested } from 'class-validator';
import { IsIdentifier, isPlainObject } from '../validation.js';

/** What whoever accepts a request gives: an amount of a resource, or an item. */
export class NewGift {
  /** The key of a resource; with `amount`. */
  @IsOptional()
  @IsIdentifier()
  resource?: string | undefined;

  /** How much of it: a safe integer above 0. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  amount?: number | undefined;

  /** The name of an item that the giver has and has not used; without the other two. */
  @IsOptional()
  @IsIdentifier()
  item?: string | undefined;
}

/** A request for a gift. */
export class NewGiftRequest {
  /** Who asks. */
  @IsIdentifier()
  userId!: string;

  /** For how long it can be replied to, in seconds: 1 to 31,536,000 (a year), a day unless told. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(31_536_000)
  expiresIn?: number | undefined;

  /** What the application wants to know again when the request is listed. At most 50, of 1,000 characters each. */
  @IsOptional()
  @IsAttributes()
  attributes?: Readonly<Record<string, string>> | undefined;

  /** What moves from each who accepts to the user, in the transaction of the reply. Nothing moves without it. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @IsWholeGift()
  @Type(() => NewGift)
  gift?: NewGift | undefined;
}

/** An answer to a request for a gift. */
export class GiftReply {
  /** Who replies. */
  @IsIdentifier()
  userId!: string;

  /** The id of the request that is answered, as it is listed. */
  @IsIdentifier()
  requestId!: string;

  /** `accept` unless told. */
  @IsOptional()
  @IsIn(['accept', 'deny'])
  response?: 'accept' | 'deny' | undefined;

  /** As of the request. */
  @IsOptional()
  @IsAttributes()
  attributes?: Readonly<Record<string, string>> | undefined;
}

function IsWholeGift(): PropertyDecorator {
  const isWhole = ({ resource, amount, item }: NewGift) =>
    item === undefined
      ? resource !== undefined && amount !== undefined
      : resource === undefined && amount === undefined;
  return ValidateBy({
    name: 'isWholeGift',
    validator: {
      validate: (value) => typeof value === 'object' && value !== null && isWhole(value),
      defaultMessage: () => '{ resource, amount } or { item }',
    },
  });
}

function IsAttributes(): PropertyDecorator {
  const validate = ValidateBy({
    name: 'isAttributes',
    validator: {
      validate: isAttributes,
      defaultMessage: () =>
        'an object of at most 50 texts of at most 1,000 characters of well-formed Unicode',
    },
  });
  // class-transformer stumbles over an attribute called `constructor` where the type is not said, and leaves it out of
  // its own copy where it is.
  const type = Type(() => Object);
  const copy = Transform(({ obj, key }: { obj: Readonly<Record<string, unknown>>; key: string }) => {
    const given = obj[key];
    return isPlainObject(given) ? { ...given } : given;
  });
  return applyDecorators(validate, type, copy);
}

function isAttributes(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= 50 &&
    entries.every(
      ([name, text]) =>
        name !== '' &&
        [name, text].every(
          (part) => typeof part === 'string' && part.length <= 1_000 && !/\p{Cs}/u.test(part),
        ),
    )
  );
}
