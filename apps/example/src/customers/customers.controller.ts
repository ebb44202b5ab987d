import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiBadRequestResponse, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { type TrackContext, TrackEvent } from 'nestjs-gamification';
import { ErrorDto } from '../errors/error.dto.js';
import { CustomerDto } from './customer.dto.js';
import { customerCookie } from './customer-cookie.js';
import { Customers } from './customers.service.js';
import { Registered } from './registered.event.js';

/** What a response can do on any HTTP adapter of Nest. */
interface Response {
  header(name: string, value: string): unknown;
}

@ApiTags('customers')
@Controller('customers')
export class CustomersController {
  constructor(private readonly customers: Customers) {}

  /**
   * Registers a customer, and makes the browser that does so the customer's. Doing it again changes what is known, and
   * does not count as another registration.
   */
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
  async register(
    @Body() customer: CustomerDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CustomerDto> {
    await this.customers.introduce(customer);
    response.header('set-cookie', customerCookie(customer.id));
    return customer;
  }
}
