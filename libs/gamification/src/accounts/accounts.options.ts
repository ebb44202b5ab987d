import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { Secret } from '../secret.js';
import { IsIdentifier } from '../validation.js';

/** Most keys that can be configured at a time. */
const MAX_KEYS = 100;
/** The length of a key of AES-256, in bytes. */
const KEY_LENGTH = 32;

/** A key that encrypts credentials. */
export class EncryptionKey {
  /** Stands beside what the key encrypted, not encrypted itself; never changed, and never given to another key. */
  @IsIdentifier()
  id!: string;

  /** 32 random bytes as base64, as `openssl rand -base64 32` makes them. */
  @IsKey()
  @Secret()
  key!: string;
}

/** How the accounts are kept that users have linked. */
export class AccountsOptions {
  /**
   * The first one encrypts, all of them decrypt. A new key is best added at the end, moved to the front once all
   * instances know it, and followed by `AccountLinks.reencrypt()`; then the old one can go. 1 to 100 keys.
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_KEYS)
  @ArrayUnique((key: unknown) => idOf(key), { message: 'a list of keys with an id of its own each' })
  @ValidateNested({ each: true })
  @Type(() => EncryptionKey)
  encryptionKeys!: EncryptionKey[];
}

function IsKey(): PropertyDecorator {
  return ValidateBy({
    name: 'isKey',
    validator: {
      validate: (value) =>
        typeof value === 'string' &&
        /^[A-Za-z0-9+/]{43}=$/.test(value) &&
        Buffer.from(value, 'base64').length === KEY_LENGTH,
      defaultMessage: () => `${KEY_LENGTH} bytes as base64`,
    },
  });
}

function idOf(key: unknown): unknown {
  return typeof key === 'object' && key !== null && 'id' in key ? key.id : key;
}
