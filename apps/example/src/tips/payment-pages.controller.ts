import { Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PaymentPagesController } from 'nestjs-gamification';

/** Where customers enter the codes of their tips. */
@ApiExcludeController()
@Controller('payments')
export class PaymentPages extends PaymentPagesController {}
