import { GamificationError } from '../gamification.errors.js';

/** Without storage: an event was given up, because there was no room or no time for it. */
export class NotDeliveredError extends GamificationError {
  readonly code = 'NOT_DELIVERED';

  /** @param reason why it was given up */
  constructor(reason: string) {
    super(`the event is not delivered: ${reason}`);
  }
}
