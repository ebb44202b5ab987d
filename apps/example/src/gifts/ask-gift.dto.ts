import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { MENU } from '../drinks/menu.js';

const DRINKS = MENU.map(({ id }) => id);

/** What a customer asks friends for. */
export class AskGiftDto {
  @ApiProperty({ enum: DRINKS, example: 'latte' })
  @IsIn(DRINKS)
  readonly drink!: string;
}
