import { applyDecorators, UseGuards } from '@nestjs/common';
import { ApiSecurity, ApiUnauthorizedResponse } from '@nestjs/swagger';
import { ErrorDto } from '../errors/error.dto.js';
import { CustomerGuard } from './customer.guard.js';
import { CUSTOMER_HEADER } from './customer-header.js';

/** Only for requests that say which customer they come from. */
export function ForCustomers(): ClassDecorator & MethodDecorator {
  return applyDecorators(
    UseGuards(CustomerGuard),
    ApiSecurity(CUSTOMER_HEADER),
    ApiUnauthorizedResponse({ type: ErrorDto, description: 'No registered customer is named.' }),
  );
}
