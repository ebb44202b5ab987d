import { IsBoolean, IsInt, IsOptional, Max, Min, ValidateBy } from 'class-validator';

/** What every remote system's options have. */
export abstract class RemoteOptions {
  /** How long one try of a call may take, its whole answer included, in milliseconds. */
  @IsInt()
  @Min(1)
  @Max(600_000)
  timeout: number = 10_000;

  /**
   * How often a call is tried again that is safe to repeat: a read, or a write that carries an idempotency key. Only
   * after a network error or HTTP 408, 429 or 5xx, and with growing, random delays.
   */
  @IsInt()
  @Min(0)
  @Max(10)
  maxRetries: number = 3;

  /** Most bytes of an answer. */
  @IsInt()
  @Min(1)
  maxResponseSize: number = 10 * 1024 * 1024;

  /** Whether the server's certificate must be trusted. Only ever `false` against a server of one's own. */
  @IsBoolean()
  verify: boolean = true;

  /** Certificates of authorities to trust in place of the public ones, as PEM. */
  @IsOptional()
  @IsTextOrTexts()
  ca?: string | string[] | undefined;

  /**
   * The proxy to go through, `http://user:password@host:port`, or `false` for none. Unless told, what `HTTPS_PROXY`,
   * `HTTP_PROXY` and `NO_PROXY` say.
   */
  @IsOptional()
  @IsProxy()
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
  const url = parsed(value);
  return url !== undefined && [url.username, url.password, url.search, url.hash].every((part) => part === '');
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
      validate: (value) => value === false || parsed(value)?.pathname === '/',
      defaultMessage: () => 'http://user:password@host:port or false',
    },
  });
}

function IsTextOrTexts(): PropertyDecorator {
  return ValidateBy({
    name: 'isTextOrTexts',
    validator: {
      validate: (value) => [value].flat().every((text) => typeof text === 'string' && text.includes('BEGIN')),
      defaultMessage: () => 'a certificate as PEM, or a list of such',
    },
  });
}

function parsed(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}
