import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsDate,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { AsItCame } from '../../as-it-came.js';
import { IsTexts } from '../../validation.js';

/** A user's place in a rating. */
export class GmfyUserRating {
  @IsString() userId!: string;
  @IsString() clientId!: string;
  @IsString() ratingId!: string;
  @IsString() name!: string;
  @IsNumber() value!: number;
  @IsMetaInfo() metaInfo: Record<string, string> = {};
  /** 1 for the first place. */
  @IsInt() position!: number;
}

/** A step of a challenge that a user has passed. */
export class GmfyPassedStep {
  @IsString() challengeStepId!: string;
  @IsInt() order!: number;
  @IsNumber() weight!: number;
  @IsMoment() dateComplete!: Date;
}

/** How far a user is with a challenge. */
export class GmfyUserChallenge {
  @IsString() userId!: string;
  @IsString() challengeId!: string;
  @IsString() clientId!: string;
  @IsNumber() progress!: number;
  @IsListOf(() => GmfyPassedStep) passedSteps: GmfyPassedStep[] = [];
  @IsMetaInfo() metaInfo: Record<string, string> = {};
  @IsString() name!: string;
}

/** A badge of a user. */
export class GmfyUserBadge {
  @IsString() userId!: string;
  @IsString() badgeId!: string;
  @IsString() clientId!: string;
  @IsMoment() acquisitionDate!: Date;
  @IsMetaInfo() metaInfo: Record<string, string> = {};
  @IsString() name!: string;
  @IsOptional() @IsString() description?: string | null | undefined;
  @IsBoolean() permanent!: boolean;
  /** How often the user has earned it. */
  @IsInt() count!: number;
}

/** A feature that a user has access to. */
export class GmfyUserFeature {
  @IsString() userId!: string;
  @IsString() featureId!: string;
  @IsString() clientId!: string;
  @IsMoment() accessDate!: Date;
  @IsMetaInfo() metaInfo: Record<string, string> = {};
  @IsString() name!: string;
  @IsOptional() @IsString() description?: string | null | undefined;
}

/** What a user has of a resource. */
export class GmfyUserAccountBalance {
  @IsString() userId!: string;
  @IsString() clientId!: string;
  @IsString() resourceKey!: string;
  @IsNumber() amount!: number;
}

/** All that GMFY knows of a user. */
export class GmfyUserContext {
  @IsString() userId!: string;
  @IsString() clientId!: string;
  @IsListOf(() => GmfyUserRating) userRatings: GmfyUserRating[] = [];
  @IsListOf(() => GmfyUserChallenge) userChallenges: GmfyUserChallenge[] = [];
  @IsListOf(() => GmfyUserBadge) userBadges: GmfyUserBadge[] = [];
  @IsListOf(() => GmfyUserFeature) userFeatures: GmfyUserFeature[] = [];
  @IsListOf(() => GmfyUserAccountBalance) userAccountBalances: GmfyUserAccountBalance[] = [];
}

/** A message to a user. */
export class GmfyNotification {
  @IsString() userId!: string;
  @IsString() clientId!: string;
  @IsString() message!: string;
}

/** A payment that was just created. */
export class GmfyPaymentCreated {
  @IsString() id!: string;
  @IsString() clientId!: string;
  /** `CREATED`; no other value is documented. */
  @IsString() status!: string;
  /** Where the user confirms it. */
  @IsString() confirmationUrl!: string;
}

/** A payment. */
export class GmfyPaymentDetail {
  @IsString() id!: string;
  @IsString() clientId!: string;
  @IsNumber() value!: number;
  @IsString() returnUrl!: string;
  @IsOptional() @IsString() description?: string | null | undefined;
  @IsString() currency!: string;
  @IsString() status!: string;
  /** `RU` or `EN`. */
  @IsString() locale!: string;
  /** For how long the code can still be entered; no source states the unit, which is taken to be seconds. */
  @IsInt() expiresIn!: number;
}

/** The version of GMFY's API. */
export class GmfyVersion {
  @IsString() version!: string;
  @IsMoment() deploymentDate!: Date;
}

/** A transfer that was made. */
export class GmfyTransfer {
  @IsString() transferInTransactionId!: string;
  @IsString() transferOutTransactionId!: string;
  @IsString() clientId!: string;
  @IsString() key!: string;
  @IsNumber() amount!: number;
  @IsString() fromUserId!: string;
  @IsString() toUserId!: string;
  @IsMoment() dateTime!: Date;
  @IsOptional() @IsString() comment?: string | null | undefined;
}

/** The keys of all resources. */
export class GmfyResourceKeys {
  @IsArray() @IsString({ each: true }) keys!: string[];
}

/** A date and time, which GMFY writes as ISO 8601. */
function IsMoment(): PropertyDecorator {
  return applyDecorators(
    Type(() => Date),
    IsDate({ message: '$property must be a date and time' }),
  );
}

/** A list, which may be missing or `null` where it is empty. */
function IsListOf(type: () => new () => object): PropertyDecorator {
  return applyDecorators(
    Type(type),
    Transform(({ value }: { value: unknown }) => value ?? []),
    IsArray(),
    ValidateNested({ each: true }),
  );
}

/** An object of texts, which may be missing or `null` where it is empty. */
function IsMetaInfo(): PropertyDecorator {
  return applyDecorators(
    AsItCame(() => ({})),
    IsTexts(),
  );
}
