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

/** The intake holds as many events as it may (`tracking.maxQueueSize`); this one was not taken. */
export class QueueFullError extends GamificationError {
  readonly code = 'QUEUE_FULL';

  constructor(readonly maxQueueSize: number) {
    super(`the event was refused: ${maxQueueSize} events are waiting already (tracking.maxQueueSize)`);
  }
}

/** The application is shutting down; the event was not taken. */
export class TrackerClosedError extends GamificationError {
  readonly code = 'TRACKER_CLOSED';

  constructor() {
    super('the event was refused: the tracker is closed');
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
