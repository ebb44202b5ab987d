import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CodeNotSentError,
  InvalidPaymentError,
  NotEnoughFundsError,
  type PaymentCode,
  PaymentDeclinedError,
  PaymentNotFoundError,
  PaymentRefusedError,
  Payments,
  Wallets,
} from 'nestjs-gamification';
import { PaymentSettler } from '../../libs/gamification/src/payments/payment-settler.js';
import { storages } from '../support/storages.js';
import { type EmbeddedUnderTest, openEmbedded } from './embedded.js';

const MINUTE = 60_000;

describe.each(storages)('Payments on $name', (kind) => {
  let underTest: EmbeddedUnderTest;
  let payments: Payments;
  let wallets: Wallets;
  let sent: PaymentCode[];
  let failing: Error | undefined;
  /** What the processor was asked, and what it does. */
  let asked: string[];
  let pay: () => Promise<void>;

  beforeEach(async () => {
    sent = [];
    asked = [];
    failing = undefined;
    pay = async () => undefined;
    underTest = await openEmbedded(kind, {
      payments: {
        confirmationUrl: 'https://shop.example/pay/{paymentId}',
        codeSender: {
          async send(code) {
            if (failing) throw failing;
            sent.push(code);
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
    payments = underTest.apps[0].get(Payments);
    wallets = underTest.apps[0].get(Wallets);
    await wallets.createEntry({ userId: 'ada', amount: 10, reason: 'test' });
  });

  afterEach(() => underTest.close());

  const create = (value = '4', currency = 'points') =>
    payments.create({ userId: 'ada', amount: { value, currency }, returnUrl: 'https://shop.example/' });

  const codeOf = (paymentId: string) => sent.findLast((each) => each.paymentId === paymentId)?.code ?? '';
  /** Another one than the right code. */
  const wrong = (paymentId: string) => (codeOf(paymentId) === '000000' ? '000001' : '000000');
  const statusOf = async (paymentId: string) => (await payments.get(paymentId)).status;
  const total = async () => (await wallets.getWallets({ userIds: ['ada'] })).items[0]?.total;

  it('are created, send a code, and tell where it is entered', async () => {
    const { id, status, confirmationUrl } = await create();

    expect({ status, confirmationUrl }).toEqual({
      status: 'CREATED',
      confirmationUrl: `https://shop.example/pay/${id}`,
    });
    expect(sent).toEqual([
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
  });

  it('are paid from a wallet with the right code, once, however often it is entered', async () => {
    const { id } = await create();

    await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        underTest.apps[index % 2]?.get(Payments).confirm(id, codeOf(id)),
      ),
    );

    expect([await statusOf(id), await total()]).toEqual(['PAID', 6]);
    await expect(payments.cancel(id)).rejects.toThrow(PaymentRefusedError);
  });

  it('allow few attempts, also at once, until there is a new code', async () => {
    const { id } = await create();
    const guesses = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        underTest.apps[index % 2]?.get(Payments).confirm(id, wrong(id)),
      ),
    );
    const reasons = guesses.map((guess) => (guess.status === 'rejected' ? String(guess.reason) : ''));
    expect(reasons.filter((reason) => reason.includes('the code is wrong'))).toHaveLength(5);
    await expect(payments.confirm(id, codeOf(id))).rejects.toThrow('too often');

    const old = codeOf(id);
    await payments.resendCode(id);
    if (old !== codeOf(id)) await expect(payments.confirm(id, old)).rejects.toThrow('the code is wrong');
    await payments.confirm(id, codeOf(id));
    expect(await statusOf(id)).toBe('PAID');
  });

  it('have codes that expire, and not too many of them', async () => {
    const { id } = await create();
    underTest.clock.advance(10 * MINUTE);
    await expect(payments.confirm(id, codeOf(id))).rejects.toThrow('expired');
    expect((await payments.get(id)).expiresIn).toBe(0);
    for (let codes = 2; codes <= 5; codes++) await payments.resendCode(id);
    await expect(payments.resendCode(id)).rejects.toThrow(PaymentRefusedError);
    await payments.confirm(id, codeOf(id));
    expect(await statusOf(id)).toBe('PAID');
  });

  it('stay as they are where the wallet holds too little', async () => {
    const { id } = await create('11');
    await expect(payments.confirm(id, codeOf(id))).rejects.toThrow(NotEnoughFundsError);
    expect([await statusOf(id), await total()]).toEqual(['CREATED', 10]);
    await wallets.createEntry({ userId: 'ada', amount: 1, reason: 'test' });
    await payments.confirm(id, codeOf(id));
    expect([await statusOf(id), await total()]).toEqual(['PAID', 0]);
  });

  it('can be canceled or confirmed, but not both', async () => {
    const { id } = await create();
    const results = await Promise.allSettled([
      payments.cancel(id),
      underTest.apps[1].get(Payments).confirm(id, codeOf(id)),
    ]);

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const canceled = (await statusOf(id)) === 'CANCELED';
    expect(await total()).toBe(canceled ? 10 : 6);
    if (canceled) await expect(payments.resendCode(id)).rejects.toThrow(PaymentRefusedError);
  });

  it('are taken by the processor, once', async () => {
    const { id } = await create('9.90', 'EUR');
    await Promise.all([
      payments.confirm(id, codeOf(id)),
      underTest.apps[1].get(Payments).confirm(id, codeOf(id)),
    ]);
    expect([await statusOf(id), asked]).toEqual(['PAID', [id]]);
  });

  it('are declined by the processor', async () => {
    pay = async () => {
      throw new PaymentDeclinedError('no cover');
    };
    const { id } = await create('9.90', 'EUR');
    await expect(payments.confirm(id, codeOf(id))).rejects.toThrow(PaymentRefusedError);
    expect(await statusOf(id)).toBe('DECLINED');
    await expect(payments.confirm(id, codeOf(id))).rejects.toThrow('DECLINED');
  });

  it('are settled later where nobody knows what became of them', async () => {
    pay = () => new Promise(() => undefined);
    const { id } = await create('9.90', 'EUR');
    await payments.confirm(id, codeOf(id));
    expect(await statusOf(id)).toBe('PROCESSING');
    await expect(payments.cancel(id)).rejects.toThrow(PaymentRefusedError);

    pay = async () => undefined;
    const settlers = underTest.apps.map((app) => app.get(PaymentSettler));
    await Promise.all(settlers.map((settler) => settler.settleDue()));
    expect(await statusOf(id)).toBe('PROCESSING');
    underTest.clock.advance(MINUTE);
    await Promise.all(settlers.map((settler) => settler.settleDue()));

    expect([await statusOf(id), asked]).toEqual(['PAID', [id, id]]);
  });

  it('are canceled where the code cannot be sent', async () => {
    failing = new Error('no network');
    const refusal = await create().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CodeNotSentError);
    expect(refusal).toMatchObject({ cause: failing });
    if (refusal instanceof CodeNotSentError) expect(await statusOf(refusal.paymentId)).toBe('CANCELED');
  });

  it('refuse what cannot be', async () => {
    await expect(create('0')).rejects.toThrow(InvalidPaymentError);
    await expect(create('1.5')).rejects.toThrow(InvalidPaymentError);
    for (const id of ['none', '', '../x']) {
      await expect(payments.get(id)).rejects.toThrow(PaymentNotFoundError);
      await expect(payments.confirm(id, '123456')).rejects.toThrow(PaymentNotFoundError);
      await expect(payments.cancel(id)).rejects.toThrow(PaymentNotFoundError);
      await expect(payments.resendCode(id)).rejects.toThrow(PaymentNotFoundError);
    }
    const { id } = await create();
    for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６']) {
      await expect(payments.confirm(id, code)).rejects.toThrow(PaymentRefusedError);
    }
    await payments.confirm(id, codeOf(id));
    expect(await statusOf(id)).toBe('PAID');
  });
});
