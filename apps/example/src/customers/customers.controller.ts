import { Body, Controller, Post } from '@nestjs/common';
import { ApiBadRequestResponse, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { type TrackContext, TrackEvent } from 'nestjs-gamification';
import { ErrorDto } from '../errors/error.dto.js';
import { CustomerDto } from './customer.dto.js';
import { Customers } from './customers.service.js';
import { Registered } from './registered.event.js';

@ApiTags('customers')
@Controller('customers')
export class CustomersController {
  constructor(private readonly customers: Customers) {}

  /** Registers a customer. Doing it again changes the name, and does not count as another registration. */
  @Post()
  @ApiCreatedResponse({ type: CustomerDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @TrackEvent(Registered, {
    // Nobody is logged in while registering, so the user comes from the result instead of the request.
    user: ({ result }: TrackContext<CustomerDto>) => result.id,
    // A key belongs to one user and one type of event: with a constant one, each customer registers once.
    idempotenceKey: 'once',
    // The answer waits until the event is recorded.
    sync: true,
  })
  async register(@Body() customer: CustomerDto): Promise<CustomerDto> {
    await this.customers.introduce(customer);
    return customer;
  }
}
