import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret that nobody can guess: 32 random bytes as 64 hexadecimal digits. */
export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

/** An id of as many hexadecimal digits. */
export function newId(digits: number): string {
  return randomBytes(digits / 2).toString('hex');
}

/** What is kept of a secret. It has 256 random bits, so a plain hash is enough: nobody tries them all. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares in constant time. */
export function matchesSecret(secret: string, hash: string): boolean {
  const [given, kept] = [hashSecret(secret), hash].map((text) => Buffer.from(text));
  return given !== undefined && kept?.length === given.length && timingSafeEqual(given, kept);
}
