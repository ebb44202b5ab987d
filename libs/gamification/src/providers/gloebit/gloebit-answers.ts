import {
  IsArray,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  ValidateBy,
  type ValidationOptions,
} from 'class-validator';
import { AsItCame } from '../../as-it-came.js';
import type { RemoteResponse } from '../../http/http-transport.js';
import {
  InvalidRemoteResponseError,
  type RemoteFailure,
  type RemoteRefusalError,
} from '../../http/remote.errors.js';
import { inShort, isPlainObject } from '../../validation.js';
import { GloebitAccessTokenError, GloebitBadRequestError } from './gloebit.errors.js';

/** Makes a method's own error. Its `remoteMessage` is Gloebit's reason, if it gave one. */
export type Refusal = (failure: RemoteFailure, detail: string) => RemoteRefusalError;

/** The answer to `/id` and `/user`. */
export class UserAnswer {
  @IsOptional()
  @IsString()
  id?: string | null;

  @IsOptional()
  @IsString()
  name?: string | null;

  /** What clients of `/user` read. */
  @IsOptional()
  @IsString()
  'full-name'?: string | null;

  @IsOptional()
  @IsObject()
  @AsItCame()
  params?: Record<string, unknown> | null;
}

/** The answer to `/balance`. */
export class BalanceAnswer {
  @IsNumber()
  balance!: number;
}

/** The answer to `/transact`. */
export class TransactAnswer {
  @IsOptional()
  @IsString()
  id?: string | null;

  @IsOptional()
  @IsString()
  reason?: string | null;

  @IsOptional()
  @IsNumber()
  balance?: number | null;

  @IsOptional()
  @IsInt()
  'product-count'?: number | null;
}

/** The answer to `/consume-user-product`. */
export class CountAnswer {
  @IsOptional()
  @IsInt()
  'product-count'?: number | null;
}

/** An answer of which nothing is read. */
export class NothingAnswer {}

/** The answer to `/get-user-products`. */
export class ProductsAnswer {
  @IsCounts()
  @AsItCame()
  products!: Record<string, number>;
}

/** A character, as far as its properties are known. */
export interface CharacterAnswer {
  readonly id: string;
  readonly name: string;
  readonly [attribute: string]: unknown;
}

/** The answer to `/get-characters`. */
export class CharactersAnswer {
  @IsArray()
  @IsCharacter({ each: true })
  @AsItCame()
  characters!: CharacterAnswer[];
}

/** The answer to `/create-character` and `/update-character`. */
export class OneCharacterAnswer {
  @IsCharacter()
  @AsItCame()
  character!: CharacterAnswer;
}

/**
 * Refuses what is no success. Gloebit answers HTTP 200 to everything and says in the body whether it did it; what it says
 * of `success` is read as the original client reads it: none is a success, and so are `true` and 1.
 *
 * @param refusal the error of the method that was called
 * @throws GloebitBadRequestError for another status than 200
 * @throws InvalidRemoteResponseError for a body that is no JSON object
 * @throws GloebitAccessTokenError
 */
export function mustSucceed(response: RemoteResponse, refusal: Refusal): void {
  const { status, body } = response;
  if (status !== 200) throw new GloebitBadRequestError(response, `Gloebit returned ${status} status`);
  if (!isPlainObject(body)) {
    throw new InvalidRemoteResponseError(response, `the answer is ${inShort(body)}, expected: an object`);
  }
  const { success, reason }: { readonly success?: unknown; readonly reason?: unknown } = body;
  if (success === undefined || success === true || success === 1) return;
  const remoteMessage = typeof reason === 'string' ? reason : undefined;
  const failure = { ...response, remoteMessage };
  const detail = remoteMessage === undefined ? 'Gloebit gave no reason' : `Gloebit says: ${remoteMessage}`;
  throw GloebitAccessTokenError.isMeantBy(remoteMessage)
    ? new GloebitAccessTokenError(failure, detail)
    : refusal(failure, detail);
}

function IsCounts(): PropertyDecorator {
  return ValidateBy({
    name: 'isCounts',
    validator: {
      validate: (value) => isPlainObject(value) && Object.values(value).every(Number.isSafeInteger),
      defaultMessage: () => 'an object with a whole number for each product',
    },
  });
}

function IsCharacter(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isCharacter',
      validator: {
        validate: (value) =>
          isPlainObject(value) &&
          'id' in value &&
          typeof value.id === 'string' &&
          'name' in value &&
          typeof value.name === 'string',
        defaultMessage: () => 'an object with an id and a name',
      },
    },
    options,
  );
}
