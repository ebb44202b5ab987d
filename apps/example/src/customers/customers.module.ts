import { Module } from '@nestjs/common';
import { CustomersController } from './customers.controller.js';
import { Customers } from './customers.service.js';

@Module({
  controllers: [CustomersController],
  providers: [Customers],
  // What the guard needs in the modules that use it.
  exports: [Customers],
})
export class CustomersModule {}
