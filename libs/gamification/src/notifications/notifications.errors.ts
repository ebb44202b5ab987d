import { GamificationError } from '../gamification.errors.js';

/** As many streams of notifications are open as can be. */
export class TooManyStreamsError extends GamificationError {
  readonly code = 'TOO_MANY_STREAMS';

  constructor(readonly maxStreams: number) {
    super(`${maxStreams} streams of notifications are open already`);
  }
}
