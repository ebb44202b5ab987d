import { isNativeError } from 'node:util/types';

/** The `code` that Node's errors and others have, such as `ENOENT`, whatever was thrown. */
export function codeOf(thrown: unknown): string | undefined {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : undefined;
}

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
