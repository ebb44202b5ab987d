import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { GloebitAccountController } from './gloebit-account.controller.js';
import { SouvenirsController } from './souvenirs.controller.js';

@Module({ imports: [CustomersModule], controllers: [GloebitAccountController, SouvenirsController] })
export class AccountsModule {}
