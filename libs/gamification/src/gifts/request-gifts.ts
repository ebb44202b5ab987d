import type { WriteCommand } from '../database/group-commit.js';
import { Insert } from '../database/statement.js';
import { friendIdsOf } from '../friends/friend-rows.js';
import { type NewNotification, writeNotifications } from '../notifications/notification-row.js';
import type { LockPlayers } from '../players/lock-players.js';
import { type GiftRequestToKeep, toColumns } from './gift-rows.js';

/** A request, and what its recipients are told. */
export interface GiftRequesting {
  readonly request: GiftRequestToKeep;
  /** Makes what a friend is told. */
  readonly notify: (friendId: string) => NewNotification;
}

/** A transaction whose answer was lost is run again: what is there already was sent already. */
const INSERT_REQUESTS = new Insert(
  'gamification_gift_requests',
  {
    id: 'text',
    user_id: 'text',
    attributes: 'text',
    resource: 'text',
    amount: 'bigint',
    item_name: 'text',
    created_at: 'bigint',
    expires_at: 'bigint',
  },
  'on conflict do nothing returning id',
);

const INSERT_RECIPIENTS = new Insert('gamification_gift_recipients', {
  request_id: 'text',
  user_id: 'text',
  expires_at: 'bigint',
});

/** Makes requests of all friends that their users have. */
export function requestGifts(lockPlayers: LockPlayers): WriteCommand<GiftRequesting, void> {
  return {
    name: 'gifts-request',

    async run(sql, requestings) {
      const rows = requestings.map(({ request }) => toColumns(request));
      const inserted = await sql.rows<{ id: string }>(INSERT_REQUESTS.with(rows));
      const fresh = new Set(inserted.map(({ id }) => id));
      const sent: { readonly requesting: GiftRequesting; readonly friendIds: readonly string[] }[] = [];
      for (const requesting of requestings) {
        const { id, userId } = requesting.request;
        if (fresh.has(id)) sent.push({ requesting, friendIds: await friendIdsOf(sql, userId) });
      }
      const told = new Set(sent.flatMap(({ friendIds }) => friendIds));
      if (told.size > 0) await lockPlayers(sql, [...told].sort());
      const recipients = sent.flatMap(({ requesting: { request }, friendIds }) =>
        friendIds.map((friendId) => [request.id, friendId, request.expiresAt]),
      );
      if (recipients.length > 0) sql.queue(INSERT_RECIPIENTS.with(recipients));
      writeNotifications(
        sql,
        sent.flatMap(({ requesting, friendIds }) => friendIds.map(requesting.notify)),
      );
      return requestings.map(() => ({ ok: true, value: undefined }));
    },
  };
}
