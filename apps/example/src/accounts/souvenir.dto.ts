import { ApiProperty } from '@nestjs/swagger';
import type { Souvenir } from './souvenirs.js';

/** Something that gloebits can buy. */
export class SouvenirDto implements Souvenir {
  @ApiProperty({ example: 'beans' })
  readonly id!: string;

  @ApiProperty({ example: 'Bag of beans' })
  readonly name!: string;

  @ApiProperty({ description: 'In gloebits.', example: 40 })
  readonly price!: number;
}
