import { ApiProperty } from '@nestjs/swagger';
import { BadgeDto } from './badge.dto.js';
import { PlaceDto } from './place.dto.js';

/** What a customer's visits gave. */
export class AchievementsDto {
  @ApiProperty({ type: [PlaceDto] })
  readonly ratings!: readonly PlaceDto[];

  @ApiProperty({ type: [BadgeDto] })
  readonly badges!: readonly BadgeDto[];
}
