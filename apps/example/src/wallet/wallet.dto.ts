import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { WalletEntryDto } from './wallet-entry.dto.js';

/** What a customer's wallet holds, and how that came about. */
export class WalletDto {
  @ApiProperty({ description: 'The sum of all entries.', example: 84 })
  readonly points!: number;

  @ApiPropertyOptional({
    description: 'The ten latest, latest first; absent where a wallet service has the wallets.',
    type: [WalletEntryDto],
  })
  readonly entries?: readonly WalletEntryDto[] | undefined;
}
