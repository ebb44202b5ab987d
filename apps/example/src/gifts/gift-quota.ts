import { Injectable } from '@nestjs/common';
import { BeforeGiftRequest, EventTracker, GiftRefusedError, type NewGiftRequest } from 'nestjs-gamification';
import { GiftAsked } from './gift-asked.event.js';

/** How often a customer may ask for a gift on a day. */
const GIFTS_A_DAY = 3;

/** Keeps customers from asking all the time: a hook that runs before every request, whoever makes it. */
@Injectable()
export class GiftQuota {
  constructor(private readonly tracker: EventTracker) {}

  /** @throws GiftRefusedError when the day's gifts have been asked for */
  @BeforeGiftRequest()
  async take({ userId }: NewGiftRequest): Promise<void> {
    const day = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);
    // Each of the day's numbers can be tracked once, by whichever instance of the application is first. So nothing is
    // counted in this process, and a restart forgets nothing.
    for (let number = 1; number <= GIFTS_A_DAY; number++) {
      const idempotenceKey = `${day}#${number}`;
      const { replayed } = await this.tracker.track(GiftAsked, { userId, idempotenceKey });
      if (!replayed) return;
    }
    throw new GiftRefusedError(
      'E_GIFT_QUOTA_EXCEEDED',
      `You have asked ${GIFTS_A_DAY} times today, try again tomorrow`,
    );
  }
}
