import { ApiProperty } from '@nestjs/swagger';

/** Days in a row. */
export class StreakDto {
  @ApiProperty({ example: 'A coffee a day' })
  readonly name!: string;

  @ApiProperty({ example: 3 })
  readonly length!: number;

  @ApiProperty({ example: 5 })
  readonly longest!: number;
}
