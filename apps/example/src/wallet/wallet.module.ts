import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { Ledger } from './ledger.service.js';
import { WalletController } from './wallet.controller.js';

@Module({
  imports: [CustomersModule],
  controllers: [WalletController],
  providers: [Ledger],
  exports: [Ledger],
})
export class WalletModule {}
