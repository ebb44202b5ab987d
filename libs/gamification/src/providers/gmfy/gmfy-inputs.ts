import { IsIn, IsInt, IsNumber, IsOptional, IsPositive, IsString, Min } from 'class-validator';
import { IsIdentifier } from '../../validation.js';

/** The order of a rating's users: `ASC` has the first place first. */
export type GmfySort = 'ASC' | 'DESC';

/** Which part of a rating is wanted. */
export class GmfyRatingTopQuery {
  /** How many users to leave out. */
  @IsInt()
  @Min(0)
  offset: number = 0;

  /** How many users at most. */
  @IsInt()
  @Min(1)
  limit: number = 10;

  @IsIn(['ASC', 'DESC'])
  sort: GmfySort = 'ASC';
}

/** Which part of a challenge's users is wanted. */
export class GmfyChallengeTopQuery {
  /** How many users at most. */
  @IsInt()
  @Min(1)
  limit: number = 10;
}

/** A transfer of a resource from one user to another, or to a user. */
export class GmfyNewTransfer {
  @IsIdentifier()
  resourceKey!: string;

  /** Above zero. */
  @IsNumber()
  @IsPositive()
  amount!: number;

  @IsIdentifier()
  receiverUserId!: string;

  /** Who gives it. Without one, GMFY's own client of the resource does. */
  @IsOptional()
  @IsIdentifier()
  senderUserId?: string | undefined;

  @IsOptional()
  @IsString()
  comment?: string | undefined;
}
