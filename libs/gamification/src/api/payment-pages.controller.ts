import { Body, Get, HttpCode, HttpStatus, Inject, Logger, Param, Post, Res } from '@nestjs/common';
import { PaymentNotFoundError, PaymentRefusedError } from '../payments/payments.errors.js';
import { Payments } from '../payments/payments.js';
import { toError } from '../to-error.js';
import { propertyOf } from '../validation.js';
import { NotEnoughFundsError } from '../wallets/wallets.errors.js';
import { missingPaymentPage, PAGE_HEADERS, type PageMessage, paymentPage } from './payment-page.js';

/** What a response can do on any HTTP adapter of Nest. */
interface PageResponse {
  header(name: string, value: string): unknown;
  status(code: number): unknown;
}

/**
 * The pages on which users enter the codes of their payments, in English or Russian. The application mounts them where the
 * option `payments.confirmationUrl` says. Whoever has the address and the code can confirm, so no guard is needed:
 *
 * ```ts
 * @Controller('payments')
 * export class PaymentPages extends PaymentPagesController {}
 * ```
 *
 * They work without a script: the form of a page is sent as `application/x-www-form-urlencoded`, which Fastify needs
 * `@fastify/formbody` for.
 */
export abstract class PaymentPagesController {
  private readonly logger = new Logger('Payments');

  constructor(@Inject(Payments) private readonly payments: Payments) {}

  @Get(':paymentId')
  show(
    @Param('paymentId') paymentId: string,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<string> {
    return this.page(paymentId, response);
  }

  @Post(':paymentId')
  @HttpCode(HttpStatus.OK)
  async act(
    @Param('paymentId') paymentId: string,
    @Body() form: unknown,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<string> {
    try {
      await this.perform(paymentId, String(propertyOf(form, 'action')), String(propertyOf(form, 'code')));
    } catch (error) {
      if (error instanceof PaymentNotFoundError) return this.page(paymentId, response);
      return this.page(paymentId, response, this.messageOf(error));
    }
    return this.page(paymentId, response, propertyOf(form, 'action') === 'resend' ? 'sent' : undefined);
  }

  private async perform(paymentId: string, action: string, code: string): Promise<void> {
    if (action === 'cancel') await this.payments.cancel(paymentId);
    else if (action === 'resend') await this.payments.resendCode(paymentId);
    else await this.payments.confirm(paymentId, code.trim());
  }

  private messageOf(error: unknown): PageMessage {
    if (error instanceof PaymentRefusedError) return 'wrong';
    if (error instanceof NotEnoughFundsError) return 'poor';
    this.logger.error(`a payment could not be gone on with: ${toError(error).message}`);
    return 'failed';
  }

  private async page(paymentId: string, response: PageResponse, message?: PageMessage): Promise<string> {
    for (const [name, value] of PAGE_HEADERS) response.header(name, value);
    try {
      return paymentPage(await this.payments.get(paymentId), message);
    } catch (error) {
      if (!(error instanceof PaymentNotFoundError)) throw error;
      response.status(HttpStatus.NOT_FOUND);
      return missingPaymentPage();
    }
  }
}
