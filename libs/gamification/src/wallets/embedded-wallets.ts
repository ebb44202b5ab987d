import { Injectable } from '@nestjs/common';
import { Clock } from '../clock.js';
import { CheckViolationError } from '../database/database.errors.js';
import { Database } from '../database/database.js';
import { Conditions, Statement } from '../database/statement.js';
import { GamificationOptions } from '../gamification.options.js';
import { Ids } from '../ids.js';
import { keyOf, limitOf, type Page, pageOf } from '../page.js';
import { identifierRows, isIdentifier } from '../validation.js';
import { checkedEntry, checkedTransfer } from './checked-inputs.js';
import { type EntryRow, fromRow, type LedgerEntry, toEntry, toItem } from './ledger-entry.js';
import { postEntries } from './post-entries.js';
import { useItems } from './use-items.js';
import { DEFAULT_RESOURCE, type NewEntry, type NewTransfer } from './wallet-inputs.js';
import { BalanceOutOfRangeError, EntryNotFoundError } from './wallets.errors.js';
import {
  type Entry,
  type EntryItem,
  type EntryQuery,
  type InventoryQuery,
  type Transfer,
  type WalletQuery,
  Wallets,
  type WalletTotal,
  type WalletWriteOptions,
} from './wallets.js';

interface TotalRow {
  readonly user_id: string;
  readonly resource: string;
  readonly total: number | string;
}

