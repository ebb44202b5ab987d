import { ArrayMaxSize, IsArray } from 'class-validator';
import { IsIdentifier } from '../validation.js';

/** Who a user and their friends are in a social network. */
export class SocialFriends {
  @IsIdentifier()
  userId!: string;

  /** Which network: `facebook`. */
  @IsIdentifier()
  network!: string;

  /** The user's id there. */
  @IsIdentifier()
  socialId!: string;

  /** The ids there of the user's friends, at most 5,000. */
  @IsArray()
  @ArrayMaxSize(5_000)
  @IsIdentifier({ each: true })
  friends!: readonly string[];
}
