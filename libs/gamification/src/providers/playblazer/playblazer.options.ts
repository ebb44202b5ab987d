import { Matches } from 'class-validator';
import { IsBaseUrl, IsSecret, RemoteOptions } from '../../http/remote-options.js';
import { Secret } from '../../secret.js';
import { IsIdentifier } from '../../validation.js';

/**
 * How a user is named in a call: by the id of a linked account (`fb` or `facebook`, `google`, `twitter`), by an e-mail
 * address or by a user name. An installation may know others.
 */
export type PlayblazerMode =
  | 'fb'
  | 'facebook'
  | 'google'
  | 'twitter'
  | 'email'
  | 'username'
  // Keeps the known values in sight of an editor, and takes any other.
  | (string & {});

/** How Playblazer Gifts is used. */
export class PlayblazerOptions extends RemoteOptions {
  /** Where the API is, version included: `https://api.playblazer.com/v1`. Every installation has its own. */
  @IsBaseUrl()
  url!: string;

  /** The id that Playblazer gave to the application. */
  @Matches(/^[\w-]{1,255}$/, { message: 'a text of letters, digits, _ and -' })
  appId!: string;

  /** The key that Playblazer gave to the application. It goes along with every call, so the URL should be `https:`. */
  @IsSecret()
  @Secret()
  secretKey!: string;

  /** What the application's user ids are to Playblazer. There is no default: a wrong one finds nobody, or others. */
  @IsIdentifier()
  mode!: PlayblazerMode;
}
