import { IsDate, IsOptional, Matches, MaxLength } from 'class-validator';
import type { Problem } from '../gamification.errors.js';
import { inShort, isPlainObject, problemsOf, withoutTexts } from '../validation.js';

/** Longest token that is kept, in characters. */
const MAX_TOKEN_LENGTH = 16_384;
/** Longest scope that is kept, in characters. */
const MAX_SCOPE_LENGTH = 1_000;

/** What opens a user's account at a provider. Secret: not to be logged or sent to a browser. */
export class Credential {
  /** Printable ASCII without spaces, as it goes into a header; at most 16,384 characters. */
  @Matches(/^[\x21-\x7e]+$/, { message: 'a text of printable ASCII characters without spaces' })
  @MaxLength(MAX_TOKEN_LENGTH)
  accessToken!: string;

  /** What a new access token can be had for, where the provider's tokens expire. */
  @IsOptional()
  @Matches(/^[\x20-\x7e]+$/, { message: 'a text of printable ASCII characters' })
  @MaxLength(MAX_TOKEN_LENGTH)
  refreshToken?: string | undefined;

  /** What it allows, as words with spaces between them; at most 1,000 characters. */
  @IsOptional()
  @Matches(/^[\x20-\x7e]*$/, { message: 'a text of printable ASCII characters' })
  @MaxLength(MAX_SCOPE_LENGTH)
  scope?: string | undefined;

  /** When the access token ends; without it, never. */
  @IsOptional()
  @IsDate()
  expiresAt?: Date | undefined;
}

/** A copy of a credential, and what is wrong with it, told without any of its texts. */
export function checkedCredential(given: unknown): {
  readonly value: Credential;
  readonly problems: readonly Problem[];
} {
  const value = new Credential();
  if (!isPlainObject(given) && !(given instanceof Credential)) {
    return { value, problems: [{ path: 'it', got: inShort(given), allowed: 'an object' }] };
  }
  Object.assign(value, given);
  return { value, problems: problemsOf(value).map(withoutTexts) };
}
