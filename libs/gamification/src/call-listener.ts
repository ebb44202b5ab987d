import type { Logger } from '@nestjs/common';
import { toError } from './to-error.js';

/**
 * Calls a function of the application's and does not wait for it. What it throws is logged and changes nothing else.
 *
 * @param name what the log calls it, such as `onError`
 */
export function callListener(call: () => unknown, logger: Logger, name: string): void {
  const complain = (reason: unknown) => logger.error(`${name} threw: ${toError(reason).message}`);
  try {
    Promise.resolve(call()).catch(complain);
  } catch (reason) {
    complain(reason);
  }
}
