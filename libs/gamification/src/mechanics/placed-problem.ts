import type { Problem } from '../gamification.errors.js';
import { inShort } from '../validation.js';

/** What stands in the way of mechanics, with its place as a list of keys. */
export interface PlacedProblem extends Problem {
  readonly keys: readonly (string | number)[];
}

export function problemAt(keys: readonly (string | number)[], got: unknown, allowed: string): PlacedProblem {
  return { keys, path: pathOf(keys), got: inShort(got), allowed };
}

/** `ratings.xp.rules[0].value` */
function pathOf(keys: readonly (string | number)[]): string {
  if (keys.length === 0) return 'it';
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('');
}
