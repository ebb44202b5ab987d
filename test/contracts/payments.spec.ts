import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CodeNotSentError, type PaymentCode, PaymentDeclinedError, Payments } from 'nestjs-gamification';
import { failureOf } from '../support/failure-of.js';
import { storages } from '../support/storages.js';
import { type EmbeddedUnderTest, openEmbedded } from './embedded.js';
import { describePayments } from './payments.contract.js';

for (const kind of storages) {
  describePayments(`the embedded engine, ${kind.name}`, async (settings) => {
    const { apps, clock, close } = await openEmbedded(kind, settings);
    const [first, second] = apps;
    return { payments: [first.get(Payments), second.get(Payments)], clock, homes: apps, close };
  });
}

describe.each(storages)('Payments on $name say why', (kind) => {
  let underTest: EmbeddedUnderTest;
  let payments: Payments;
  let sent: PaymentCode[];
  let failing: Error | undefined;

  beforeEach(async () => {
    sent = [];
    failing = undefined;
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
          async pay() {
            throw new PaymentDeclinedError('no cover');
          },
        },
      },
    });
    payments = underTest.apps[0].get(Payments);
  });

  afterEach(() => underTest.close());

  const create = () =>
    payments.create({
      userId: 'ada',
      amount: { value: '9.90', currency: 'EUR' },
      returnUrl: 'https://shop.example/',
    });

  const code = () => sent.at(-1)?.code ?? '';
  const wrong = () => (code() === '000000' ? '000001' : '000000');

  it('a code is not taken', async () => {
    const { id } = await create();
    const guesses = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => underTest.apps[index % 2]?.get(Payments).confirm(id, wrong())),
    );
    const reasons = guesses.map((guess) => (guess.status === 'rejected' ? String(guess.reason) : ''));
    expect(reasons.filter((reason) => reason.includes('the code is wrong'))).toHaveLength(5);
    expect(reasons.filter((reason) => reason.includes('too often'))).toHaveLength(15);
    await payments.resendCode(id);
    underTest.clock.advance(600_000);
    await expect(payments.confirm(id, code())).rejects.toThrow('expired');
  });

  it('a payment cannot be confirmed any more', async () => {
    const { id } = await create();
    await expect(payments.confirm(id, code())).rejects.toThrow('the processor declines it');
    await expect(payments.confirm(id, code())).rejects.toThrow('DECLINED');
  });

  it('a code was not sent, and of which payment', async () => {
    failing = new Error('no network');
    const refusal = await failureOf(create());
    expect(refusal).toBeInstanceOf(CodeNotSentError);
    expect(refusal).toMatchObject({ cause: failing });
    if (refusal instanceof CodeNotSentError) {
      expect(await payments.get(refusal.paymentId)).toMatchObject({ status: 'CANCELED' });
    }
  });
});
