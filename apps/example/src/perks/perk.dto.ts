import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** Something that `mechanics.yaml` offers for points. */
export class PerkDto {
  @ApiProperty({ example: 'tasting' })
  readonly id!: string;

  @ApiProperty({ example: 'A seat at the tasting' })
  readonly name!: string;

  @ApiProperty({ description: 'In points.', example: 40 })
  readonly price!: number;

  @ApiProperty({ description: 'How many of it the customer has.', example: 0 })
  readonly count!: number;

  @ApiPropertyOptional({ description: 'Most that a customer can buy.', example: 1 })
  readonly limit?: number | undefined;
}
