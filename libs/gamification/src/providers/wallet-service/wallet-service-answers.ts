import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { AsItCame } from '../../as-it-came.js';

/** The last moment that a `Date` can be, in seconds since 1970. */
const LAST_SECOND = 8.64e12;

/** An item, as the service gives it. */
export class ItemAnswer {
  @IsString()
  name!: string;

  @IsBoolean()
  used!: boolean;

  @IsOptional()
  @AsItCame()
  data?: unknown;
}

/** An entry, as the service gives it. */
export class EntryAnswer {
  @IsString()
  entry_id!: string;

  @IsString()
  authority_id!: string;

  @IsString()
  user_id!: string;

  /** Seconds since 1970, with milliseconds as a fraction. The service's own guide calls it a whole number. */
  @IsNumber()
  @Min(-LAST_SECOND)
  @Max(LAST_SECOND)
  created_on!: number;

  @IsSafeInteger()
  amount!: number;

  @IsString()
  reason!: string;

  /** Absent where the entry gave none; `null` is taken for the same. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ItemAnswer)
  item?: ItemAnswer | null;
}

/** A wallet, as the service gives it. */
export class WalletAnswer {
  @IsString()
  user_id!: string;

  @IsSafeInteger()
  total!: number;
}

/** An item that a user owns, as the service gives it. */
export class InventoryAnswer {
  @IsString()
  entry_id!: string;

  @IsString()
  authority_id!: string;

  @IsString()
  user_id!: string;

  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => ItemAnswer)
  item!: ItemAnswer;
}

/** How the service says that it is. */
export class HealthAnswer {
  /** `true`, or a text that says why it must not be used. */
  @IsDefined()
  ok!: unknown;

  /** Of the API. */
  @IsString()
  version!: string;
}

/** A sum beyond what a number can hold exactly is a wrong sum, and is refused. */
function IsSafeInteger(): PropertyDecorator {
  return applyDecorators(IsInt(), Min(Number.MIN_SAFE_INTEGER), Max(Number.MAX_SAFE_INTEGER));
}
