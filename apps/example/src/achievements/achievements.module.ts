import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { AchievementsController } from './achievements.controller.js';

@Module({ imports: [CustomersModule], controllers: [AchievementsController] })
export class AchievementsModule {}
