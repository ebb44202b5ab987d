import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ExtensionStorage } from 'nestjs-gamification';
import pLimit from 'p-limit';

const scryptOf = promisify<string, Buffer, number, Buffer>(scrypt);
const HASH_BYTES = 32;
/** How many passwords are hashed at once: half of the threads on which Node does all such work, also for the protocols. */
const MAX_HASHES = 2;

/** What a user can be called. */
export const USER_RULE = /^[\w.-]{1,64}$/;
/** How long a password has to be, and may be, in characters. Halves of surrogate pairs are none: hashed, all are alike. */
export const PASSWORD_RULE = /^[^\ud800-\udfff]{10,200}$/u;

/** Users who sign in with a password. Of it, a salted scrypt hash is kept. */
@Injectable()
export class Accounts implements OnModuleInit {
  private readonly hashing = pLimit(MAX_HASHES);

  constructor(private readonly storage: ExtensionStorage) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, end }) => [
      `create table if not exists gamification_server_accounts (
        user_id ${text} primary key,
        salt ${text} not null,
        hash ${text} not null
      ${end}`,
    ]);
  }

  /** @returns whether there was nobody of that name */
  async create(userId: string, password: string): Promise<boolean> {
    const salt = randomBytes(16);
    const hash = await this.hash(password, salt);
    const made = await this.storage.write((run) =>
      run(
        `insert into gamification_server_accounts (user_id, salt, hash) values ($1, $2, $3)
         on conflict do nothing returning user_id`,
        userId,
        salt.toString('hex'),
        hash.toString('hex'),
      ),
    );
    return made.length > 0;
  }

  /** Whether it is a user's password. Takes as long where there is no such user. */
  async matches(userId: string, password: string): Promise<boolean> {
    const [row] = await this.storage.read<{ salt: string; hash: string }>(
      'select salt, hash from gamification_server_accounts where user_id = $1',
      userId,
    );
    const salt = Buffer.from(row?.salt ?? '0'.repeat(32), 'hex');
    const [given, kept] = [await this.hash(password, salt), Buffer.from(row?.hash ?? '', 'hex')];
    return kept.length === given.length && timingSafeEqual(given, kept);
  }

  private hash(password: string, salt: Buffer): Promise<Buffer> {
    return this.hashing(() => scryptOf(password, salt, HASH_BYTES));
  }
}
