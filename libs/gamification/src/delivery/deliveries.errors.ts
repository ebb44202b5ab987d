import { GamificationError } from '../gamification.errors.js';

/** The application ended before the event could be delivered, and without storage it is gone. */
export class NotDeliveredError extends GamificationError {
  readonly code = 'NOT_DELIVERED';

  constructor() {
    super('the application ended before the event could be delivered');
  }
}
