import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** A customer's place in a rating. */
export class PlaceDto {
  @ApiProperty({ description: "The rating's id, by which its leaderboard is asked for." })
  readonly ratingId!: string;

  @ApiProperty({ example: 'Experience' })
  readonly name!: string;

  @ApiProperty({ example: 'ann' })
  readonly customer!: string;

  @ApiProperty({ description: '1 for the first.', example: 1 })
  readonly position!: number;

  @ApiProperty({ example: 84 })
  readonly value!: number;

  @ApiPropertyOptional({ description: 'The name of the level, where one is reached.', example: 'Regular' })
  readonly level?: string | undefined;
}
