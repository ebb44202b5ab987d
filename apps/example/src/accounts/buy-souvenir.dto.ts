import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { SOUVENIRS } from './souvenirs.js';

const IDS = SOUVENIRS.map(({ id }) => id);

/** What is to be bought. */
export class BuySouvenirDto {
  @ApiProperty({ enum: IDS, example: 'beans' })
  @IsIn(IDS)
  readonly souvenir!: string;
}
