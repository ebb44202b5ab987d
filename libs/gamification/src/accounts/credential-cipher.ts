import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { isPlainObject } from '../validation.js';
import { CredentialUnreadableError, EncryptionKeyMissingError } from './accounts.errors.js';
import type { AccountsOptions } from './accounts.options.js';
import type { Credential } from './credential.js';

/** Whose credential it is. */
export interface LinkOwner {
  readonly userId: string;
  readonly provider: string;
}

/** What is encrypted. */
interface Content extends LinkOwner, Omit<Credential, 'expiresAt'> {
  /** When the access token ends, in milliseconds since 1970. */
  readonly until?: number;
}

/**
 * Encrypts credentials with AES-256-GCM, as JWE in its compact form, with the id of the key in the header. A link's owner
 * is encrypted along and checked, so that a credential copied to another row of the table opens nothing there. So is
 * what a token allows and when it ends, which who can write to the table must not change.
 */
export class CredentialCipher {
  // What is #private no logger shows.
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  /** The id of the key that encrypts. */
  readonly keyId: string;

  constructor({ encryptionKeys }: AccountsOptions) {
    this.#keys = new Map(
      encryptionKeys.map(({ id, key }) => [id, new Uint8Array(Buffer.from(key, 'base64'))]),
    );
    this.keyId = encryptionKeys[0]?.id ?? '';
  }

  async encrypt({ userId, provider }: LinkOwner, credential: Credential): Promise<string> {
    const { accessToken, refreshToken, scope, expiresAt } = credential;
    const until = expiresAt?.getTime();
    const content = JSON.stringify({ userId, provider, accessToken, refreshToken, scope, until });
    return new CompactEncrypt(new TextEncoder().encode(content))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: this.keyId })
      .encrypt(this.key(this.keyId));
  }

  /** @throws EncryptionKeyMissingError, CredentialUnreadableError */
  async decrypt(owner: LinkOwner, encrypted: string): Promise<Credential> {
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
    const known = (isPlainObject(content) ? content : {}) as Partial<Content>;
    const { accessToken, refreshToken, scope, until } = known;
    if (known.userId !== userId || known.provider !== provider || accessToken === undefined) {
      throw new CredentialUnreadableError(userId, provider);
    }
    return {
      accessToken,
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(scope === undefined ? {} : { scope }),
      ...(until === undefined ? {} : { expiresAt: new Date(until) }),
    };
  }

  private keyIdOf({ userId, provider }: LinkOwner, encrypted: string): string {
    try {
      return decodeProtectedHeader(encrypted).kid ?? '';
    } catch (cause) {
      throw new CredentialUnreadableError(userId, provider, { cause });
    }
  }

  private key(id: string): Uint8Array {
    const key = this.#keys.get(id);
    if (!key) throw new EncryptionKeyMissingError(id);
    return key;
  }
}
