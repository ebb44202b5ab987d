import {
  IsBoolean,
  IsIn,
  IsNotEmpty,
  IsOptional,
  IsString,
  MinLength,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { IsBaseUrl, RemoteOptions } from '../../http/remote-options.js';
import { strictUrl } from '../../http/secure-url.js';
import { Secret } from '../../secret.js';
import { IsAbsoluteUrl, IsClient, IsHttpsUnlessLocal, IsScope } from './gloebit-validation.js';

/** How Gloebit is used. Needs `storage` and `accounts`, where the users' access is kept. */
export class GloebitOptions extends RemoteOptions {
  /** The OAuth client key of the merchant, unless `clientSecretsFile` has it. */
  @ValidateIf(needsClient)
  @IsClient()
  clientKey?: string | undefined;

  /** The OAuth client secret of the merchant, unless `clientSecretsFile` has it. */
  @ValidateIf(needsClient)
  @IsClient()
  @Secret()
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
  url?: string | undefined;

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

  /**
   * What the `hmac` state is made with: a text that only the application knows, of 16 or more characters. Who guesses it
   * can slip in an authorization.
   */
  @ValidateIf(({ state, secretKey }: GloebitOptions) => state === 'hmac' || secretKey !== undefined)
  @IsString()
  @MinLength(16)
  @Secret()
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
  @IsPlace()
  linkedUrl?: string | undefined;
}

/** Where a browser can be sent: an http or https URL, or a path of this host. */
function IsPlace(): PropertyDecorator {
  return ValidateBy({
    name: 'isPlace',
    validator: {
      // In a path, what stands before the first slash is no scheme, and two slashes would be another host.
      validate: (value) =>
        strictUrl(value) !== undefined ||
        (typeof value === 'string' && /^(?!\/\/)[!-~]+$/.test(value) && !/^[^/?#]*:|\\/.test(value)),
      defaultMessage: () => 'an absolute http:// or https:// URL, or a path of printable ASCII characters',
    },
  });
}

function needsClient({ clientKey, clientSecret, clientSecretsFile }: GloebitOptions): boolean {
  return clientSecretsFile === undefined || clientKey !== undefined || clientSecret !== undefined;
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
