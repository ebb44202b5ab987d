import { ApiProperty } from '@nestjs/swagger';

/** What a purchase left. */
export class BoughtPerkDto {
  @ApiProperty({ description: 'How many of it the customer has now.', example: 1 })
  readonly count!: number;

  @ApiProperty({ description: 'The points that are left.', example: 12 })
  readonly points!: number;
}
