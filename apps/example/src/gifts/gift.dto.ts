import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** A drink that a friend asks for. */
export class GiftDto {
  @ApiProperty({ description: 'The request, by which one replies to it.' })
  readonly id!: string;

  @ApiPropertyOptional({ example: 'latte' })
  readonly drink?: string | undefined;

  @ApiPropertyOptional({ description: "The friend's first name, where it is known.", example: 'Ann' })
  readonly from?: string | undefined;

  @ApiProperty({ description: 'Until when one can reply.' })
  readonly expiresAt!: Date;
}
