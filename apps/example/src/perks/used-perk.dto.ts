import { ApiProperty } from '@nestjs/swagger';

/** What is left of a perk. */
export class UsedPerkDto {
  @ApiProperty({ description: 'How many of it the customer has now.', example: 0 })
  readonly count!: number;
}
