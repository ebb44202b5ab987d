import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { Conditions, Statement } from '../database/statement.js';
import type { Ids } from '../ids.js';
import type { Credential } from './credential.js';
import type { CredentialCipher } from './credential-cipher.js';
import {
  endLease,
  type HeldLink,
  type LinkRow,
  leaseLink,
  type NewLink,
  putLink,
  reencryptLink,
  removeHeldLink,
  removeLink,
  renewLink,
} from './link-row.js';

/** A link's credential as it was at one moment. */
export interface StoredCredential {
  readonly held: HeldLink;
  readonly credential: Credential;
  /** Until when an instance may be asking for a new one, in milliseconds since 1970. */
  readonly refreshingUntil: number;
}

/** Rows that are encrypted anew at a time. */
const REENCRYPT_BATCH = 100;

const GET = new Statement('select * from gamification_account_links where user_id = $1 and provider = $2');

/** The links in the database, their credentials encrypted on the way in and decrypted on the way out. */
export class LinkStore {
  constructor(
    private readonly database: Database,
    private readonly cipher: CredentialCipher,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async row(userId: string, provider: string): Promise<LinkRow | undefined> {
    const [row] = await this.database.read((sql) => sql.rows<LinkRow>(GET.with(userId, provider)));
    return row;
  }

  /** @param after the provider after which the list begins */
  async rowsOf(userId: string, after: string | undefined, limit: number): Promise<readonly LinkRow[]> {
    const conditions = new Conditions().add('user_id = ?', userId);
    if (after !== undefined) conditions.add('provider > ?', after);
    const text = `select * from gamification_account_links ${conditions.where}
      order by provider limit ${conditions.parameter(limit)}`;
    return this.database.read((sql) => sql.rows<LinkRow>(new Statement(text).with(...conditions.parameters)));
  }

  /** @throws EncryptionKeyMissingError, CredentialUnreadableError */
  async credential(userId: string, provider: string): Promise<StoredCredential | undefined> {
    const row = await this.row(userId, provider);
    return row && this.read(row);
  }

  async put(userId: string, provider: string, credential: Credential): Promise<NewLink> {
    const link = await this.encrypted({ userId, provider }, credential);
    await this.database.write(putLink, link, { keys: [userId] });
    return link;
  }

  remove(userId: string, provider: string): Promise<boolean> {
    return this.database.write(removeLink, { userId, provider }, { keys: [userId] });
  }

  removeHeld(held: HeldLink): Promise<boolean> {
    return this.database.write(removeHeldLink, held, { keys: [held.userId] });
  }

  /** @param until when the lease ends by itself, in milliseconds since 1970 */
  lease(held: HeldLink, until: number): Promise<boolean> {
    const now = this.clock.now();
    return this.database.write(leaseLink, { ...held, until, now }, { keys: [held.userId] });
  }

  endLease(held: HeldLink, until: number): Promise<boolean> {
    return this.database.write(endLease, { ...held, until }, { keys: [held.userId] });
  }

  /** @returns whether the link still held what was refreshed; otherwise nothing was written */
  async renew(held: HeldLink, credential: Credential): Promise<boolean> {
    const link = await this.encrypted(held, credential);
    return this.database.write(renewLink, { held, link }, { keys: [held.userId] });
  }

  /** @returns how many credentials were encrypted with another key than the first, and are no longer */
  async reencryptAll(): Promise<number> {
    let count = 0;
    let last: LinkRow | undefined;
    do {
      const rows = await this.foreignRows(last);
      for (const row of rows) if (await this.reencrypt(row)) count++;
      last = rows.at(-1);
    } while (last);
    return count;
  }

  private foreignRows(after: LinkRow | undefined): Promise<readonly LinkRow[]> {
    const conditions = new Conditions().add('key_id <> ?', this.cipher.keyId);
    if (after) conditions.add('(user_id, provider) > (?, ?)', after.user_id, after.provider);
    const text = `select * from gamification_account_links ${conditions.where}
      order by user_id, provider limit ${conditions.parameter(REENCRYPT_BATCH)}`;
    return this.database.read((sql) => sql.rows<LinkRow>(new Statement(text).with(...conditions.parameters)));
  }

  private async reencrypt(row: LinkRow): Promise<boolean> {
    const owner = { userId: row.user_id, provider: row.provider };
    const credential = await this.cipher.encrypt(owner, await this.cipher.decrypt(owner, row.credential));
    const { keyId } = this.cipher;
    return this.database.write(reencryptLink, { row, credential, keyId }, { keys: [row.user_id] });
  }

  private async read(row: LinkRow): Promise<StoredCredential> {
    const { user_id: userId, provider, version } = row;
    return {
      held: { userId, provider, version },
      credential: await this.cipher.decrypt({ userId, provider }, row.credential),
      refreshingUntil: Number(row.refreshing_until),
    };
  }

  private async encrypted(
    { userId, provider }: { readonly userId: string; readonly provider: string },
    credential: Credential,
  ): Promise<NewLink> {
    return {
      userId,
      provider,
      version: this.ids.next(),
      credential: await this.cipher.encrypt({ userId, provider }, credential),
      keyId: this.cipher.keyId,
      scope: credential.scope ?? null,
      expiresAt: credential.expiresAt?.getTime() ?? null,
      now: this.clock.now(),
    };
  }
}
