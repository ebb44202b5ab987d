import { createHash, randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, ExtensionStorage } from 'nestjs-gamification';

/** How long somebody stays signed in, in milliseconds. */
const LIFETIME = 12 * 60 * 60 * 1_000;

/** Who is signed in where. Of what a browser holds, a hash is kept. */
@Injectable()
export class Sessions implements OnModuleInit {
  constructor(
    private readonly storage: ExtensionStorage,
    private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, integer, end }) => [
      `create table if not exists gamification_server_sessions (
        token_hash ${text} primary key,
        user_id ${text} not null,
        expires_at ${integer} not null
      ${end}`,
    ]);
  }

  /** Signs a user in. @returns what the browser is to hold */
  async open(userId: string): Promise<string> {
    const token = randomBytes(32).toString('hex');
    const now = this.clock.now();
    await this.storage.write(async (run) => {
      await run('delete from gamification_server_sessions where expires_at < $1', now);
      await run(
        'insert into gamification_server_sessions (token_hash, user_id, expires_at) values ($1, $2, $3)',
        hashOf(token),
        userId,
        now + LIFETIME,
      );
    });
    return token;
  }

  async userOf(token: string): Promise<string | undefined> {
    const [row] = await this.storage.read<{ user_id: string }>(
      'select user_id from gamification_server_sessions where token_hash = $1 and expires_at >= $2',
      hashOf(token),
      this.clock.now(),
    );
    return row?.user_id;
  }

  async close(token: string): Promise<void> {
    await this.storage.write((run) =>
      run('delete from gamification_server_sessions where token_hash = $1', hashOf(token)),
    );
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
