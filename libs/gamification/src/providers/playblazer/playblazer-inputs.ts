import { IsIn, IsInt, IsOptional, Min } from 'class-validator';
import { GiftReply, NewGiftRequest } from '../../gifts/gift-inputs.js';
import { IsIdentifier } from '../../validation.js';
import type { PlayblazerMode } from './playblazer.options.js';

/** A request for a gift, as Playblazer takes it. */
export class NewPlayblazerGiftRequest extends NewGiftRequest {
  /** In place of the option `mode`. */
  @IsOptional()
  @IsIdentifier()
  mode?: PlayblazerMode | undefined;
}

/** A reply to a request for a gift, as Playblazer takes it. */
export class PlayblazerGiftReply extends GiftReply {
  /** In place of the option `mode`. */
  @IsOptional()
  @IsIdentifier()
  mode?: PlayblazerMode | undefined;
}

/** Which received requests are wanted. */
export class PlayblazerGiftQuery {
  /** Who received them. */
  @IsIdentifier()
  userId!: string;

  /** The index of the first one, from 0, which it is unless told. */
  @IsOptional()
  @IsInt()
  @Min(0)
  start?: number | undefined;

  /** How many at most: all unless told. */
  @IsOptional()
  @IsInt()
  @Min(1)
  limit?: number | undefined;

  /** By expiry: `asc`, the default, has the one that expires first at the head. */
  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort?: 'asc' | 'desc' | undefined;

  /** In place of the option `mode`. */
  @IsOptional()
  @IsIdentifier()
  mode?: PlayblazerMode | undefined;
}
