import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
import { writeEntries } from './balances.js';
import { type EntryRow, fromRow } from './ledger-entry.js';

/** An item that is to go from one user to another. */
export interface ItemMove {
  readonly item: string;
  readonly from: string;
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The id of the entry by which the other one gets it. */
  readonly entryId: string;
  readonly authorityId: string;
  /** For people. */
  readonly reason: string;
}

const FIRST_UNUSED = `
  select * from gamification_entries
  where user_id = $1 and item_name = $2 and item_used_at is null
  order by position limit 1`;
const LOCK_ITEM = new Statement({ sqlite: FIRST_UNUSED, postgres: `${FIRST_UNUSED} for update` });

const USE_UP = new Statement('update gamification_entries set item_used_at = $2 where id = $1');

/**
 * Moves the first unused item of a name: the giver's is used up, and the other one gets one with the same data.
 *
 * @returns whether the giver had one
 */
export async function moveItem(sql: Sql, move: ItemMove): Promise<boolean> {
  const [row] = await sql.rows<EntryRow>(LOCK_ITEM.with(move.from, move.item));
  if (!row) return false;
  sql.queue(USE_UP.with(row.id, move.at));
  const given = {
    ...fromRow(row),
    id: move.entryId,
    authorityId: move.authorityId,
    userId: move.to,
    createdAt: move.at,
    amount: 0,
    reason: move.reason,
    transferId: row.id,
    idempotencyKey: null,
    line: 0,
    eventId: null,
  };
  writeEntries(sql, [given]);
  return true;
}
