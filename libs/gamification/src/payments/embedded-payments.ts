import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import type { Ids } from '../ids.js';
import { checkedOr, inShort, isIdentifier } from '../validation.js';
import { entryOf, type LedgerEntry } from '../wallets/ledger-entry.js';
import { within } from '../within.js';
import {
  changePayments,
  createPayments,
  findPayment,
  type PaymentChange,
  type PaymentChanged,
} from './change-payment.js';
import { hashCode, isCode, matchesCode, newCode } from './confirmation-code.js';
import { NewPayment } from './payment-inputs.js';
import type { KeptPayment } from './payment-rows.js';
import type { PaymentSettler } from './payment-settler.js';
import {
  CodeNotSentError,
  InvalidPaymentError,
  PaymentNotFoundError,
  PaymentRefusedError,
} from './payments.errors.js';
import { type CreatedPayment, type Payment, Payments } from './payments.js';
import type { PaymentsOptions } from './payments.options.js';

/** What the payments need of the application. */
export interface PaymentsSetting {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly settler: PaymentSettler;
  readonly options: PaymentsOptions;
  /** Whether a currency is a resource of the mechanics, which wallets hold. */
  readonly isResource: (currency: string) => boolean;
  /** Who writes the entries of payments. */
  readonly authorityId: string;
}

/** {@link Payments} in the library's own database. */
export class EmbeddedPayments extends Payments {
  constructor(private readonly setting: PaymentsSetting) {
    super();
  }

  async create(given: NewPayment): Promise<CreatedPayment> {
    const { database, clock, ids, options } = this.setting;
    const input = checkedOr(NewPayment, given, (problems) => new InvalidPaymentError(problems));
    this.needPayable(input);
    const { userId, amount, returnUrl, description = null, locale = 'EN' } = input;
    const id = ids.next();
    const code = newCode();
    const payment: KeptPayment = {
      id,
      userId,
      status: 'CREATED',
      value: amount.value,
      currency: amount.currency,
      returnUrl,
      description,
      locale,
      createdAt: clock.now(),
      codeHash: await hashCode(code, saltOf(id, 1)),
      codeExpiresAt: clock.now() + options.codeLifetime * 1_000,
      attempts: 0,
      codes: 1,
      nextTryAt: null,
    };
    await database.write(createPayments, payment, { keys: [id] });
    try {
      await this.send(payment, code);
    } catch (error) {
      await this.cancel(id);
      throw error;
    }
    const confirmationUrl = options.confirmationUrl.replace('{paymentId}', encodeURIComponent(id));
    return { id, status: payment.status, confirmationUrl };
  }

  async get(paymentId: string): Promise<Payment> {
    return this.toPayment(await this.find(paymentId));
  }

  async resendCode(paymentId: string): Promise<Payment> {
    const { clock, options } = this.setting;
    const number = (await this.find(paymentId)).codes + 1;
    const code = newCode();
    const { payment } = await this.change(paymentId, {
      kind: 'code',
      number,
      hash: await hashCode(code, saltOf(paymentId, number)),
      expiresAt: clock.now() + options.codeLifetime * 1_000,
      maxCodes: options.maxCodes,
    });
    await this.send(payment, code);
    return this.toPayment(payment);
  }

  async confirm(paymentId: string, code: string): Promise<void> {
    const { clock, settler, options } = this.setting;
    await this.find(paymentId);
    if (!isCode(code)) throw new PaymentRefusedError(paymentId, 'a code has six digits');
    const { payment } = await this.change(paymentId, {
      kind: 'attempt',
      at: clock.now(),
      maxAttempts: options.maxAttempts,
    });
    const { codeHash, codes, status } = payment;
    if (!(await matchesCode(code, saltOf(paymentId, codes), codeHash))) {
      throw new PaymentRefusedError(paymentId, 'the code is wrong');
    }
    if (status !== 'CREATED') return;
    if (this.setting.isResource(payment.currency)) {
      const entry = this.entryOf(payment);
      await this.change(paymentId, { kind: 'become', status: 'PAID', codeHash, entry });
      return;
    }
    const claimed = await this.change(paymentId, {
      kind: 'become',
      status: 'PROCESSING',
      codeHash,
      nextTryAt: settler.nextTry(),
    });
    // Of several who confirm it at the same moment, one asks the processor.
    const settled = claimed.changed ? await settler.settle(claimed.payment) : claimed.payment;
    if (settled.status === 'DECLINED') {
      throw new PaymentRefusedError(paymentId, 'the processor declines it');
    }
  }

  async cancel(paymentId: string): Promise<void> {
    await this.find(paymentId);
    await this.change(paymentId, { kind: 'become', status: 'CANCELED' });
  }

  private find(paymentId: string): Promise<KeptPayment> {
    if (!isIdentifier(paymentId)) throw new PaymentNotFoundError(inShort(paymentId));
    return this.setting.database.read((sql) => findPayment(sql, paymentId));
  }

  private change(paymentId: string, change: PaymentChange): Promise<PaymentChanged> {
    return this.setting.database.write(changePayments, { paymentId, change }, { keys: [paymentId] });
  }

  private needPayable({ amount: { value, currency } }: NewPayment): void {
    const { isResource, options } = this.setting;
    if (isResource(currency)) {
      if (/^\d+$/.test(value)) return;
      throw new InvalidPaymentError([
        { path: 'amount.value', got: inShort(value), allowed: 'a whole number, as of every resource' },
      ]);
    }
    if (options.processor) return;
    throw new InvalidPaymentError([
      {
        path: 'amount.currency',
        got: inShort(currency),
        allowed: 'a resource of the mechanics; others only with the option `payments.processor`',
      },
    ]);
  }

  private async send(payment: KeptPayment, code: string): Promise<void> {
    const { codeSender, timeout } = this.setting.options;
    const { id, userId, value, currency, description, locale, codeExpiresAt } = payment;
    const sending = Promise.resolve().then(() =>
      codeSender.send({
        paymentId: id,
        userId,
        code,
        amount: { value, currency },
        ...(description === null ? {} : { description }),
        locale,
        expiresAt: new Date(codeExpiresAt),
      }),
    );
    let inTime: boolean;
    try {
      inTime = await within(timeout, sending);
    } catch (cause) {
      throw new CodeNotSentError(id, { cause });
    }
    if (!inTime) throw new CodeNotSentError(id, { cause: new Error(`not sent within ${timeout} ms`) });
  }

  private entryOf({ id, userId, value, currency, description }: KeptPayment): LedgerEntry {
    const { ids, clock, authorityId } = this.setting;
    return entryOf({
      id: ids.next(),
      authorityId,
      userId,
      resource: currency,
      createdAt: clock.now(),
      amount: -Number(value),
      reason: description === null ? `Payment ${id}` : `Payment: ${description}`.slice(0, 1_000),
    });
  }

  private toPayment(payment: KeptPayment): Payment {
    const { id, status, value, currency, returnUrl, description, locale, codeExpiresAt } = payment;
    const left = Math.ceil((codeExpiresAt - this.setting.clock.now()) / 1_000);
    return {
      id,
      status,
      amount: { value, currency },
      returnUrl,
      ...(description === null ? {} : { description }),
      locale,
      expiresIn: status === 'CREATED' ? Math.max(0, left) : 0,
    };
  }
}

/** Each code has a salt of its own. */
function saltOf(paymentId: string, number: number): string {
  return `${paymentId} ${number}`;
}
