import {
  IsBoolean,
  IsIn,
  IsNotEmpty,
  IsOptional,
  IsString,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { IsBaseUrl, IsSecret, RemoteOptions } from '../../http/remote-options.js';

/** How Gloebit is used. Needs `storage` and `accounts`, where the users' access is kept. */
export class GloebitOptions extends RemoteOptions {
  /** The OAuth client key of the merchant, unless `clientSecretsFile` has it. */
  @ValidateIf(needsClient)
  @IsClient()
  clientKey?: string | undefined;

  /** The OAuth client secret of the merchant, unless `clientSecretsFile` has it. */
  @ValidateIf(needsClient)
  @IsClient()
  clientSecret?: string | undefined;

  /**
   * The path of a client-secrets JSON file, as oauth2client reads it, in place of `clientKey` and `clientSecret`:
   * `{ "web" | "installed": { client_id, client_secret, redirect_uris, auth_uri, token_uri } }`. Its `redirect_uris` are
   * not used, as the original client does not use them.
   */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @IsInsteadOf('clientKey', 'clientSecret')
  clientSecretsFile?: string | undefined;

  /** Whether to use Gloebit's sandbox, which has accounts and balances of its own, whatever the file says. */
  @IsBoolean()
  sandbox: boolean = false;

  /**
   * The base URL of another server, in place of Gloebit's and of what the file says. Must be https, unless it is on
   * this machine.
   */
  @IsOptional()
  @IsBaseUrl()
  @IsHttpsUnlessLocal()
  @IsInsteadOf('sandbox')
  host?: string | undefined;

  /** What users are asked to allow, as words with a space between them. */
  @IsScope()
  scope: string = 'id transact';

  /** Where Gloebit sends the user's browser back to, unless a call says so itself: an absolute URL. */
  @IsOptional()
  @IsAbsoluteUrl()
  redirectUri?: string | undefined;

  /**
   * What keeps others from slipping in an authorization of theirs.
   * - `stored`: a random state, which can be used once, for ten minutes, by the user and in the browser that began.
   * - `hmac`: the nonce of the original client, which holds for an hour for that user, in any browser, any number of
   *   times. For an application that shares its redirect URI with one that uses the original client. Needs `secretKey`.
   */
  @IsIn(['stored', 'hmac'])
  state: 'stored' | 'hmac' = 'stored';

  /** What the `hmac` state is made with: a text that only the application knows. */
  @ValidateIf(({ state, secretKey }: GloebitOptions) => state === 'hmac' || secretKey !== undefined)
  @IsString()
  @IsNotEmpty()
  secretKey?: string | undefined;

  /**
   * Which names the fields of a purchase have: those of 2014-05, which the original client sends, or the final ones of
   * Gloebit's documentation. Never both, as a server might not expect the other ones.
   */
  @IsIn(['2014-05', 'final'])
  fieldNames: '2014-05' | 'final' = '2014-05';

  /**
   * Where `GloebitAccountsController` sends the browser once the account is linked: a URL or a path. Unless told, to its
   * own page about the account.
   */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  linkedUrl?: string | undefined;
}

/** Whether a text is an absolute http or https URL without a fragment. */
export function isAbsoluteUrl(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, hash } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && hash === '';
}

/** class-validator decorator for {@link isAbsoluteUrl}. */
export function IsAbsoluteUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isAbsoluteUrl',
    validator: {
      validate: isAbsoluteUrl,
      defaultMessage: () => 'an absolute http:// or https:// URL without a fragment',
    },
  });
}

/** class-validator decorator for a scope: words of printable ASCII with one space between them, 1,000 characters at most. */
export function IsScope(): PropertyDecorator {
  return ValidateBy({
    name: 'isScope',
    validator: {
      validate: (value) =>
        typeof value === 'string' && value.length <= 1_000 && /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(value),
      defaultMessage: () => 'words with one space between them',
    },
  });
}

/** Whether a secret may go to a URL: over https, or without leaving this machine. */
export function isHttpsOrLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function needsClient({ clientKey, clientSecret, clientSecretsFile }: GloebitOptions): boolean {
  return clientSecretsFile === undefined || clientKey !== undefined || clientSecret !== undefined;
}

/** class-validator decorator for a client key or secret. What a file has in place of a value that was not filled in begins with `[[`. */
export function IsClient(): PropertyDecorator {
  const isSecret = IsSecret();
  const isFilledIn = ValidateBy({
    name: 'isFilledIn',
    validator: {
      validate: (value) => typeof value !== 'string' || !value.startsWith('[['),
      defaultMessage: () => 'filled in: "[[…" is only a placeholder',
    },
  });
  return (target, property) => {
    isSecret(target, property);
    isFilledIn(target, property);
  };
}

function IsHttpsUnlessLocal(): PropertyDecorator {
  return ValidateBy({
    name: 'isHttpsUnlessLocal',
    validator: {
      validate: (value) => typeof value === 'string' && URL.canParse(value) && isHttpsOrLocal(value),
      defaultMessage: () => 'an https:// URL, unless the server is on this machine',
    },
  });
}

/** Refuses an option beside others that say the same in another way. */
function IsInsteadOf(...others: readonly (keyof GloebitOptions)[]): PropertyDecorator {
  return ValidateBy({
    name: 'isInsteadOf',
    validator: {
      validate: (_, args?: ValidationArguments) => {
        // class-validator passes the instance that it checks, which is of this class.
        const options = (args?.object ?? {}) as GloebitOptions;
        return others.every((other) => !options[other]);
      },
      defaultMessage: () => `given without ${others.join(' and ')}, not beside`,
    },
  });
}
