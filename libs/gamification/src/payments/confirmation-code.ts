import { randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const DIGITS = 6;
const KEY_LENGTH = 32;
const scryptOf = promisify<string, string, number, Buffer>(scrypt);

/** A code for a user: six digits. */
export function newCode(): string {
  return String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
}

/** Whether a text can be a code at all. */
export function isCode(value: unknown): value is string {
  return typeof value === 'string' && /^\d{6}$/.test(value);
}

/**
 * What is kept of a code. There are few codes, so the hash has to be one that takes long (about 50 ms).
 *
 * @param salt another one for each code: the payment's id and how many codes it had
 */
export async function hashCode(code: string, salt: string): Promise<string> {
  return (await scryptOf(code, salt, KEY_LENGTH)).toString('base64url');
}

/** Compares in constant time. */
export async function matchesCode(code: string, salt: string, hash: string): Promise<boolean> {
  const [given, kept] = [await hashCode(code, salt), hash].map((text) => Buffer.from(text, 'base64url'));
  return given !== undefined && kept?.length === given.length && timingSafeEqual(given, kept);
}
