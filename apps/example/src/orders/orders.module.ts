import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { WalletModule } from '../wallet/wallet.module.js';
import { OrdersController } from './orders.controller.js';
import { Orders } from './orders.service.js';

@Module({ imports: [CustomersModule, WalletModule], controllers: [OrdersController], providers: [Orders] })
export class OrdersModule {}
