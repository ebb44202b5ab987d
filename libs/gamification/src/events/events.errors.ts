import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';
import { toError } from '../to-error.js';

/** An event that cannot be recorded as it is. Names the event and each field that is wrong. */
export class EventValidationError extends InvalidInputError {
  readonly code = 'EVENT_INVALID';

  constructor(
    readonly eventType: string,
    problems: readonly Problem[],
  ) {
    super(`event ${JSON.stringify(eventType)}`, problems);
  }
}

/** The intake has no room (`tracking.maxQueueSize`); the event, or none of several, was taken. */
export class QueueFullError extends GamificationError {
  readonly code = 'QUEUE_FULL';

  constructor(readonly maxQueueSize: number) {
    super(`the event was refused: it would be more than ${maxQueueSize} that wait (tracking.maxQueueSize)`);
  }
}

/** The application is shutting down; the event was not taken, or could not be recorded in the time there was. */
export class TrackerClosedError extends GamificationError {
  readonly code = 'TRACKER_CLOSED';

  constructor() {
    super('the event is not recorded: the tracker is closed');
  }
}

/** Events were still waiting when the time to flush them was over. */
export class FlushTimeoutError extends GamificationError {
  readonly code = 'FLUSH_TIMEOUT';

  constructor(
    readonly left: number,
    timeout: number,
  ) {
    super(`${left} event(s) were not recorded within ${timeout} ms`);
  }
}

/** A value or function of `@TrackEvent` threw while the event was put together. */
export class EventResolutionError extends GamificationError {
  readonly code = 'EVENT_RESOLUTION';

  constructor(
    readonly eventType: string,
    readonly handler: string,
    options: ErrorOptions,
  ) {
    const detail = toError(options.cause).message;
    super(
      `event ${JSON.stringify(eventType)} of ${handler}: an option of @TrackEvent threw: ${detail}`,
      options,
    );
  }
}
