import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { CustomerRequest } from './customer-request.js';

/** Who is asking, on handlers behind `@ForCustomers()`. */
export const CustomerId = createParamDecorator((_: undefined, context: ExecutionContext): string => {
  const { user } = context.switchToHttp().getRequest<CustomerRequest>();
  if (!user) throw new Error('@CustomerId() is for handlers behind @ForCustomers()');
  return user.id;
});
