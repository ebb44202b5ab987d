import { ApiProperty } from '@nestjs/swagger';

/** An item that a customer owns. */
export class OwnedItemDto {
  @ApiProperty({ description: 'The entry of the wallet that gave it, by which it is used.' })
  readonly entryId!: string;

  @ApiProperty({ example: 'Cookie' })
  readonly name!: string;

  @ApiProperty({ description: 'Whether it was used up.', example: false })
  readonly used!: boolean;
}
