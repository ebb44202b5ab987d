import { Controller, Get, Headers, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { MechanicsCatalog, Shop } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { BoughtPerkDto } from './bought-perk.dto.js';
import { PerkDto } from './perk.dto.js';
import { UsedPerkDto } from './used-perk.dto.js';

const KEY_HEADER = 'idempotency-key';

/** Products of `mechanics.yaml`, with their price, limit and stock: bought with points, and used up. */
@ApiTags('perks')
@Controller('perks')
@ForCustomers()
@ApiConflictResponse({ type: ErrorDto, description: 'There is no such perk, or not as many.' })
export class PerksController {
  constructor(
    private readonly shop: Shop,
    private readonly catalog: MechanicsCatalog,
  ) {}

  @Get()
  @ApiOkResponse({ type: [PerkDto] })
  async all(@CustomerId() customerId: string): Promise<readonly PerkDto[]> {
    const owned = new Map(
      (await this.shop.products(customerId)).map(({ product, count }) => [product, count]),
    );
    return this.catalog.get().products.map(({ id, name, price, limit }) => ({
      id,
      name,
      price,
      count: owned.get(id) ?? 0,
      limit,
    }));
  }

  @Post(':perk/purchases')
  @ApiHeader({
    name: KEY_HEADER,
    required: false,
    description: 'Names the purchase: a repeat of it buys nothing.',
  })
  @ApiCreatedResponse({ type: BoughtPerkDto })
  @ApiResponse({ status: 402, type: ErrorDto, description: 'The wallet holds too few points.' })
  async buy(
    @CustomerId() userId: string,
    @Param('perk') product: string,
    @Headers(KEY_HEADER) idempotencyKey?: string,
  ): Promise<BoughtPerkDto> {
    const { count = 0, balance = 0 } = await this.shop.purchaseProduct({ userId, product, idempotencyKey });
    return { count, points: balance };
  }

  @Post(':perk/uses')
  @ApiCreatedResponse({ type: UsedPerkDto })
  async use(@CustomerId() userId: string, @Param('perk') product: string): Promise<UsedPerkDto> {
    return { count: await this.shop.consumeProduct({ userId, product }) };
  }
}
