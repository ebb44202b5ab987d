import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ExtensionStorage } from 'nestjs-gamification';
import { isShallow, textOf } from '../wire/wire-values.js';
import { failed, type GloebitAnswer, succeeded } from './gloebit-answer.js';
import type { Grant } from './gloebit-grants.js';

/** Items of a user in an application, and bytes of what one holds, at most. */
const MAX_ITEMS = 1_000;
const MAX_BYTES = 16 * 1024;

/** Where items are that were put nowhere ([doc]). */
const NO_FOLDER = '00000000-0000-0000-0000-000000000000';

type Fields = Readonly<Record<string, unknown>>;

interface ItemRow {
  readonly id: string;
  readonly type_id: string;
  readonly folder_id: string;
  readonly params: string;
}

/** Things that applications keep for users: of a type, in a folder, with whatever else. */
@Injectable()
export class InventoryItems implements OnModuleInit {
  constructor(@Inject(ExtensionStorage) private readonly storage: ExtensionStorage) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, position, end }) => [
      `create table if not exists gamification_server_items (
        position ${position},
        id ${text} not null unique,
        client_id ${text} not null,
        user_id ${text} not null,
        type_id ${text} not null,
        folder_id ${text} not null,
        params text not null
      ${end}`,
      `create index if not exists gamification_server_items_user
        on gamification_server_items (user_id, client_id)`,
    ]);
  }

  async create({ clientId, userId }: Grant, fields: Fields): Promise<GloebitAnswer> {
    const { type, folder = NO_FOLDER, params = {} } = wishesOf(fields);
    if (!isId(type)) return failed('invalid type-id');
    const problem = problemOf(folder, params);
    if (problem) return failed(problem);
    const id = randomUUID();
    return this.storage.write(async (run) => {
      const owned = await run(
        'select id from gamification_server_items where user_id = $1 and client_id = $2',
        userId,
        clientId,
      );
      if (owned.length >= MAX_ITEMS) return failed('too many items');
      await run(
        `insert into gamification_server_items (id, client_id, user_id, type_id, folder_id, params)
         values ($1, $2, $3, $4, $5, $6)`,
        id,
        clientId,
        userId,
        type,
        textOf(folder) ?? '',
        JSON.stringify(params),
      );
      return succeeded({ 'item-id': id });
    });
  }

  /** @param folder nothing for all of them */
  async ids({ clientId, userId }: Grant, folder: string | undefined): Promise<GloebitAnswer> {
    const rows = await this.storage.read<ItemRow>(
      `select id, type_id, folder_id from gamification_server_items where user_id = $1 and client_id = $2
       order by position limit ${MAX_ITEMS}`,
      userId,
      clientId,
    );
    return succeeded({
      'item-ids': rows
        .filter(({ folder_id }) => folder === undefined || folder === folder_id)
        .map(({ type_id, id, folder_id }) => [type_id, id, folder_id]),
    });
  }

  async get({ clientId, userId }: Grant, id: string): Promise<GloebitAnswer> {
    const [row] = await this.storage.read<ItemRow>(
      'select * from gamification_server_items where id = $1 and user_id = $2 and client_id = $3',
      id,
      userId,
      clientId,
    );
    return row ? succeeded({ item: toItem(row) }) : failed('unknown item');
  }

  /** What is told takes the place of what was; all else stays, of the params too ([doc]). */
  async update({ clientId, userId }: Grant, fields: Fields): Promise<GloebitAnswer> {
    const { item, folder, params = {} } = wishesOf(fields);
    return this.storage.write(async (run) => {
      // Changes nothing, but keeps other writers from the row until the end.
      const [row] = await run<ItemRow>(
        `update gamification_server_items set params = params
         where id = $1 and user_id = $2 and client_id = $3 returning *`,
        textOf(item) ?? '',
        userId,
        clientId,
      );
      if (!row) return failed('unknown item');
      if (!isObject(params)) return failed('invalid params');
      const merged = { ...JSON.parse(row.params), ...params };
      const problem = problemOf(folder ?? row.folder_id, merged);
      if (problem) return failed(problem);
      await run(
        'update gamification_server_items set folder_id = $1, params = $2 where id = $3',
        textOf(folder ?? row.folder_id) ?? '',
        JSON.stringify(merged),
        row.id,
      );
      return succeeded();
    });
  }

  async remove({ clientId, userId }: Grant, id: string): Promise<GloebitAnswer> {
    const removed = await this.storage.write((run) =>
      run(
        'delete from gamification_server_items where id = $1 and user_id = $2 and client_id = $3 returning id',
        id,
        userId,
        clientId,
      ),
    );
    return removed.length > 0 ? succeeded() : failed('unknown item');
  }
}

/** Its calls have dashes in names where an item is made and underscores where it is changed ([doc]): both count in both. */
function wishesOf(fields: Fields) {
  return {
    type: fields['type-id'] ?? fields.type_id ?? undefined,
    item: fields['item-id'] ?? fields.item_id ?? undefined,
    folder: fields['folder-id'] ?? fields.folder_id ?? undefined,
    params: fields.params ?? undefined,
  };
}

/** The names in an item are not told; they are those with which it was made ([inferred]). */
function toItem({ id, type_id, folder_id, params }: ItemRow) {
  return { 'item-id': id, 'type-id': type_id, 'folder-id': folder_id, params: JSON.parse(params) };
}

function problemOf(folder: unknown, params: unknown): string | undefined {
  if (!isId(folder)) return 'invalid folder-id';
  if (!isObject(params)) return 'invalid params';
  if (!isShallow(params)) return 'too much data';
  return Buffer.byteLength(JSON.stringify(params)) > MAX_BYTES ? 'too much data' : undefined;
}

/** Ids of types and folders are the application's own. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[^\p{Cc}\p{Surrogate}]{1,200}$/u.test(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
