import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type Entry, NotSupportedByWalletServiceError, Wallets } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { POINTS } from './currency.js';
import { WalletDto } from './wallet.dto.js';

@ApiTags('wallet')
@Controller('wallet')
@ForCustomers()
export class WalletController {
  constructor(private readonly wallets: Wallets) {}

  @Get()
  @ApiOkResponse({ type: WalletDto })
  async show(@CustomerId() customerId: string): Promise<WalletDto> {
    const [totals, entries] = await Promise.all([
      this.wallets.getWallets({ userIds: [customerId], resources: [POINTS] }),
      this.latest(customerId),
    ]);
    return {
      // Someone who never had an entry has no total yet.
      points: totals.items[0]?.total ?? 0,
      entries: entries?.map(({ entryId, amount, reason, createdOn }) => ({
        entryId,
        amount,
        reason,
        createdOn,
      })),
    };
  }

  /** The latest entries; nothing from a wallet service, which tells the sum and not what it is made of. */
  private async latest(userId: string): Promise<readonly Entry[] | undefined> {
    try {
      return (await this.wallets.entries({ userId, resource: POINTS, limit: 10 })).items;
    } catch (error) {
      if (error instanceof NotSupportedByWalletServiceError) return undefined;
      throw error;
    }
  }
}
