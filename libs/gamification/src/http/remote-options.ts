import { X509Certificate } from 'node:crypto';
import { IsBoolean, IsInt, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { Secret, withoutPassword } from '../secret.js';
import { strictUrl } from './secure-url.js';

/** What every remote system's options have. */
export abstract class RemoteOptions {
  /** How long one try of a call may take, its whole answer included, in milliseconds: 1 to 600,000. */
  @IsInt()
  @Min(1)
  @Max(600_000)
  timeout: number = 10_000;

  /**
   * How often a call is tried again that is safe to repeat, 0 to 10 times: a read, or a write that carries an
   * idempotency key. Only after a network error or HTTP 408, 429 or 5xx, and with growing, random delays.
   */
  @IsInt()
  @Min(0)
  @Max(10)
  maxRetries: number = 3;

  /** Most bytes of an answer, 1 or more. */
  @IsInt()
  @Min(1)
  maxResponseSize: number = 10 * 1024 * 1024;

  /** Whether the server's certificate must be trusted. Only ever `false` against a server of one's own. */
  @IsBoolean()
  verify: boolean = true;

  /** Certificates of authorities to trust in place of the public ones, as PEM. */
  @IsOptional()
  @IsCertificates()
  ca?: string | string[] | undefined;

  /**
   * The proxy to go through, `http://user:password@host:port`, or `false` for none. Unless told, what `HTTPS_PROXY`,
   * `HTTP_PROXY` and `NO_PROXY` say.
   */
  @IsOptional()
  @IsProxy()
  @Secret(withoutPassword)
  proxy?: string | false | undefined;
}

/** class-validator decorator for the base URL of a system. It may end with a slash or not. */
export function IsBaseUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isBaseUrl',
    validator: {
      validate: isBaseUrl,
      defaultMessage: () =>
        'an http:// or https:// URL without a user, a password, a query and a fragment (the secret has an option of its own)',
    },
  });
}

function isBaseUrl(value: unknown): boolean {
  const url = strictUrl(value);
  return url !== undefined && url.username + url.password === '' && !/[?#]/.test(String(value));
}

/** class-validator decorator for a key, a token or a password: printable ASCII, as it goes into a header. */
export function IsSecret(): PropertyDecorator {
  return ValidateBy({
    name: 'isSecret',
    validator: {
      validate: (value) => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
      defaultMessage: () => 'a text of printable ASCII characters without spaces',
    },
  });
}

function IsProxy(): PropertyDecorator {
  return ValidateBy({
    name: 'isProxy',
    validator: {
      validate: (value) => value === false || isProxy(value),
      defaultMessage: () => 'http://user:password@host:port, with %-codes where needed, or false',
    },
  });
}

function isProxy(value: unknown): boolean {
  const url = strictUrl(value);
  return url?.pathname === '/' && !/[?#]/.test(String(value)) && isDecodable(url.username + url.password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function IsCertificates(): PropertyDecorator {
  return ValidateBy({
    name: 'isCertificates',
    validator: {
      validate: (value) => [value].flat().length > 0 && [value].flat().every(isCertificates),
      defaultMessage: () => 'certificates as PEM, or a list of such that is not empty',
    },
  });
}

/** Whether a value is one or more certificates. TLS itself would take no notice of one that it cannot read. */
function isCertificates(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const certificates = value.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
  return certificates.length > 0 && certificates.every(isCertificate);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
