import { ApiProperty } from '@nestjs/swagger';
import type { Drink } from './menu.js';

/** A drink of the menu. */
export class DrinkDto implements Drink {
  @ApiProperty({ example: 'latte' })
  readonly id!: string;

  @ApiProperty({ example: 'Latte' })
  readonly name!: string;

  @ApiProperty({ description: 'In cents.', example: 420 })
  readonly price!: number;
}
