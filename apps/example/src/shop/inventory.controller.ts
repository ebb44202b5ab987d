import { Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiConflictResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { OwnedItemDto } from './owned-item.dto.js';
import { Shop } from './shop.service.js';

@ApiTags('inventory')
@Controller('inventory')
@ForCustomers()
export class InventoryController {
  constructor(private readonly shop: Shop) {}

  /** The items that were bought and not used yet. */
  @Get()
  @ApiOkResponse({ type: [OwnedItemDto] })
  list(@CustomerId() customerId: string): Promise<readonly OwnedItemDto[]> {
    return this.shop.inventory(customerId);
  }

  /** Uses an item up. */
  @Post(':entryId/use')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ type: OwnedItemDto })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'The customer has no such item.' })
  @ApiConflictResponse({ type: ErrorDto, description: 'It was used before.' })
  use(@CustomerId() customerId: string, @Param('entryId') entryId: string): Promise<OwnedItemDto> {
    return this.shop.use(customerId, entryId);
  }
}
