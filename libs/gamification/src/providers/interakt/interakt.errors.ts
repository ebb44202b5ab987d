import { GamificationError } from '../../gamification.errors.js';
import { fitForError } from '../../http/redact.js';
import { REDACT, type RemoteFailure, RemoteRefusalError } from '../../http/remote.errors.js';

/** Most characters of Interakt's words in the message of an error; the error's `body` has more. */
const MAX_REASON = 200;

/** Interakt answered that it does not take a message: with HTTP 4xx, or with `result: false`. */
export class InteraktError extends RemoteRefusalError {
  override readonly code = 'INTERAKT_REFUSAL';
  /** What Interakt says is wrong. */
  readonly reason: string | undefined;

  /** @param failure with what Interakt answered as its body */
  constructor(failure: RemoteFailure, options?: ErrorOptions) {
    const { body, [REDACT]: redact = (text: string) => text } = failure;
    const reason = reasonIn(fitForError(body, redact));
    const what = `it answered HTTP ${failure.status}`;
    super(failure, reason ? `${what}: ${reason.slice(0, MAX_REASON)}` : what, options);
    this.reason = reason;
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

function reasonIn(body: unknown): string | undefined {
  const reason = typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  return typeof reason === 'string' && reason.length > 0 ? reason : undefined;
}
