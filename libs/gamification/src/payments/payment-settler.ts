import { Logger } from '@nestjs/common';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { toError } from '../to-error.js';
import { within } from '../within.js';
import { changePayments, paymentsDue } from './change-payment.js';
import { PaymentDeclinedError } from './payment-processor.js';
import type { KeptPayment } from './payment-rows.js';
import { PaymentRefusedError } from './payments.errors.js';
import type { PaymentsOptions } from './payments.options.js';

/** How often it is looked for payments of which nobody knows what became of them, in milliseconds. */
const INTERVAL = 30_000;
/** How much longer than the processor may take another try waits, in milliseconds. */
const GRACE = 30_000;
/** Payments that are settled in one go. */
const MAX_AT_ONCE = 20;

/**
 * Lets the processor take confirmed payments, and asks it again about those of which nobody knows what became of them: it
 * failed, took too long, or the process that asked it has ended.
 */
export class PaymentSettler {
  private readonly logger = new Logger('Payments');
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly options: PaymentsOptions,
  ) {}

  /** Begins to look for payments that are due. */
  start(): void {
    this.timer = setInterval(() => {
      this.underWay ??= this.settleDue().finally(() => {
        this.underWay = undefined;
      });
    }, INTERVAL);
    this.timer.unref();
  }

  /** Stops looking, and waits for what is under way. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }

  /** When the processor is asked again, unless it is known by then what became of the payment. */
  nextTry(): number {
    return this.clock.now() + this.options.timeout + GRACE;
  }

  /**
   * Lets the processor take a payment for which this is the only one to ask now.
   *
   * @returns what the payment is then
   */
  async settle(payment: KeptPayment): Promise<KeptPayment> {
    const { id, userId, value, currency, description } = payment;
    const { processor, timeout } = this.options;
    if (!processor) return payment;
    let failure: unknown;
    const paid = Promise.resolve()
      .then(() =>
        processor.pay({
          id,
          userId,
          amount: { value, currency },
          ...(description === null ? {} : { description }),
        }),
      )
      .then(
        () => true,
        (error: unknown) => {
          failure = error;
          return false;
        },
      );
    const inTime = await within(timeout, paid);
    if (inTime && (await paid)) return this.become(payment, 'PAID');
    if (failure instanceof PaymentDeclinedError) return this.become(payment, 'DECLINED');
    const problem = inTime ? toError(failure).message : `no answer within ${timeout} ms`;
    this.logger.warn(`the processor has not taken payment ${id}, and is asked again: ${problem}`);
    return payment;
  }

  /** Asks about all payments that are due. */
  async settleDue(): Promise<void> {
    try {
      const now = this.clock.now();
      for (const payment of await this.database.read((sql) => paymentsDue(sql, now, MAX_AT_ONCE))) {
        const claimed = await this.claim(payment.id);
        if (claimed) await this.settle(claimed);
      }
    } catch (error) {
      this.logger.error(`payments could not be settled: ${toError(error).message}`);
    }
  }

  private async claim(paymentId: string): Promise<KeptPayment | undefined> {
    const change = { kind: 'try', at: this.clock.now(), nextTryAt: this.nextTry() } as const;
    try {
      const { payment } = await this.database.write(
        changePayments,
        { paymentId, change },
        { keys: [paymentId] },
      );
      return payment;
    } catch (error) {
      if (error instanceof PaymentRefusedError) return undefined;
      throw error;
    }
  }

  private async become({ id: paymentId }: KeptPayment, status: 'PAID' | 'DECLINED'): Promise<KeptPayment> {
    const change = { kind: 'become', status } as const;
    const { payment } = await this.database.write(
      changePayments,
      { paymentId, change },
      { keys: [paymentId] },
    );
    return payment;
  }
}
