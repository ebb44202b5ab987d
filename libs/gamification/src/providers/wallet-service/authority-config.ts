import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Matches, ValidateBy } from 'class-validator';
import type { Problem } from '../../gamification.errors.js';
import { IsBaseUrl } from '../../http/remote-options.js';
import { readJsonFile } from '../../read-json-file.js';
import { checked, isPlainObject, withoutTexts } from '../../validation.js';
import { WalletServiceConfigError } from './wallet-service.errors.js';

/** What {@link isConfigSource} allows, in words. */
export const CONFIG_RULE =
  'the path of an authority client configuration file, or an object with what is in such a file';

/** An authority client configuration, ready for use. */
export interface AuthorityConfig {
  /** Without a slash at the end, and without the version of the API. */
  readonly apiBaseUrl: string;
  readonly authorityId: string;
  readonly privateKey: KeyObject;
}

/** The file's content. Its properties are named as they are there. */
class AuthorityConfigFile {
  /** Of the file's format: any with the major version 0, from 0.1.0 on. */
  @Matches(/^0\.0*[1-9]\d*\.\d+$/, {
    message: 'three whole numbers with dots between them, from 0.1.0 on and below 1.0.0, such as "0.1.0"',
  })
  config_schema_version!: string;

  /** Where the service is, without `/api/v1`. */
  @IsBaseUrl()
  api_base_url!: string;

  @Matches(/^[\da-f]{24}$/i, { message: '24 hexadecimal digits' })
  authority_id!: string;

  /** As PEM, `BEGIN EC PRIVATE KEY`. */
  @ValidateBy({
    name: 'isPrivateKey',
    validator: {
      validate: (value) => privateKeyOf(value) !== undefined,
      defaultMessage: () => 'a private key of the curve P-256 as PEM ("-----BEGIN EC PRIVATE KEY-----")',
    },
  })
  private_key!: string;
}

/** Whether a value can be a configuration or say where one is. A text with the configuration itself is no path. */
export function isConfigSource(value: unknown): value is string | object {
  return typeof value === 'string' ? /^[^{\p{Cc}]\P{Cc}*$/u.test(value) : isPlainObject(value);
}

/**
 * Reads and checks an authority client configuration.
 *
 * @param source the path of its JSON file, or what is in it
 * @throws WalletServiceConfigError naming everything that is wrong with it
 */
export async function readAuthorityConfig(source: string | object): Promise<AuthorityConfig> {
  if (!isConfigSource(source)) {
    throw new WalletServiceConfigError(undefined, [{ path: 'it', got: 'neither', allowed: CONFIG_RULE }]);
  }
  const path = typeof source === 'string' ? source : undefined;
  const refusal = (got: string, allowed: string) =>
    new WalletServiceConfigError(path, [{ path: 'it', got, allowed }]);
  const content = path === undefined ? source : await readJsonFile(path, refusal);
  const { value, problems } = checked(AuthorityConfigFile, content);
  const privateKey = privateKeyOf(value.private_key);
  if (problems.length > 0 || !privateKey) {
    throw new WalletServiceConfigError(path, problems.map(withoutKey));
  }
  return {
    apiBaseUrl: value.api_base_url.replace(/\/+$/, ''),
    authorityId: value.authority_id,
    privateKey,
  };
}

function privateKeyOf(pem: unknown): KeyObject | undefined {
  if (typeof pem !== 'string') return undefined;
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** What was given may be the key that stands in the wrong place, so a text is not repeated, unless it is a version. */
function withoutKey(problem: Problem): Problem {
  return /^"[\d.]{0,20}"$/.test(problem.got) ? problem : withoutTexts(problem);
}
