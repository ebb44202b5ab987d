import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { FriendsController } from './friends.controller.js';

@Module({ imports: [CustomersModule], controllers: [FriendsController] })
export class FriendsModule {}
