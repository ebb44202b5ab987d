import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { WalletController } from './wallet.controller.js';

@Module({ imports: [CustomersModule], controllers: [WalletController] })
export class WalletModule {}
