import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { isPlainObject } from '../validation.js';
import { CredentialUnreadableError, EncryptionKeyMissingError } from './accounts.errors.js';
import type { AccountsOptions } from './accounts.options.js';

/** Whose credential it is. */
export interface LinkOwner {
  readonly userId: string;
  readonly provider: string;
}

/** The part of a credential that is secret. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
}

/**
 * Encrypts tokens with AES-256-GCM, as JWE in its compact form, with the id of the key in the header. A link's owner is
 * encrypted along and checked, so that a credential copied to another row of the table opens nothing there.
 */
export class CredentialCipher {
  private readonly keys: ReadonlyMap<string, Uint8Array>;
  /** The id of the key that encrypts. */
  readonly keyId: string;

  constructor({ encryptionKeys }: AccountsOptions) {
    this.keys = new Map(
      encryptionKeys.map(({ id, key }) => [id, new Uint8Array(Buffer.from(key, 'base64'))]),
    );
    this.keyId = encryptionKeys[0]?.id ?? '';
  }

  async encrypt({ userId, provider }: LinkOwner, { accessToken, refreshToken }: Tokens): Promise<string> {
    const content = JSON.stringify({ userId, provider, accessToken, refreshToken });
    return new CompactEncrypt(new TextEncoder().encode(content))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: this.keyId })
      .encrypt(this.key(this.keyId));
  }

  /** @throws EncryptionKeyMissingError, CredentialUnreadableError */
  async decrypt(owner: LinkOwner, encrypted: string): Promise<Tokens> {
    const { userId, provider } = owner;
    const key = this.key(this.keyIdOf(owner, encrypted));
    let content: unknown;
    try {
      const { plaintext } = await compactDecrypt(encrypted, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      content = JSON.parse(new TextDecoder().decode(plaintext));
    } catch (cause) {
      throw new CredentialUnreadableError(userId, provider, { cause });
    }
    // It was encrypted by the method above, with a key that only this application has.
    const known = (isPlainObject(content) ? content : {}) as Partial<LinkOwner & Tokens>;
    const { accessToken, refreshToken } = known;
    if (known.userId !== userId || known.provider !== provider || accessToken === undefined) {
      throw new CredentialUnreadableError(userId, provider);
    }
    return { accessToken, refreshToken };
  }

  private keyIdOf({ userId, provider }: LinkOwner, encrypted: string): string {
    try {
      return decodeProtectedHeader(encrypted).kid ?? '';
    } catch (cause) {
      throw new CredentialUnreadableError(userId, provider, { cause });
    }
  }

  private key(id: string): Uint8Array {
    const key = this.keys.get(id);
    if (!key) throw new EncryptionKeyMissingError(id);
    return key;
  }
}
