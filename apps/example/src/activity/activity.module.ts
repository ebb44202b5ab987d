import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { ActivityController } from './activity.controller.js';

@Module({ imports: [CustomersModule], controllers: [ActivityController] })
export class ActivityModule {}
