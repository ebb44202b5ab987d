import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { AsItCame } from '../../as-it-came.js';
import { IsIdentifier, IsTexts, isPlainObject } from '../../validation.js';

/** The latest second that a `Date` can hold. */
const MAX_SECONDS = 8_640_000_000_000;

/** What every answer of a call that succeeded has. */
export class Answer {
  @IsIn(['ok'])
  status!: 'ok';
}

/** What went wrong, as far as the system says. */
export class ErrorDetails {
  @IsOptional()
  @IsString()
  message?: string;

  /** A negative number. */
  @IsOptional()
  @IsInt()
  code?: number;

  @IsOptional()
  @IsString()
  code_str?: string;
}

/** The answer of a call that failed. */
export class ErrorAnswer {
  @IsIn(['error'])
  status!: 'error';

  @IsObject()
  @ValidateNested()
  @Type(() => ErrorDetails)
  error!: ErrorDetails;
}

/** The answer of `request/new`. */
export class RequestAnswer extends Answer {
  @IsIdentifier()
  request_id!: string;
}

/** When a request expires. Its text, `time_str`, says the same. */
export class ExpiryAnswer {
  /** In seconds since 1970. */
  @IsInt()
  @Min(-MAX_SECONDS)
  @Max(MAX_SECONDS)
  timestamp!: number;
}

/** A profile. What is not set is `null`; `lang` is then left out. */
export class ProfileAnswer {
  @IsOptional()
  @IsString()
  first_name?: string | null;

  @IsOptional()
  @IsString()
  last_name?: string | null;

  @IsOptional()
  @IsString()
  lang?: string | null;

  @IsOptional()
  @IsString()
  fbid?: string | null;

  @IsOptional()
  @IsString()
  twitterid?: string | null;

  @IsOptional()
  @IsString()
  googleid?: string | null;

  @IsOptional()
  @IsString()
  deviceid?: string | null;

  @IsOptional()
  @IsString()
  email?: string | null;

  /** Not in the vendor's examples, though users can be named by it. */
  @IsOptional()
  @IsString()
  username?: string | null;
}

/** A request in the answer of `list`. */
export class GiftRequestAnswer {
  @IsIdentifier()
  id!: string;

  /** The custom attributes without their prefix. */
  @IsOptional()
  @IsTexts()
  @AsItCame()
  extra?: Readonly<Record<string, string>> | null;

  @IsObject()
  @ValidateNested()
  @Type(() => ExpiryAnswer)
  expiry_time!: ExpiryAnswer;

  /** Who asks. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ProfileAnswer)
  user?: ProfileAnswer | null;
}

/** The answer of `list`. */
export class ListAnswer extends Answer {
  @IsInt()
  @Min(0)
  count!: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GiftRequestAnswer)
  requests!: GiftRequestAnswer[];
}

/** Whether a body is that of a call that succeeded, and not of something in between. */
export function isSuccess(body: unknown): boolean {
  return isPlainObject(body) && 'status' in body && body.status === 'ok';
}

/** Whether a body is that of a call that failed, and not of something in between. */
export function isError(body: unknown): boolean {
  if (!isPlainObject(body) || !('status' in body) || !('error' in body)) return false;
  return body.status === 'error' && isPlainObject(body.error);
}
