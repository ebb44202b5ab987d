import { IsObject, IsOptional, ValidateBy, ValidateNested, type ValidationArguments } from 'class-validator';
import { IsIdentifier } from '../validation.js';

/** The currency of entries that name none. */
export const DEFAULT_RESOURCE = 'points';

/** Most characters of a reason or an item's name. */
const MAX_TEXT_LENGTH = 1_000;
/** Most bytes of an item's data as JSON. */
const MAX_DATA_BYTES = 64 * 1024;

/** An item to be given. */
export class NewItem {
  /** For people: 1 to 1,000 characters. */
  @IsText()
  name!: string;

  /** Anything that JSON can hold, up to 64 KiB. */
  @IsOptional()
  @IsJson()
  data?: unknown;
}

abstract class NewPosting {
  /** For people: why. 1 to 1,000 characters. */
  @IsText()
  reason!: string;

  /** The currency; `points` unless told. */
  @IsOptional()
  @IsIdentifier()
  resource?: string | undefined;

  /** The application that writes; the option `authorityId` of the module unless told. */
  @IsOptional()
  @IsIdentifier()
  authorityId?: string | undefined;

  /** The same key of the same authority writes once; a repeat is answered with what the first wrote. */
  @IsOptional()
  @IsIdentifier()
  idempotencyKey?: string | undefined;
}

/** What is to be added to a wallet or taken from it. */
export class NewEntry extends NewPosting {
  @IsIdentifier()
  userId!: string;

  /** To be added, or, when negative, taken: a safe integer. With 0, nothing is, and only an item or a note is given. */
  @IsAmount()
  amount!: number;

  /** To be given with it. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  item?: NewItem | undefined;
}

/** What is to be moved from one user to another. */
export class NewTransfer extends NewPosting {
  /** The user who gives. */
  @IsIdentifier()
  from!: string;

  /** The user who receives: another one. */
  @IsIdentifier()
  @DiffersFrom('from')
  to!: string;

  /** A safe integer above 0. */
  @IsAmountAboveZero()
  amount!: number;
}

function IsText(): PropertyDecorator {
  return check(
    'isText',
    (value) =>
      typeof value === 'string' &&
      value.length > 0 &&
      value.length <= MAX_TEXT_LENGTH &&
      !/\0|\p{Cs}/u.test(value),
    `a text of 1 to ${MAX_TEXT_LENGTH} characters`,
  );
}

function IsJson(): PropertyDecorator {
  return check('isJson', isJson, `what JSON can hold, at most ${MAX_DATA_BYTES} bytes`);
}

function isJson(value: unknown): boolean {
  try {
    const json: string | undefined = JSON.stringify(value);
    return json !== undefined && Buffer.byteLength(json) <= MAX_DATA_BYTES;
  } catch {
    return false;
  }
}

function IsAmount(): PropertyDecorator {
  return check('isAmount', (value) => Number.isSafeInteger(value), 'a safe integer');
}

function IsAmountAboveZero(): PropertyDecorator {
  return check(
    'isAmountAboveZero',
    (value) => Number.isSafeInteger(value) && Number(value) > 0,
    'a safe integer above 0',
  );
}

function DiffersFrom(property: string): PropertyDecorator {
  return check(
    'differsFrom',
    (value, validation) =>
      value !== Object.entries(validation?.object ?? {}).find(([name]) => name === property)?.[1],
    `another user than \`${property}\``,
  );
}

function check(
  name: string,
  validate: (value: unknown, validation?: ValidationArguments) => boolean,
  rule: string,
): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => rule } });
}
