import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { DrinksController } from './drinks.controller.js';

@Module({ imports: [CustomersModule], controllers: [DrinksController] })
export class DrinksModule {}
