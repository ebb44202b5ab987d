import { Allow, IsInt, IsOptional, IsString, Max, MaxLength, Min, ValidateBy } from 'class-validator';
import { AsItCame } from '../../as-it-came.js';
import { IsIdentifier, isJsonData, isPlainObject } from '../../validation.js';
import { IsAbsoluteUrl, IsScope } from './gloebit-validation.js';

/** Most of a thing that is bought or consumed at a time. */
const MAX_QUANTITY = 1_000_000;

/** Where an authorization is to begin. */
export class GloebitAuthorizationRequest {
  /** The application's id of the user. The answer is only accepted for the same user. */
  @IsIdentifier()
  user!: string;

  /**
   * Where Gloebit sends the browser back to, an absolute URL: the option `redirectUri` unless told. With `state: 'hmac'`
   * always the option, as nothing is kept of what an authorization began with.
   */
  @IsOptional()
  @IsAbsoluteUrl()
  redirectUri?: string | undefined;

  /** What the user is asked to allow: the option `scope` unless told, and with `state: 'hmac'` always. */
  @IsOptional()
  @IsScope()
  scope?: string | undefined;

  /** The `Cookie` header of the request, so that a browser that has begun elsewhere can end there too. */
  @Allow()
  cookies?: string | undefined;
}

/** What is known about the request in which a browser comes back from Gloebit. */
export interface GloebitCallbackRequest {
  /** The application's id of the user who is logged in. */
  readonly user: string;
  /** The `Cookie` header of the request. */
  readonly cookies?: string | undefined;
}

abstract class Transaction {
  /** How many: 1 to 1,000,000, 1 unless told. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity?: number | undefined;
}

abstract class BuyerTransaction extends Transaction {
  /**
   * What the merchant's log calls the user, up to 255 characters. Unless told, the name that the user has at Gloebit,
   * for which Gloebit is asked first and the scope `id` is needed.
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  username?: string | undefined;

  /**
   * The same key buys once, for all users together. Sent as the transaction's id: as it is up to 36 characters of ASCII,
   * otherwise as a UUID made of it. A new UUID unless told, with which only the client's own repeats are recognised.
   */
  @IsOptional()
  @IsIdentifier()
  idempotencyKey?: string | undefined;
}

/** An item to be bought, which the application names and prices. */
export class GloebitItem extends BuyerTransaction {
  /** The item's name. */
  @IsIdentifier()
  item!: string;

  /** The price of one in gloebits: 1 to 1,000,000,000. What is paid is this times the quantity. */
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  price!: number;
}

/** A product to be bought, at the price that the merchant set at Gloebit. */
export class GloebitProduct extends BuyerTransaction {
  /** The product's name at Gloebit. */
  @IsIdentifier()
  product!: string;
}

/** A product to be used up. */
export class GloebitConsumption extends Transaction {
  /** The product's name at Gloebit. */
  @IsIdentifier()
  product!: string;
}

/** A character to be made. */
export class NewGloebitCharacter {
  /** Its name, unique in the application. */
  @IsIdentifier()
  name!: string;

  /** Whatever else the application wants to keep with it, as JSON; not with the names `id` and `name`. */
  @IsOptional()
  @IsAttributes()
  @AsItCame()
  attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** A character as it is to be, all of it: attributes that are left out are gone. */
export class GloebitCharacterChange extends NewGloebitCharacter {
  @IsIdentifier()
  id!: string;
}

/** A character to be deleted. */
export class GloebitCharacterId {
  @IsIdentifier()
  id!: string;
}

function IsAttributes(): PropertyDecorator {
  return ValidateBy({
    name: 'isAttributes',
    validator: {
      validate: (value) =>
        isPlainObject(value) &&
        isJsonData(value) &&
        !Object.keys(value).some((key) => key === 'id' || key === 'name'),
      defaultMessage: () => 'an object as JSON can hold it, without the properties id and name',
    },
  });
}
