import { InvalidInputError, type Problem } from '../gamification.errors.js';

/** The mechanics are wrong; nothing starts. Names everything that is. */
export class MechanicsError extends InvalidInputError {
  readonly code = 'MECHANICS_INVALID';

  /** @param file where they are from, unless they were given as an object */
  constructor(
    problems: readonly Problem[],
    readonly file?: string,
  ) {
    super(file === undefined ? 'mechanics' : `mechanics of ${file}`, problems);
  }
}
