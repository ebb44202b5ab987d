import type { RemoteProblem } from './remote.errors.js';

/** Why a system could not be used, where an HTTP status says that it may work again later. */
export function problemOf(status: number): RemoteProblem | undefined {
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'failing' : undefined;
}

/** Whether a status is no answer to what was asked: the system cannot be used at the moment. */
export function isOutage(status: number): boolean {
  return problemOf(status) !== undefined;
}
