import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { ApiBadRequestResponse, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Payments } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { POINTS } from '../wallet/currency.js';
import { NewTipDto } from './new-tip.dto.js';
import { PhoneDto } from './phone.dto.js';
import { Phones } from './phones.js';
import { PUBLIC_URL } from './public-url.js';
import { TipDto } from './tip.dto.js';

/** Tips in points: a payment, which is made when the customer has entered the code that comes to their phone. */
@ApiTags('tips')
@Controller()
@ForCustomers()
export class TipsController {
  constructor(
    private readonly payments: Payments,
    private readonly phones: Phones,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  @Post('tips')
  @ApiCreatedResponse({ type: TipDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  async give(@CustomerId() userId: string, @Body() { points, locale }: NewTipDto): Promise<TipDto> {
    const { id, confirmationUrl } = await this.payments.create({
      userId,
      amount: { value: String(points), currency: POINTS },
      description: locale === 'RU' ? 'Чаевые' : 'A tip',
      returnUrl: `${this.publicUrl}/`,
      locale,
    });
    return { id, confirmationUrl };
  }

  /** What stands on the customer's phone: it takes the place of a real one. */
  @Get('phone')
  @ApiOkResponse({ type: PhoneDto })
  phone(@CustomerId() userId: string): PhoneDto {
    return { message: this.phones.messageFor(userId) };
  }
}