/** {@link Wallets} in the library's own database: a ledger, with totals kept beside it in the same transaction. */
@Injectable()
export class EmbeddedWallets extends Wallets {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly options: GamificationOptions,
  ) {
    super();
  }

  async createEntry(given: NewEntry, options: WalletWriteOptions = {}): Promise<Entry> {
    const { userId, amount, item, ...common } = checkedEntry(given);
    const data = item?.data ?? null;
    const [entry] = await this.post(options, common, [
      { userId, amount, itemName: item?.name ?? null, itemData: data === null ? null : JSON.stringify(data) },
    ]);
    return entry;
  }

  async transfer(given: NewTransfer, options: WalletWriteOptions = {}): Promise<Transfer> {
    const { from, to, amount, ...common } = checkedTransfer(given);
    const [debit, credit] = await this.post(options, common, [
      { userId: from, amount: -amount, itemName: null, itemData: null },
      { userId: to, amount, itemName: null, itemData: null },
    ]);
    return { debit, credit };
  }

  async useItem(entryId: string, { transaction }: WalletWriteOptions = {}): Promise<Entry> {
    if (!isIdentifier(entryId)) throw new EntryNotFoundError(String(entryId));
    const use = { entryId, usedAt: this.clock.now() };
    return toEntry(await this.database.write(useItems, use, { keys: [], transaction }));
  }

  async getWallets(query: WalletQuery = {}): Promise<Page<WalletTotal>> {
    const limit = limitOf(query);
    const key = keyOf(query, ['string', 'string']);
    const { userIds, authorityIds, resources } = query;
    const conditions = new Conditions();
    restrict(conditions, 'user_id', userIds);
    restrict(conditions, 'resource', resources);
    restrict(conditions, 'authority_id', authorityIds);
    if (key) conditions.add('(user_id, resource) > (?, ?)', ...key);
    const totals =
      authorityIds !== undefined
        ? `select user_id, resource, sum(total) as total from gamification_authority_totals ${conditions.where}
         group by user_id, resource`
        : `select user_id, resource, total from gamification_balances ${conditions.where}`;
    const rows = await this.rows<TotalRow>(
      `${totals} order by user_id, resource limit ${conditions.parameter(limit + 1)}`,
      conditions,
    );
    return pageOf(
      rows,
      limit,
      (row) => ({ userId: row.user_id, resource: row.resource, total: Number(row.total) }),
      (row) => [row.user_id, row.resource],
    );
  }

  async getInventory(query: InventoryQuery = {}): Promise<Page<EntryItem>> {
    const limit = limitOf(query);
    const key = keyOf(query, ['number']);
    const { entryIds, userIds, authorityIds, used = false } = query;
    const conditions = new Conditions().add('item_name is not null');
    restrict(conditions, 'id', entryIds);
    restrict(conditions, 'user_id', userIds);
    restrict(conditions, 'authority_id', authorityIds);
    if (used !== 'any') conditions.add(`item_used_at is ${used ? 'not ' : ''}null`);
    if (key) conditions.add('position > ?', ...key);
    const rows = await this.rows<EntryRow>(
      `select * from gamification_entries ${conditions.where}
       order by position limit ${conditions.parameter(limit + 1)}`,
      conditions,
    );
    return pageOf(rows, limit, toEntryItem, (row) => [Number(row.position)]);
  }

  async entries(query: EntryQuery): Promise<Page<Entry>> {
    const limit = limitOf(query);
    const key = keyOf(query, ['number']);
    const { userId, resource, entryIds } = query;
    if (!isIdentifier(userId) || (resource !== undefined && !isIdentifier(resource))) return { items: [] };
    const conditions = new Conditions().add('user_id = ?', userId);
    if (resource !== undefined) conditions.add('resource = ?', resource);
    restrict(conditions, 'id', entryIds);
    if (key) conditions.add('position < ?', ...key);
    const rows = await this.rows<EntryRow>(
      `select * from gamification_entries ${conditions.where}
       order by position desc limit ${conditions.parameter(limit + 1)}`,
      conditions,
    );
    return pageOf(
      rows,
      limit,
      (row) => toEntry(fromRow(row)),
      (row) => [Number(row.position)],
    );
  }

  checkHealth(): Promise<void> {
    return this.database.ping();
  }

  /** Writes the entries of one posting and returns as many. */
  private async post<Lines extends readonly Line[]>(
    { transaction }: WalletWriteOptions,
    { reason, resource, authorityId, idempotencyKey }: Common,
    lines: readonly [...Lines],
  ): Promise<{ [Index in keyof Lines]: Entry }> {
    const ids = lines.map(() => this.ids.next());
    const createdAt = this.clock.now();
    const entries = lines.map(
      // Written out, because this is the hottest line of a posting, and copying with `...line` costs more than all else.
      ({ userId, amount, itemName, itemData }, index): LedgerEntry => ({
        id: ids[index] ?? '',
        userId,
        amount,
        itemName,
        itemData,
        authorityId: authorityId ?? this.options.authorityId,
        resource: resource ?? DEFAULT_RESOURCE,
        createdAt,
        reason,
        itemUsedAt: null,
        transferId: lines.length > 1 ? (ids[0] ?? null) : null,
        idempotencyKey: idempotencyKey ?? null,
        line: index,
        eventId: null,
      }),
    );
    try {
      const keys = lines.map(({ userId }) => userId);
      const written = await this.database.write(postEntries, { entries }, { keys, transaction });
      // `postEntries` answers each posting with as many entries as it has, or refuses it.
      return written.map(toEntry) as { [Index in keyof Lines]: Entry };
    } catch (error) {
      // The last line of defence for totals that are only kept per authority.
      if (!(error instanceof CheckViolationError)) throw error;
      throw new BalanceOutOfRangeError(lines[0]?.userId ?? '', resource ?? DEFAULT_RESOURCE, {
        cause: error,
      });
    }
  }

  private rows<Row>(text: string, { parameters }: Conditions): Promise<readonly Row[]> {
    return this.database.read((sql) => sql.rows<Row>(new Statement(text).with(...parameters)));
  }
}

type Line = Pick<LedgerEntry, 'userId' | 'amount' | 'itemName' | 'itemData'>;
type Common = Pick<NewEntry, 'reason' | 'resource' | 'authorityId' | 'idempotencyKey'>;

/** Only rows that have one of the values in a column, where values are given. */
function restrict(conditions: Conditions, column: string, values: readonly string[] | undefined): void {
  if (values === undefined) return;
  conditions.add(`${column} in (select each.value ->> 0 from each(?))`, identifierRows(values));
}

function toEntryItem(row: EntryRow): EntryItem {
  const entry = fromRow(row);
  const { id: entryId, authorityId, userId } = entry;
  const item = toItem(entry);
  if (!item) throw new Error(`entry ${entryId} has no item`);
  return { entryId, authorityId, userId, item };
}
