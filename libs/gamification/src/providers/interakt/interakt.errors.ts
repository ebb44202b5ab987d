import { GamificationError } from '../../gamification.errors.js';
import { type RemoteFailure, RemoteRefusalError } from '../../http/remote.errors.js';

/**
 * Interakt answered that it does not take a message: with HTTP 4xx, or with `result: false`. `remoteMessage` is what it
 * says is wrong.
 */
export class InteraktError extends RemoteRefusalError {
  override readonly code = 'INTERAKT_REFUSAL';

  /** @param failure with what Interakt answered as its body */
  constructor(failure: RemoteFailure, options?: ErrorOptions) {
    const remoteMessage = messageIn(failure.body);
    const what = `it answered HTTP ${failure.status}`;
    super({ ...failure, remoteMessage }, remoteMessage ? `${what}: ${remoteMessage}` : what, options);
  }
}

/** Messages were still waiting when the time to flush them was over. */
export class InteraktFlushTimeoutError extends GamificationError {
  readonly code = 'INTERAKT_FLUSH_TIMEOUT';

  constructor(
    readonly left: number,
    timeout: number,
  ) {
    super(`${left} message(s) were not sent to interakt within ${timeout} ms`);
  }
}

function messageIn(body: unknown): string | undefined {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  return typeof message === 'string' && message.length > 0 ? message : undefined;
}
