import { ApiProperty } from '@nestjs/swagger';

/** What a customer can spend. */
export class BalanceDto {
  @ApiProperty({ description: 'In gloebits.', example: 100 })
  readonly balance!: number;
}
