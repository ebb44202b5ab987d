import { ApiProperty } from '@nestjs/swagger';

/** An order that was taken, and the points it earned. */
export class OrderDto {
  @ApiProperty({ example: 'till-1-0001' })
  readonly id!: string;

  @ApiProperty({ example: 'latte' })
  readonly drink!: string;

  @ApiProperty({ example: 2 })
  readonly quantity!: number;

  @ApiProperty({ description: 'To be paid, in cents.', example: 840 })
  readonly total!: number;

  @ApiProperty({ description: 'Points that the order earned.', example: 84 })
  readonly earned!: number;

  @ApiProperty({ description: 'The entry of the wallet that holds the points.' })
  readonly entryId!: string;
}
