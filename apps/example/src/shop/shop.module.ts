import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { WalletModule } from '../wallet/wallet.module.js';
import { InventoryController } from './inventory.controller.js';
import { ShopController } from './shop.controller.js';
import { Shop } from './shop.service.js';

@Module({
  imports: [CustomersModule, WalletModule],
  controllers: [ShopController, InventoryController],
  providers: [Shop],
})
export class ShopModule {}
