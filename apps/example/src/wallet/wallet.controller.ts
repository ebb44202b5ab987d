import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Wallets } from 'nestjs-gamification';
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
      this.wallets.entries({ userId: customerId, resource: POINTS, limit: 10 }),
    ]);
    return {
      // Someone who never had an entry has no total yet.
      points: totals.items[0]?.total ?? 0,
      entries: entries.items.map(({ entryId, amount, reason, createdOn }) => ({
        entryId,
        amount,
        reason,
        createdOn,
      })),
    };
  }
}
