import { Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PaymentPagesController } from 'nestjs-gamification';

/** Where users enter the codes of their payments. */
@ApiExcludeController()
@Controller('payments')
export class PaymentPages extends PaymentPagesController {}
