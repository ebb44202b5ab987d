import { ApiProperty } from '@nestjs/swagger';
import { WalletEntryDto } from './wallet-entry.dto.js';

/** What a customer's wallet holds, and how that came about. */
export class WalletDto {
  @ApiProperty({ description: 'The sum of all entries.', example: 84 })
  readonly points!: number;

  @ApiProperty({ description: 'The ten latest, latest first.', type: [WalletEntryDto] })
  readonly entries!: readonly WalletEntryDto[];
}
