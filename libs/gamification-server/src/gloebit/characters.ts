import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ExtensionStorage } from 'nestjs-gamification';
import { isShallow, textOf } from '../wire/wire-values.js';
import { failed, type GloebitAnswer, succeeded } from './gloebit-answer.js';
import type { Grant } from './gloebit-grants.js';

/** Characters of a user in an application, and bytes of one, at most. */
const MAX_CHARACTERS = 100;
const MAX_BYTES = 16 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** Characters of users, by application: a name that is the application's only once, and whatever else. */
@Injectable()
export class Characters implements OnModuleInit {
  constructor(@Inject(ExtensionStorage) private readonly storage: ExtensionStorage) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, position, end }) => [
      `create table if not exists gamification_server_characters (
        position ${position},
        id ${text} not null unique,
        client_id ${text} not null,
        user_id ${text} not null,
        name ${text} not null,
        data text not null,
        unique (client_id, name)
      ${end}`,
    ]);
  }

  async list({ clientId, userId }: Grant): Promise<GloebitAnswer> {
    const rows = await this.storage.read<{ data: string }>(
      `select data from gamification_server_characters where client_id = $1 and user_id = $2
       order by position limit ${MAX_CHARACTERS}`,
      clientId,
      userId,
    );
    return succeeded({ characters: rows.map(({ data }) => JSON.parse(data)) });
  }

  async create(grant: Grant, fields: Fields): Promise<GloebitAnswer> {
    const { clientId, userId } = grant;
    const character = { ...fields, id: randomUUID() };
    const problem = problemOf(character);
    if (problem) return failed(problem);
    return this.storage.write(async (run) => {
      const owned = await run(
        'select id from gamification_server_characters where client_id = $1 and user_id = $2',
        clientId,
        userId,
      );
      if (owned.length >= MAX_CHARACTERS) return failed('too many characters');
      const made = await run(
        `insert into gamification_server_characters (id, client_id, user_id, name, data)
         values ($1, $2, $3, $4, $5) on conflict do nothing returning id`,
        character.id,
        clientId,
        userId,
        nameOf(character),
        JSON.stringify(character),
      );
      return made.length > 0 ? succeeded({ character }) : failed('name is taken');
    });
  }

  /** Takes the place of all that the character was. */
  async update({ clientId, userId }: Grant, fields: Fields): Promise<GloebitAnswer> {
    const problem = problemOf(fields);
    if (problem) return failed(problem);
    return this.storage.write(async (run) => {
      const taken = await run(
        'select id from gamification_server_characters where client_id = $1 and name = $2 and id <> $3',
        clientId,
        nameOf(fields),
        textOf(fields.id) ?? '',
      );
      if (taken.length > 0) return failed('name is taken');
      const changed = await run(
        `update gamification_server_characters set name = $1, data = $2
         where client_id = $3 and user_id = $4 and id = $5 returning id`,
        nameOf(fields),
        JSON.stringify(fields),
        clientId,
        userId,
        textOf(fields.id) ?? '',
      );
      return changed.length > 0 ? succeeded({ character: fields }) : failed('unknown character');
    });
  }

  /** What it has is the user's no more, though it stays counted: nobody can get at it, as ids are given once. */
  async remove({ clientId, userId }: Grant, id: string): Promise<GloebitAnswer> {
    return this.storage.write(async (run) => {
      const removed = await run(
        `delete from gamification_server_characters where client_id = $1 and user_id = $2 and id = $3 returning id`,
        clientId,
        userId,
        id,
      );
      return removed.length > 0 ? succeeded() : failed('unknown character');
    });
  }

  /** Whether a character is one of a user's in an application. */
  async isOwned({ clientId, userId }: Pick<Grant, 'clientId' | 'userId'>, id: string): Promise<boolean> {
    const rows = await this.storage.read(
      'select id from gamification_server_characters where client_id = $1 and user_id = $2 and id = $3',
      clientId,
      userId,
      id,
    );
    return rows.length > 0;
  }
}

function nameOf({ name }: Fields): string {
  return typeof name === 'string' ? name : '';
}

function problemOf(fields: Fields): string | undefined {
  if (!/^[^\p{Cc}\p{Surrogate}]{1,200}$/u.test(nameOf(fields))) return 'invalid name';
  if (!isShallow(fields)) return 'too much data';
  return Buffer.byteLength(JSON.stringify(fields)) > MAX_BYTES ? 'too much data' : undefined;
}
