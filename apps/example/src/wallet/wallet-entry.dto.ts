import { ApiProperty } from '@nestjs/swagger';

/** One line of a customer's wallet. */
export class WalletEntryDto {
  @ApiProperty({ format: 'uuid' })
  readonly entryId!: string;

  @ApiProperty({ description: 'Points that came in, or, when negative, went out.', example: 84 })
  readonly amount!: number;

  @ApiProperty({ example: 'Order till-1-0001' })
  readonly reason!: string;

  @ApiProperty()
  readonly createdOn!: Date;
}
