import { isDate } from 'node:util/types';
import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { ValidateBy, type ValidationError, type ValidationOptions, validateSync } from 'class-validator';
import { InvalidQueryError, type Problem } from './gamification.errors.js';
import { toError } from './to-error.js';

/**
 * Longest user id, event type, idempotence key or other identifier, in bytes of UTF-8. Four of them make a key of an
 * index, for which PostgreSQL has room of about 2,700 bytes.
 */
const MAX_IDENTIFIER_BYTES = 255;

/**
 * Makes an instance of `type` from plain data and checks it with class-validator.
 * Properties that `type` does not declare count as problems. Rules that answer with a Promise are not asked.
 */
export function checked<T extends object>(
  type: ClassConstructor<T>,
  plain: unknown,
): { readonly value: T; readonly problems: readonly Problem[] } {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    return { value: new type(), problems: [{ path: 'it', got: inShort(plain), allowed: 'an object' }] };
  }
  try {
    const value = plainToInstance(type, plain, { exposeDefaultValues: true });
    return { value, problems: problemsOf(value) };
  } catch (error) {
    // class-transformer stumbles over some names, such as a property `constructor` of an undeclared object.
    return { value: new type(), problems: [unreadable(error)] };
  }
}

/**
 * An instance of `type` made from plain data, where {@link checked} finds nothing wrong with it.
 *
 * @param errorOf the error to throw where it does
 */
export function checkedOr<T extends object>(
  type: ClassConstructor<T>,
  plain: object,
  errorOf: (problems: readonly Problem[]) => Error,
): T {
  const { value, problems } = checked(type, plain);
  if (problems.length > 0) throw errorOf(problems);
  return value;
}

/** The problem with an object that class-transformer cannot make an instance of. */
export function unreadable(error: unknown): Problem {
  return {
    path: 'it',
    got: `an object that cannot be read (${toError(error).message})`,
    allowed: 'plain data',
  };
}

/** What class-validator finds wrong with an instance of a decorated class. */
export function problemsOf(instance: object): Problem[] {
  return problemsIn(
    validateSync(instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: false,
      validationError: { target: false },
    }),
  );
}

/**
 * A problem without the text that was given: what checks secrets must not repeat one that stands in the wrong place.
 */
export function withoutTexts(problem: Problem): Problem {
  return problem.got.startsWith('"') ? { ...problem, got: 'a text' } : problem;
}

/** The errors of class-validator as the library tells them. */
export function problemsIn(errors: readonly ValidationError[]): Problem[] {
  return errors.flatMap((error) => flatten(error, ''));
}

function flatten(error: ValidationError, prefix: string): Problem[] {
  const path = prefix + error.property;
  const rules = Object.entries(error.constraints ?? {}).map(([constraint, message]) =>
    constraint === 'whitelistValidation' ? 'nothing: there is no such property' : allowed(message, error),
  );
  const own = rules.length > 0 ? [{ path, got: inShort(error.value), allowed: rules.join(' and ') }] : [];
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, `${path}.`))];
}

/** `total must not be less than 0` as an answer to "allowed:", which is `not less than 0`. */
function allowed(message: string, error: ValidationError): string {
  const property = escapeForPattern(error.property);
  return message
    .replace(new RegExp(`^${property} (must|should) not (be )?`), 'not ')
    .replace(new RegExp(`^${property} (must|should) (be )?`), '');
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whether a value is an object made by `{}`, `JSON.parse` or `Object.create(null)`, of whichever realm. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Whether JSON can hold a value and gives the same back: it would lose a `Map`, make `null` of NaN, and fail at a bigint
 * and at what holds itself. Properties that are `undefined` are as good as absent, and a `Date` becomes its text.
 */
export function isJsonData(value: unknown): boolean {
  try {
    return isJsonPart(value);
  } catch {
    // It holds itself, or is nested deeper than JSON can be written.
    return false;
  }
}

function isJsonPart(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (isDate(value)) return !Number.isNaN(value.getTime());
  if (Array.isArray(value)) return value.every(isJsonPart);
  return isPlainObject(value) && Object.values(value).every((part) => part === undefined || isJsonPart(part));
}

/** A property of what may be an object of JSON; nothing of what is none, and of what the object only inherits. */
export function propertyOf(value: unknown, name: string): unknown {
  return isPlainObject(value) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** A value as a reader of a message wants to see it: what it is, and its text only while that is short. */
export function inShort(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 60 ? `a text of ${value.length} characters` : JSON.stringify(value);
    case 'undefined':
      return 'missing';
    case 'bigint':
      return `${value}n`;
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `a list of ${value.length}`;
      return isDate(value) ? `the date ${value.getTime()}` : 'an object';
    default:
      return String(value);
  }
}

/**
 * Whether a text can be an identifier: 1 to {@link MAX_IDENTIFIER_BYTES} bytes of UTF-8, well-formed Unicode and
 * without control characters (PostgreSQL cannot store NUL, and a broken surrogate would be stored as another text).
 */
export function isIdentifier(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= MAX_IDENTIFIER_BYTES &&
    !/\p{Cc}|\p{Cs}/u.test(value) &&
    // No character takes more than 3 bytes for each of its UTF-16 units.
    (value.length * 3 <= MAX_IDENTIFIER_BYTES || Buffer.byteLength(value) <= MAX_IDENTIFIER_BYTES)
  );
}

/**
 * The identifiers among the values, each in a list of its own as `each()` of a statement takes them. What is no
 * identifier was never stored and matches nothing; PostgreSQL would not even take it as a parameter.
 */
export function identifierRows(values: readonly string[]): readonly (readonly [string])[] {
  if (!Array.isArray(values))
    throw new InvalidQueryError(`a filter is ${inShort(values)}, allowed: a list of texts`);
  return values.filter(isIdentifier).map((value) => [value]);
}

/** What {@link isIdentifier} allows, in words. */
export const IDENTIFIER_RULE = `a text of 1 to ${MAX_IDENTIFIER_BYTES} bytes without control characters`;

/** @throws InvalidQueryError when what a query names is no identifier */
export function needIdentifier(name: string, value: unknown): void {
  if (isIdentifier(value)) return;
  throw new InvalidQueryError(`${name} is ${inShort(value)}, allowed: ${IDENTIFIER_RULE}`);
}

/** @throws InvalidQueryError when what a query says is none of the allowed texts */
export function needOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.some((text) => text === value)) return;
  throw new InvalidQueryError(`${name} is ${inShort(value)}, allowed: ${allowed.join(' or ')}`);
}

/** class-validator decorator for {@link isIdentifier}. @param options `{ each: true }` for a list of them */
export function IsIdentifier(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    { name: 'isIdentifier', validator: { validate: isIdentifier, defaultMessage: () => IDENTIFIER_RULE } },
    options,
  );
}

/** class-validator decorator for an object whose values are texts. */
export function IsTexts(): PropertyDecorator {
  return ValidateBy({
    name: 'isTexts',
    validator: {
      validate: (value) =>
        isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string'),
      defaultMessage: () => 'an object of texts',
    },
  });
}

/** class-validator decorator for a function. */
export function IsCallback(): PropertyDecorator {
  return ValidateBy({
    name: 'isCallback',
    validator: { validate: (value) => typeof value === 'function', defaultMessage: () => 'a function' },
  });
}
