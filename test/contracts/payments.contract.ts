import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import {
  CodeNotSentError,
  GamificationError,
  type GamificationModuleOptions,
  InvalidPaymentError,
  type NewPayment,
  NotEnoughFundsError,
  type PaymentCode,
  PaymentDeclinedError,
  PaymentNotFoundError,
  PaymentRefusedError,
  type Payments,
  Wallets,
} from 'nestjs-gamification';
import { PaymentSettler } from '../../libs/gamification/src/payments/payment-settler.js';
import type { TestClock } from '../support/application.js';

const MINUTE = 60_000;

/** How the engine takes payments, wherever it is. */
export type PaymentSettings = Pick<GamificationModuleOptions, 'payments'>;

/** An implementation of `Payments` under test, without payments. */
export interface PaymentsUnderTest {
  /** Two callers, of two instances where there can be two. */
  readonly payments: readonly [Payments, Payments];
  readonly clock: TestClock;
  /** The applications that have the wallets and settle payments; of a remote system, those behind it. */
  readonly homes: readonly INestApplicationContext[];
  close(): Promise<void>;
}

/**
 * What an implementation may be unable to do. This is all that they may differ in:
 * - `writtenAmounts`: to keep `9.90`, which without it becomes `9.9`,
 * - `ownErrors`: to have an error of their own for what is not about the payment and its code. Without it, who has too little
 *   gets a `PaymentRefusedError`, and other refusals are a `GamificationError`.
 */
type Feature = 'writtenAmounts' | 'ownErrors';

/**
 * What every implementation of `Payments` does.
 *
 * @param open makes an implementation whose engine has these settings
 */
