import { Body, Controller, Get, Headers, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { Shop } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { BalanceDto } from './balance.dto.js';
import { BoughtSouvenirDto } from './bought-souvenir.dto.js';
import { BuySouvenirDto } from './buy-souvenir.dto.js';
import { SouvenirDto } from './souvenir.dto.js';
import { SOUVENIRS } from './souvenirs.js';

const KEY_HEADER = 'idempotency-key';

/** Sells souvenirs for money that customers have elsewhere: whoever serves `Shop` takes it. */
@ApiTags('souvenirs')
@Controller('souvenirs')
@ForCustomers()
@ApiConflictResponse({ type: ErrorDto, description: 'The customer has not linked an account.' })
export class SouvenirsController {
  constructor(private readonly shop: Shop) {}

  @Get()
  @ApiOkResponse({ type: [SouvenirDto] })
  souvenirs(): readonly SouvenirDto[] {
    return SOUVENIRS;
  }

  /** What the customer can spend on them. */
  @Get('balance')
  @ApiOkResponse({ type: BalanceDto })
  async balance(@CustomerId() customerId: string): Promise<BalanceDto> {
    return { balance: await this.shop.balance(customerId) };
  }

  /** Buys a souvenir. */
  @Post('purchases')
  @ApiHeader({
    name: KEY_HEADER,
    required: false,
    description: 'Names the purchase: a repeat of it is paid once.',
  })
  @ApiCreatedResponse({ type: BoughtSouvenirDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiResponse({ status: 402, type: ErrorDto, description: 'The account holds too little.' })
  async buy(
    @CustomerId() userId: string,
    @Body() { souvenir }: BuySouvenirDto,
    @Headers(KEY_HEADER) idempotencyKey?: string,
  ): Promise<BoughtSouvenirDto> {
    const found = SOUVENIRS.find(({ id }) => id === souvenir);
    if (!found) throw new Error(`there is no ${souvenir}, which its DTO should have refused`);
    const { name: item, price } = found;
    const { id, balance } = await this.shop.purchaseItem({ userId, item, price, idempotencyKey });
    return { souvenir, purchase: id, balance };
  }
}
