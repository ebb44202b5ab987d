import { Body, Controller, Get, Headers, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { GoodDto } from './good.dto.js';
import { GOODS } from './goods.js';
import { OwnedItemDto } from './owned-item.dto.js';
import { PurchaseDto } from './purchase.dto.js';
import { Shop } from './shop.service.js';

const KEY_HEADER = 'idempotency-key';

@ApiTags('shop')
@Controller('shop')
export class ShopController {
  constructor(private readonly shop: Shop) {}

  @Get()
  @ApiOkResponse({ type: [GoodDto] })
  goods(): readonly GoodDto[] {
    return GOODS;
  }

  /** Buys an item with points. */
  @Post('purchases')
  @ForCustomers()
  @ApiHeader({
    name: KEY_HEADER,
    required: false,
    description: 'Names the purchase: a repeat of it buys nothing.',
  })
  @ApiCreatedResponse({ type: OwnedItemDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiResponse({ status: 402, type: ErrorDto, description: 'The wallet holds too few points.' })
  buy(
    @CustomerId() customerId: string,
    @Body() { item }: PurchaseDto,
    @Headers(KEY_HEADER) key?: string,
  ): Promise<OwnedItemDto> {
    return this.shop.buy(customerId, item, key);
  }
}
