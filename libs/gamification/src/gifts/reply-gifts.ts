import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import { areFriends } from '../friends/friend-rows.js';
import { type NewNotification, writeNotifications } from '../notifications/notification-row.js';
import type { LockPlayers } from '../players/lock-players.js';
import { Balances, type WalletKey } from '../wallets/balances.js';
import { entryOf, type LedgerEntry } from '../wallets/ledger-entry.js';
import { moveItem } from '../wallets/move-item.js';
import { fromRow, type GiftRequestRow, type GiftRequestToKeep } from './gift-rows.js';
import {
  GiftAlreadyAcceptedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  ItemNotOwnedError,
} from './gifts.errors.js';

/** A reply that is to be made. */
export interface GiftReplying {
  readonly userId: string;
  readonly requestId: string;
  readonly response: 'accept' | 'deny';
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Ids for the entries by which a gift moves. */
  readonly entryIds: readonly [debit: string, credit: string];
  readonly authorityId: string;
  /** What the asker is told of an acceptance. */
  readonly notify: (request: GiftRequestToKeep) => NewNotification;
}

interface RecipientRow extends GiftRequestRow {
  readonly recipient: string;
  readonly response: 'accept' | 'deny' | null;
}

/** Only of friends: who is none any more cannot reply. */
const RECIPIENTS = `
  select g.*, r.user_id as recipient, r.response from each($1)
  join gamification_gift_recipients r on r.request_id = each.value ->> 0 and r.user_id = each.value ->> 1
  join gamification_gift_requests g on g.id = r.request_id
  where ${areFriends('r.user_id', 'g.user_id')}`;

const READ_RECIPIENTS = new Statement(RECIPIENTS);
const LOCK_RECIPIENTS = new Statement({
  sqlite: RECIPIENTS,
  postgres: `${RECIPIENTS} order by r.request_id, r.user_id for update of r`,
});

const SAVE_REPLIES = new Insert(
  'gamification_gift_recipients',
  {
    request_id: 'text',
    user_id: 'text',
    expires_at: 'bigint',
    response: 'text',
    attributes: 'text',
    replied_at: 'bigint',
  },
  `on conflict (request_id, user_id) do update set response = excluded.response, attributes = excluded.attributes,
     replied_at = excluded.replied_at`,
);

/** Looks up a request as one of its recipients may reply to it. @throws as a reply does */
export async function openRequest(
  sql: Sql,
  reply: Pick<GiftReplying, 'userId' | 'requestId' | 'at'>,
): Promise<void> {
  const recipients = await load(sql, [reply], false);
  const open = openFor(reply, recipients);
  if (open instanceof Error) throw open;
}

/** Makes replies, and moves what is given. */
export function replyToGifts(lockPlayers: LockPlayers): WriteCommand<GiftReplying, void> {
  return {
    name: 'gifts-reply',

    async run(sql, replies) {
      const recipients = await load(sql, replies, true);
      const askers = new Set([...recipients.values()].map(({ user_id }) => user_id));
      if (askers.size > 0) await lockPlayers(sql, [...askers].sort());
      const moving = await Moving.begin(sql, replies, recipients);
      const results: Written<void>[] = [];
      for (const reply of replies) {
        const error = await moving.reply(reply);
        results.push(error ? { ok: false, error } : { ok: true, value: undefined });
      }
      moving.write();
      return results;
    },
  };
}

/** Replies of one transaction. */
class Moving {
  private readonly entries: LedgerEntry[] = [];
  private readonly notifications: NewNotification[] = [];
  private readonly rows: (readonly (string | number)[])[] = [];

  private constructor(
    private readonly sql: Sql,
    private readonly recipients: Map<string, RecipientRow>,
    private readonly balances: Balances,
  ) {}

  static async begin(
    sql: Sql,
    replies: readonly GiftReplying[],
    recipients: Map<string, RecipientRow>,
  ): Promise<Moving> {
    const wallets = new Map<string, WalletKey>();
    for (const reply of replies) {
      const row = recipients.get(keyOf(reply));
      if (!row || row.resource === null) continue;
      for (const userId of [reply.userId, row.user_id]) {
        wallets.set(`${userId}\n${row.resource}`, [userId, row.resource]);
      }
    }
    return new Moving(sql, recipients, await Balances.lock(sql, [...wallets.values()]));
  }

  /** @returns why a reply is refused; then nothing of it was done */
  async reply(reply: GiftReplying): Promise<Error | undefined> {
    const row = openFor(reply, this.recipients);
    if (row instanceof Error) return row;
    if (row.response === reply.response) return undefined;
    if (row.response === 'accept') return new GiftAlreadyAcceptedError(reply.requestId);
    const request = fromRow(row);
    if (reply.response === 'accept') {
      const refusal = await this.give(reply, request);
      if (refusal) return refusal;
      this.notifications.push(reply.notify(request));
    }
    this.recipients.set(keyOf(reply), { ...row, response: reply.response });
    this.rows.push([
      reply.requestId,
      reply.userId,
      request.expiresAt,
      reply.response,
      JSON.stringify(reply.attributes),
      reply.at,
    ]);
    return undefined;
  }

  write(): void {
    if (this.rows.length > 0) this.sql.queue(SAVE_REPLIES.with(this.rows));
    this.balances.write(this.sql, this.entries);
    writeNotifications(this.sql, this.notifications);
  }

  private async give(
    { userId, entryIds: [debit, credit], authorityId, at }: GiftReplying,
    { gift, userId: asker }: GiftRequestToKeep,
  ): Promise<Error | undefined> {
    if (gift === undefined) return undefined;
    if ('item' in gift) {
      const { item } = gift;
      const move = { item, from: userId, to: asker, at, entryId: credit, authorityId, reason: 'Gift' };
      return (await moveItem(this.sql, move)) ? undefined : new ItemNotOwnedError(userId, item);
    }
    const entry = (entryId: string, owner: string, amount: number, line: number): LedgerEntry =>
      entryOf({
        id: entryId,
        authorityId,
        userId: owner,
        resource: gift.resource,
        createdAt: at,
        amount,
        reason: 'Gift',
        transferId: debit,
        line,
      });
    const entries = [entry(debit, userId, -gift.amount, 0), entry(credit, asker, gift.amount, 1)];
    const refusal = this.balances.apply(entries);
    if (!refusal) this.entries.push(...entries);
    return refusal;
  }
}

async function load(
  sql: Sql,
  replies: readonly Pick<GiftReplying, 'userId' | 'requestId'>[],
  lock: boolean,
): Promise<Map<string, RecipientRow>> {
  const keys = replies.map(({ requestId, userId }) => [requestId, userId]);
  const statement = lock ? LOCK_RECIPIENTS : READ_RECIPIENTS;
  const rows = await sql.rows<RecipientRow>(statement.with(keys));
  return new Map(rows.map((row) => [keyOf({ requestId: row.id, userId: row.recipient }), row]));
}

function openFor(
  reply: Pick<GiftReplying, 'userId' | 'requestId' | 'at'>,
  recipients: ReadonlyMap<string, RecipientRow>,
): RecipientRow | Error {
  const row = recipients.get(keyOf(reply));
  if (!row) return new GiftRequestNotFoundError(reply.requestId);
  return reply.at >= Number(row.expires_at) ? new GiftRequestExpiredError(reply.requestId) : row;
}

function keyOf({ requestId, userId }: Pick<GiftReplying, 'userId' | 'requestId'>): string {
  return `${requestId}\n${userId}`;
}
