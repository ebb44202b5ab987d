/** How deep objects and lists of a body may be in one another. */
const MAX_DEPTH = 50;

/**
 * What a client sent, as a text: itself, a number or a boolean in their own words. Nothing for all else, as objects of
 * clients may say of themselves that they become no text, and halves of characters can be kept nowhere.
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && isStorable(value) ? value : undefined;
}

/** Whether a text can be kept: no half of a character stands alone in it, and no NUL. */
export function isStorable(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}

/** Whether a value can be gone through by calls within calls, which end the process's stack otherwise. */
export function isShallow(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isShallow(each, depth - 1));
}
