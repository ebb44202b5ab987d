import { Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { GamificationController } from 'nestjs-gamification';
import { ForCustomers } from '../customers/for-customers.decorator.js';

/** What the widgets on the shop's page read: to each customer what is theirs. */
@ApiExcludeController()
@Controller('gamification')
@ForCustomers()
export class MyGamificationController extends GamificationController {}
