import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { GOODS } from './goods.js';

const IDS = GOODS.map(({ id }) => id);

/** What is to be bought. */
export class PurchaseDto {
  @ApiProperty({ enum: IDS, example: 'cookie' })
  @IsIn(IDS)
  readonly item!: string;
}
