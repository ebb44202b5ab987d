import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ExtensionStorage } from 'nestjs-gamification';

/**
 * Which user has which phone number. A user who is first known by the number alone goes by it; a later call with the number
 * and an id gives the number to that id ([seed]).
 */
@Injectable()
export class PhoneUsers implements OnModuleInit {
  constructor(@Inject(ExtensionStorage) private readonly storage: ExtensionStorage) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, end }) => [
      `create table if not exists gamification_server_phones (
        phone ${text} primary key,
        user_id ${text} not null
      ${end}`,
    ]);
  }

  /**
   * The user that a message is about.
   *
   * @param phone with its country code, digits alone
   */
  async userOf(userId: string | undefined, phone: string | undefined): Promise<string> {
    if (userId !== undefined) return userId;
    const [row] = await this.storage.read<{ user_id: string }>(
      'select user_id from gamification_server_phones where phone = $1',
      phone ?? '',
    );
    return row?.user_id ?? `+${phone}`;
  }

  /** A user who was taken has a number. */
  async note(userId: string | undefined, phone: string | undefined): Promise<void> {
    if (userId === undefined || phone === undefined) return;
    await this.storage.write((run) =>
      run(
        `insert into gamification_server_phones (phone, user_id) values ($1, $2)
         on conflict (phone) do update set user_id = excluded.user_id`,
        phone,
        userId,
      ),
    );
  }
}
