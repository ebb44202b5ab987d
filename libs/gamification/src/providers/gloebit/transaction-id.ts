import { createHash } from 'node:crypto';

/** The namespace of the ids made here. Never changed: the same key must give the same id in every release. */
const NAMESPACE = '8d1f0a52-6c0b-4d0e-9a57-2f6f3f1f3c11';

/**
 * The id of a transaction for an idempotency key. Gloebit takes ids of up to 36 characters, so a key that is longer, or
 * has others than printable ASCII, stands for a UUID, always the same.
 */
export function transactionId(key: string): string {
  return /^[\x21-\x7e]{1,36}$/.test(key) ? key : nameUuid(NAMESPACE, key);
}

/** The id of a transaction for a key that is one user's own: the same key of another user is another transaction. */
export function transactionIdOf(userId: string, key: string): string {
  return nameUuid(NAMESPACE, JSON.stringify([userId, key]));
}

/** A UUID of version 5 (RFC 9562): a name in a namespace. */
export function nameUuid(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name);
  const bytes = hash.digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
