import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** A souvenir that was paid for. */
export class BoughtSouvenirDto {
  @ApiProperty({ example: 'beans' })
  readonly souvenir!: string;

  @ApiProperty({ description: 'Names the purchase: its idempotency key, or one that was made.' })
  readonly purchase!: string;

  @ApiPropertyOptional({ description: 'The gloebits that are left.', example: 60 })
  readonly balance?: number | undefined;
}
