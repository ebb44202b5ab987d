import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { HomeController } from './home.controller.js';
import { MyGamificationController } from './my-gamification.controller.js';

@Module({ imports: [CustomersModule], controllers: [HomeController, MyGamificationController] })
export class HomeModule {}
