import { Body, Controller, Post } from '@nestjs/common';
import { ApiBadRequestResponse, ApiConflictResponse, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { type TrackContext, TrackEvent } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { OrderDto } from './order.dto.js';
import { OrderPlaced } from './order-placed.event.js';
import { Orders } from './orders.service.js';
import { PlaceOrderDto } from './place-order.dto.js';

@ApiTags('orders')
@Controller('orders')
@ForCustomers()
export class OrdersController {
  constructor(private readonly orders: Orders) {}

  /** Takes an order and pays its points. An order that is sent again gets the answer of the first time. */
  @Post()
  @ApiCreatedResponse({ type: OrderDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'The id belongs to another order.' })
  @TrackEvent(OrderPlaced, {
    // As with the points: an order that is sent again is not another event.
    idempotenceKey: ({ result }: TrackContext<OrderDto>) => result.id,
    traits: ({ result: { drink, quantity, total } }: TrackContext<OrderDto>) => ({ drink, quantity, total }),
    // The answer waits for the event, so that an order that was answered is an order that was recorded.
    sync: true,
  })
  place(@CustomerId() customerId: string, @Body() order: PlaceOrderDto): Promise<OrderDto> {
    return this.orders.place(customerId, order);
  }
}
