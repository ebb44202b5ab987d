import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long a nonce holds, in seconds. */
const LIFETIME = 3_600;
const SEPARATOR = ':';

/**
 * The nonce that the original client sends as the state, made as oauth2client's xsrfutil makes it.
 *
 * @param secretKey what only the application knows
 * @param userId whom it is for
 * @param now in milliseconds since 1970
 */
export function hmacState(secretKey: string, userId: string, now: number): string {
  return stateAt(secretKey, userId, String(Math.floor(now / 1_000)));
}

/** Whether a state is one that was made for this user within the last hour. Compares in constant time. */
export function isHmacState(state: string, secretKey: string, userId: string, now: number): boolean {
  const bytes = Buffer.from(state, 'base64url');
  const when = bytes.subarray(bytes.lastIndexOf(SEPARATOR) + 1).toString('latin1');
  if (!/^\d{1,15}$/.test(when) || Math.floor(now / 1_000) - Number(when) > LIFETIME) return false;
  const [given, expected] = [Buffer.from(state), Buffer.from(stateAt(secretKey, userId, when))];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function stateAt(secretKey: string, userId: string, when: string): string {
  // Between the two separators stands what xsrfutil calls the action, which is always empty.
  const digest = createHmac('md5', secretKey).update([userId, '', when].join(SEPARATOR)).digest();
  const nonce = Buffer.concat([digest, Buffer.from(SEPARATOR + when)]);
  // Unlike Node's base64url, with its padding.
  return nonce.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
