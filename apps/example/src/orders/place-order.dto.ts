import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import { MENU } from '../drinks/menu.js';

const DRINKS = MENU.map(({ id }) => id);

/** An order, as the till sends it. */
export class PlaceOrderDto {
  @ApiProperty({
    description: 'The number that the till gave to the order. Sending an order again does nothing again.',
    example: 'till-1-0001',
    pattern: '^[\\w.-]{1,64}$',
  })
  @Matches(/^[\w.-]{1,64}$/, { message: 'id must be 1 to 64 letters, digits, dots, hyphens or underscores' })
  readonly id!: string;

  @ApiProperty({ enum: DRINKS, example: 'latte' })
  @IsIn(DRINKS)
  readonly drink!: string;

  @ApiProperty({ minimum: 1, maximum: 100, example: 2 })
  @IsInt()
  @Min(1)
  @Max(100)
  readonly quantity!: number;
}
