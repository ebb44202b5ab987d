import { Logger } from '@nestjs/common';
import type { CodeSender, PaymentCode } from 'nestjs-gamification';

/** Customers whose phones are kept at most. */
const MAX_PHONES = 1_000;

/**
 * Stands for the text messages of your application, and sends none: it keeps the last one for each customer, so that one
 * can play with the shop without a phone.
 */
export class Phones implements CodeSender {
  private readonly logger = new Logger('Phones');
  private readonly messages = new Map<string, string>();

  async send({ userId, code, amount, locale }: PaymentCode): Promise<void> {
    const message =
      locale === 'RU'
        ? `${code} — ваш код на ${amount.value} баллов`
        : `${code} is your code for ${amount.value} points`;
    // Behind all others, so that the one that got none for the longest time goes first.
    this.messages.delete(userId);
    this.messages.set(userId, message);
    const [oldest] = this.messages.keys();
    if (this.messages.size > MAX_PHONES && oldest !== undefined) this.messages.delete(oldest);
    this.logger.log(`a message for ${userId}`);
  }

  messageFor(userId: string): string | undefined {
    return this.messages.get(userId);
  }
}