export function describePayments(
  name: string,
  open: (settings: PaymentSettings) => Promise<PaymentsUnderTest>,
  { cannot = [] }: { readonly cannot?: readonly Feature[] } = {},
): void {
  describe(`Payments on ${name}`, () => {
    let underTest: PaymentsUnderTest;
    let payments: Payments;
    let wallets: Wallets;
    /** What the sender of codes was given, also where it fails. */
    let given: PaymentCode[];
    let failing: Error | undefined;
    /** What the processor was asked, and what it does. */
    let asked: string[];
    let pay: () => Promise<void>;

    const can = (feature: Feature): boolean => !cannot.includes(feature);

    beforeEach(async () => {
      given = [];
      asked = [];
      failing = undefined;
      pay = async () => undefined;
      underTest = await open({
        payments: {
          confirmationUrl: 'https://shop.example/pay/{paymentId}',
          codeSender: {
            async send(code) {
              given.push(code);
              if (failing) throw failing;
            },
          },
          processor: {
            async pay({ id }) {
              asked.push(id);
              await pay();
            },
          },
          timeout: 200,
        },
      });
      [payments] = underTest.payments;
      const [home] = underTest.homes;
      if (!home) throw new Error('payments have a home');
      wallets = home.get(Wallets);
      await wallets.createEntry({ userId: 'ada', amount: 10, reason: 'test' });
    });

    afterEach(() => underTest.close());

    const create = (value = '4', currency = 'points', more: Partial<NewPayment> = {}) =>
      payments.create({
        userId: 'ada',
        amount: { value, currency },
        returnUrl: 'https://shop.example/',
        ...more,
      });

    const codeOf = (paymentId: string) => given.findLast((each) => each.paymentId === paymentId)?.code ?? '';
    /** Another one than the right code. */
    const wrong = (paymentId: string) => (codeOf(paymentId) === '000000' ? '000001' : '000000');
    const statusOf = async (paymentId: string) => (await payments.get(paymentId)).status;
    const total = async () => (await wallets.getWallets({ userIds: ['ada'] })).items[0]?.total;

    it('are created, send a code, and tell where it is entered', async () => {
      const { id, ...created } = await create();

      expect(created).toEqual({
        status: 'CREATED',
        confirmationUrl: `https://shop.example/pay/${id}`,
      });
      expect(given).toEqual([
        {
          paymentId: id,
          userId: 'ada',
          code: expect.stringMatching(/^\d{6}$/),
          amount: { value: '4', currency: 'points' },
          locale: 'EN',
          expiresAt: new Date(underTest.clock.now() + 10 * MINUTE),
        },
      ]);
      underTest.clock.advance(MINUTE);
      expect(await payments.get(id)).toEqual({
        id,
        status: 'CREATED',
        amount: { value: '4', currency: 'points' },
        returnUrl: 'https://shop.example/',
        locale: 'EN',
        expiresIn: 540,
      });
      expect(await total()).toBe(10);
    });

    it('keep what they are created with', async () => {
      const more = {
        userId: 'ü /?#%',
        description: 'Two teas, "grün" 🍵\n& a cake',
        returnUrl: 'http://localhost:3000/thanks?order=1&of=ada%20b#top',
        locale: 'RU',
      } as const;
      const { id } = await create('9.5', 'EUR', more);

      const { userId, returnUrl, ...told } = more;
      const amount = { value: '9.5', currency: 'EUR' };
      expect(await payments.get(id)).toEqual({
        id,
        status: 'CREATED',
        amount,
        returnUrl,
        ...told,
        expiresIn: 600,
      });
      expect(given).toMatchObject([{ userId, amount, ...told }]);
    });

    it('are of the amount that they are created with, to the last digit', async () => {
      for (const value of ['0.1', '1000', '12345678.1234567', '0.00000000000001', '999999999999999']) {
        const { id } = await create(value, 'EUR');
        expect((await payments.get(id)).amount.value).toBe(value);
        expect(given.at(-1)?.amount).toEqual({ value, currency: 'EUR' });
      }
    });

    it('are of an amount as it is written, or of the same in fewer digits', async () => {
      const { id } = await create('9.90', 'EUR');
      expect((await payments.get(id)).amount.value).toBe(can('writtenAmounts') ? '9.90' : '9.9');
    });

    it('are paid from a wallet with the right code, once, however often it is entered', async () => {
      const { id } = await create();

      await Promise.all(
        Array.from({ length: 5 }, (_, index) => underTest.payments[index % 2]?.confirm(id, codeOf(id))),
      );

      expect([await statusOf(id), await total()]).toEqual(['PAID', 6]);
      await expect(payments.cancel(id)).rejects.toThrow(PaymentRefusedError);
      expect((await payments.get(id)).expiresIn).toBe(0);
    });

    it('forgive a few wrong codes', async () => {
      const { id } = await create();
      for (let attempts = 1; attempts < 5; attempts++) {
        await expect(payments.confirm(id, wrong(id))).rejects.toThrow(PaymentRefusedError);
      }
      await payments.confirm(id, codeOf(id));
      expect(await statusOf(id)).toBe('PAID');
    });

    it('allow few attempts, also at once, until there is a new code', async () => {
      const { id } = await create();
      const guesses = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => underTest.payments[index % 2]?.confirm(id, wrong(id))),
      );
      for (const guess of guesses) {
        expect(guess).toMatchObject({ status: 'rejected', reason: expect.any(PaymentRefusedError) });
      }
      await expect(payments.confirm(id, codeOf(id))).rejects.toThrow(PaymentRefusedError);
      expect([await statusOf(id), await total()]).toEqual(['CREATED', 10]);

      const old = codeOf(id);
      expect(await payments.resendCode(id)).toMatchObject({ id, status: 'CREATED', expiresIn: 600 });
      if (old !== codeOf(id)) await expect(payments.confirm(id, old)).rejects.toThrow(PaymentRefusedError);
      await payments.confirm(id, codeOf(id));
      expect(await statusOf(id)).toBe('PAID');
    });

    it('have codes that expire, and not too many of them', async () => {
      const { id } = await create();
      underTest.clock.advance(10 * MINUTE);
      await expect(payments.confirm(id, codeOf(id))).rejects.toThrow(PaymentRefusedError);
      expect(await payments.get(id)).toMatchObject({ status: 'CREATED', expiresIn: 0 });
      for (let codes = 2; codes <= 5; codes++) await payments.resendCode(id);
      await expect(payments.resendCode(id)).rejects.toThrow(PaymentRefusedError);
      await payments.confirm(id, codeOf(id));
      expect(await statusOf(id)).toBe('PAID');
    });

    it('stay as they are where the wallet holds too little', async () => {
      const { id } = await create('11');
      await expect(payments.confirm(id, codeOf(id))).rejects.toThrow(
        can('ownErrors') ? NotEnoughFundsError : PaymentRefusedError,
      );
      expect([await statusOf(id), await total()]).toEqual(['CREATED', 10]);
      await wallets.createEntry({ userId: 'ada', amount: 1, reason: 'test' });
      await payments.confirm(id, codeOf(id));
      expect([await statusOf(id), await total()]).toEqual(['PAID', 0]);
    });

    it('take no more than there is, however many are confirmed at once', async () => {
      const ids = await Promise.all(Array.from({ length: 4 }, async () => (await create()).id));
      const results = await Promise.allSettled(
        ids.map((id, index) => underTest.payments[index % 2]?.confirm(id, codeOf(id))),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      expect(await total()).toBe(2);
    });

    it('can be canceled or confirmed, but not both', async () => {
      const { id } = await create();
      const results = await Promise.allSettled([
        payments.cancel(id),
        underTest.payments[1].confirm(id, codeOf(id)),
      ]);

      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const canceled = (await statusOf(id)) === 'CANCELED';
      expect(await total()).toBe(canceled ? 10 : 6);
    });

    it('stay canceled', async () => {
      const { id } = await create();
      await payments.cancel(id);
      await payments.cancel(id);
      await expect(payments.confirm(id, codeOf(id))).rejects.toThrow(PaymentRefusedError);
      await expect(payments.resendCode(id)).rejects.toThrow(PaymentRefusedError);
      expect(await payments.get(id)).toMatchObject({ status: 'CANCELED', expiresIn: 0 });
      expect(await total()).toBe(10);
    });

    it('are taken by the processor, once', async () => {
      const { id } = await create('9.90', 'EUR');
      await Promise.all([payments.confirm(id, codeOf(id)), underTest.payments[1].confirm(id, codeOf(id))]);
      expect([await statusOf(id), asked]).toEqual(['PAID', [id]]);
    });

    it('are declined by the processor', async () => {
      pay = async () => {
        throw new PaymentDeclinedError('no cover');
      };
      const { id } = await create('9.90', 'EUR');
      await expect(payments.confirm(id, codeOf(id))).rejects.toThrow(PaymentRefusedError);
      expect(await statusOf(id)).toBe('DECLINED');
      await expect(payments.confirm(id, codeOf(id))).rejects.toThrow(PaymentRefusedError);
      expect(asked).toEqual([id]);
    });

    it('are settled later where nobody knows what became of them', async () => {
      pay = () => new Promise(() => undefined);
      const { id } = await create('9.90', 'EUR');
      await payments.confirm(id, codeOf(id));
      expect(await statusOf(id)).toBe('PROCESSING');
      await expect(payments.cancel(id)).rejects.toThrow(PaymentRefusedError);

      pay = async () => undefined;
      const settlers = underTest.homes.map((home) => home.get(PaymentSettler));
      await Promise.all(settlers.map((settler) => settler.settleDue()));
      expect(await statusOf(id)).toBe('PROCESSING');
      underTest.clock.advance(MINUTE);
      await Promise.all(settlers.map((settler) => settler.settleDue()));

      expect([await statusOf(id), asked]).toEqual(['PAID', [id, id]]);
    });

    it('are canceled where the first code cannot be sent, and can have another where a later one cannot', async () => {
      const { id } = await create();
      failing = new Error('no network');
      const error = can('ownErrors') ? CodeNotSentError : GamificationError;
      await expect(create()).rejects.toThrow(error);
      const lost = given.at(-1)?.paymentId ?? '';
      expect(lost).not.toBe(id);
      expect(await statusOf(lost)).toBe('CANCELED');
      await expect(payments.confirm(lost, codeOf(lost))).rejects.toThrow(PaymentRefusedError);

      await expect(payments.resendCode(id)).rejects.toThrow(error);
      expect(await statusOf(id)).toBe('CREATED');
      failing = undefined;
      await payments.resendCode(id);
      await payments.confirm(id, codeOf(id));
      expect([await statusOf(id), await total()]).toEqual(['PAID', 6]);
    });

    it('refuse what cannot be', async () => {
      for (const value of ['0', '0.00', '-1', '1e3', '', 'ten']) {
        await expect(create(value)).rejects.toThrow(InvalidPaymentError);
      }
      await expect(create('1', 'points', { returnUrl: 'shop' })).rejects.toThrow(InvalidPaymentError);
      await expect(create('1', 'points', { userId: '' })).rejects.toThrow(InvalidPaymentError);
      // Wallets hold whole numbers. That only the system that has them knows.
      await expect(create('1.5')).rejects.toThrow(can('ownErrors') ? InvalidPaymentError : GamificationError);
      expect(given).toEqual([]);
    });

    it('are not there by another id', async () => {
      for (const id of ['none', '', '.', '../x', 'a/b?c#d', 'x'.repeat(300)]) {
        await expect(payments.get(id)).rejects.toThrow(PaymentNotFoundError);
        await expect(payments.confirm(id, '123456')).rejects.toThrow(PaymentNotFoundError);
        await expect(payments.cancel(id)).rejects.toThrow(PaymentNotFoundError);
        await expect(payments.resendCode(id)).rejects.toThrow(PaymentNotFoundError);
      }
    });

    it('are not confirmed with what is no code, which is no attempt', async () => {
      const { id } = await create();
      for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６', `${codeOf(id)} `, '&code=1']) {
        await expect(payments.confirm(id, code)).rejects.toThrow(PaymentRefusedError);
      }
      await payments.confirm(id, codeOf(id));
      expect(await statusOf(id)).toBe('PAID');
    });
  });
}
