/** A longer wait than 10 years is one without end; a number that no timer can hold would be none. */
const MAX_SECONDS = 315_360_000;

/**
 * How long the header `Retry-After` asks to wait, in milliseconds.
 * See https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date.
 *
 * @param now the time, in milliseconds since 1970
 */
export function retryAfterOf(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d+$/.test(header)) return Math.min(Number(header), MAX_SECONDS) * 1_000;
  // A date has letters; `Date.parse` would see one in any number.
  const time = /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
