import type { Entry, Item } from './wallets.js';

/** An entry as the ledger keeps it. */
export interface LedgerEntry {
  readonly id: string;
  readonly authorityId: string;
  readonly userId: string;
  readonly resource: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly amount: number;
  readonly reason: string;
  readonly itemName: string | null;
  /** JSON. */
  readonly itemData: string | null;
  readonly itemUsedAt: number | null;
  readonly transferId: string | null;
  readonly idempotencyKey: string | null;
  /** Its place in its posting. */
  readonly line: number;
  /** The event whose rules wrote it. */
  readonly eventId: string | null;
}

/** An entry of a domain beside the wallets: what it does not say, it does not have. */
export function entryOf(
  entry: Pick<LedgerEntry, 'id' | 'authorityId' | 'userId' | 'resource' | 'createdAt' | 'amount' | 'reason'> &
    Partial<LedgerEntry>,
): LedgerEntry {
  return {
    itemName: null,
    itemData: null,
    itemUsedAt: null,
    transferId: null,
    idempotencyKey: null,
    line: 0,
    eventId: null,
    ...entry,
  };
}

/** A row of `gamification_entries`. */
export interface EntryRow {
  readonly position: number | string;
  readonly id: string;
  readonly authority_id: string;
  readonly user_id: string;
  readonly resource: string;
  readonly created_at: number | string;
  readonly amount: number | string;
  readonly reason: string;
  readonly item_name: string | null;
  readonly item_data: string | null;
  readonly item_used_at: number | string | null;
  readonly transfer_id: string | null;
  readonly idempotency_key: string | null;
  readonly line: number | string;
  readonly event_id: string | null;
}

export function fromRow(row: EntryRow): LedgerEntry {
  return {
    id: row.id,
    authorityId: row.authority_id,
    userId: row.user_id,
    resource: row.resource,
    createdAt: Number(row.created_at),
    amount: Number(row.amount),
    reason: row.reason,
    itemName: row.item_name,
    itemData: row.item_data,
    itemUsedAt: row.item_used_at === null ? null : Number(row.item_used_at),
    transferId: row.transfer_id,
    idempotencyKey: row.idempotency_key,
    line: Number(row.line),
    eventId: row.event_id,
  };
}

export function toEntry(entry: LedgerEntry): Entry {
  const item = toItem(entry);
  return {
    entryId: entry.id,
    authorityId: entry.authorityId,
    userId: entry.userId,
    resource: entry.resource,
    createdOn: new Date(entry.createdAt),
    amount: entry.amount,
    reason: entry.reason,
    ...(item ? { item } : {}),
    ...(entry.transferId === null ? {} : { transferId: entry.transferId }),
    ...(entry.eventId === null ? {} : { eventId: entry.eventId }),
  };
}

export function toItem({ itemName, itemData, itemUsedAt }: LedgerEntry): Item | undefined {
  if (itemName === null) return undefined;
  const used = itemUsedAt !== null;
  return itemData === null ? { name: itemName, used } : { name: itemName, used, data: JSON.parse(itemData) };
}
