import { GamificationError } from '../../gamification.errors.js';

/** GMFY's protocol has no place for what was asked for. */
export class NotSupportedByGmfyError extends GamificationError {
  readonly code = 'NOT_SUPPORTED';

  /** @param feature what was asked for, as the subject of the message */
  constructor(readonly feature: string) {
    super(`${feature} is not supported by GMFY`);
  }
}
