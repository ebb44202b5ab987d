import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { errors, jwtVerify, SignJWT } from 'jose';
import { Clock, ExtensionStorage } from 'nestjs-gamification';
import { newSecret } from '../keys/secrets.js';

/** A code, which only the application itself can exchange for a token, or at once the token. */
export type ResponseType = 'code' | 'token';

/** What a user is asked to allow. */
export interface Consent {
  readonly userId: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** What the application gets for it. */
  readonly responseType: ResponseType;
  readonly state: string | undefined;
}

/** For how long a user may think about it, in seconds. */
const LIFETIME = 600;

/**
 * What stands in the form of the page on which a user agrees: signed, so that no other page can make one, and nobody can
 * change what is agreed to on the way.
 */
@Injectable()
export class ConsentTickets implements OnModuleInit {
  /** The same for all instances. */
  private key: Uint8Array = new Uint8Array();

  constructor(
    @Inject(ExtensionStorage) private readonly storage: ExtensionStorage,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, end }) => [
      `create table if not exists gamification_server_secrets (name ${text} primary key, value text not null ${end}`,
    ]);
    const rows = await this.storage.write(async (run) => {
      await run(
        'insert into gamification_server_secrets (name, value) values ($1, $2) on conflict do nothing',
        'consent',
        newSecret(),
      );
      return run<{ value: string }>(
        'select value from gamification_server_secrets where name = $1',
        'consent',
      );
    });
    this.key = Buffer.from(rows[0]?.value ?? '', 'hex');
  }

  async issue({ userId, ...consent }: Consent): Promise<string> {
    const now = Math.floor(this.clock.now() / 1_000);
    return new SignJWT({ ...consent })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setExpirationTime(now + LIFETIME)
      .sign(this.key);
  }

  /** What was agreed to; nothing where the ticket is not one of ours, is another user's, or has expired. */
  async redeem(ticket: string, userId: string): Promise<Consent | undefined> {
    try {
      const options = { algorithms: ['HS256'], subject: userId, currentDate: new Date(this.clock.now()) };
      const { payload } = await jwtVerify<Omit<Consent, 'userId'>>(ticket, this.key, options);
      const { clientId, redirectUri, scope, responseType, state } = payload;
      return { userId, clientId, redirectUri, scope, responseType, state };
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
