import { isNativeError } from 'node:util/types';

/**
 * What was thrown, as an `Error`. `instanceof` would not do: an error of another realm, such as one of Node's own in a
 * test runner that isolates its tests, is no instance of this realm's `Error`.
 */
export function toError(thrown: unknown): Error {
  if (isNativeError(thrown)) return thrown;
  try {
    return new Error(String(thrown));
  } catch {
    return new Error('something was thrown that has no text');
  }
}
