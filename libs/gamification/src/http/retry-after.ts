/**
 * How long the header `Retry-After` asks to wait, in milliseconds.
 * See https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date.
 *
 * @param now the time, in milliseconds since 1970
 */
export function retryAfterOf(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const time = Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
