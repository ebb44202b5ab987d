import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { ErrorDto } from '../errors/error.dto.js';
import { customerOf } from './customer-cookie.js';
import { CUSTOMER_HEADER } from './customer-header.js';
import type { CustomerRequest } from './customer-request.js';
import { Customers } from './customers.service.js';

/**
 * Stands for the real authentication of your application, and is none: it believes whatever the header says, or the
 * cookie where there is no header.
 *
 * What matters for the library is the last line: like Passport and its kin, it leaves the user on the request, from
 * where the module's `user` option takes it.
 */
@Injectable()
export class CustomerGuard implements CanActivate {
  constructor(private readonly customers: Customers) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<CustomerRequest>();
    const id = request.headers[CUSTOMER_HEADER] ?? customerOf(request.headers.cookie);
    if (!id || !(await this.customers.isRegistered(id))) {
      const body: ErrorDto = {
        code: 'UNKNOWN_CUSTOMER',
        message: `the header ${CUSTOMER_HEADER} must name a registered customer`,
      };
      throw new UnauthorizedException(body);
    }
    request.user = { id };
    return true;
  }
}
