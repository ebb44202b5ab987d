import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { PerksController } from './perks.controller.js';

@Module({ imports: [CustomersModule], controllers: [PerksController] })
export class PerksModule {}
