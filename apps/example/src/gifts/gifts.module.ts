import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { GiftQuota } from './gift-quota.js';
import { GiftsController } from './gifts.controller.js';

@Module({ imports: [CustomersModule], controllers: [GiftsController], providers: [GiftQuota] })
export class GiftsModule {}
