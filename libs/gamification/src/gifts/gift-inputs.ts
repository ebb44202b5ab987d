import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { IsIdentifier, isPlainObject } from '../validation.js';

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
