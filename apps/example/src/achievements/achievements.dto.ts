import { ApiProperty } from '@nestjs/swagger';
import { BadgeDto } from './badge.dto.js';
import { ChallengeDto } from './challenge.dto.js';
import { PlaceDto } from './place.dto.js';
import { StreakDto } from './streak.dto.js';

/** What a customer's visits gave. */
export class AchievementsDto {
  @ApiProperty({ type: [PlaceDto] })
  readonly ratings!: readonly PlaceDto[];

  @ApiProperty({ type: [BadgeDto] })
  readonly badges!: readonly BadgeDto[];

  @ApiProperty({ type: [ChallengeDto] })
  readonly challenges!: readonly ChallengeDto[];

  @ApiProperty({ type: [StreakDto] })
  readonly streaks!: readonly StreakDto[];

  @ApiProperty({ description: 'What is open to the customer.', type: [String], example: ['The secret menu'] })
  readonly features!: readonly string[];
}
