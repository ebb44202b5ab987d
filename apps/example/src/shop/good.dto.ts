import { ApiProperty } from '@nestjs/swagger';
import type { Good } from './goods.js';

/** Something that points can buy. */
export class GoodDto implements Good {
  @ApiProperty({ example: 'cookie' })
  readonly id!: string;

  @ApiProperty({ example: 'Cookie' })
  readonly name!: string;

  @ApiProperty({ description: 'In points.', example: 50 })
  readonly price!: number;
}
