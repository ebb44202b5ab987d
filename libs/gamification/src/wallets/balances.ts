import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import type { LedgerEntry } from './ledger-entry.js';
import { BalanceOutOfRangeError, NotEnoughFundsError } from './wallets.errors.js';

/** Locked in one order (by user, then currency), so that concurrent batches cannot wait for each other in a circle. */
const LOCK_BALANCES = new Statement({
  sqlite: `
    select b.user_id, b.resource, b.total from each($1)
    join gamification_balances b on b.user_id = each.value ->> 0 and b.resource = each.value ->> 1`,
  postgres: `
    select b.user_id, b.resource, b.total from each($1)
    join gamification_balances b on b.user_id = each.value ->> 0 and b.resource = each.value ->> 1
    order by b.user_id, b.resource for update of b`,
});

const INSERT_ENTRIES = new Insert('gamification_entries', {
  id: 'text',
  authority_id: 'text',
  user_id: 'text',
  resource: 'text',
  created_at: 'bigint',
  amount: 'bigint',
  reason: 'text',
  item_name: 'text',
  item_data: 'text',
  transfer_id: 'text',
  idempotency_key: 'text',
  line: 'bigint',
  event_id: 'text',
});

const ADD_TO_BALANCES = new Statement(`
  update gamification_balances
  set total = total + cast(each.value ->> 2 as bigint),
    overdraft = case when cast(each.value ->> 3 as bigint) = 1 then 1 else overdraft end
  from each($1)
  where user_id = each.value ->> 0 and resource = each.value ->> 1`);

/** For wallets that did not exist when the balances were locked, though they may by now. */
const MAKE_BALANCES = new Insert(
  'gamification_balances',
  { user_id: 'text', resource: 'text', total: 'bigint', overdraft: 'bigint' },
  `on conflict (user_id, resource) do update
   set total = gamification_balances.total + excluded.total,
     overdraft = case when excluded.overdraft = 1 then 1 else gamification_balances.overdraft end`,
);

const ADD_TO_AUTHORITY_TOTALS = new Insert(
  'gamification_authority_totals',
  { user_id: 'text', resource: 'text', authority_id: 'text', total: 'bigint' },
  `on conflict (user_id, resource, authority_id)
   do update set total = gamification_authority_totals.total + excluded.total`,
);

/** Queues entries without their totals. */
export function writeEntries(sql: Sql, entries: readonly LedgerEntry[]): void {
  sql.queue(INSERT_ENTRIES.with(entries.map(toColumns)));
}

/** The wallet of a user in a currency. */
export type WalletKey = readonly [userId: string, resource: string];

/** A row of `gamification_balances`. */
export interface BalanceRow {
  readonly user_id: string;
  readonly resource: string;
  readonly total: number | string;
}

/**
 * Totals that a transaction has read and keeps from changing, as they change while its entries are gone through.
 *
 * A wallet that does not exist yet cannot be locked: it may come into being meanwhile with more than 0, but never with
 * less, and sums are added, not set, so nothing is lost.
 */
export class Balances {
  private readonly totals: Map<string, number>;
  private readonly locked: ReadonlySet<string>;
  private readonly overdrawn = new Set<string>();

  constructor(rows: readonly BalanceRow[]) {
    this.totals = new Map(rows.map((row) => [join(row.user_id, row.resource), Number(row.total)]));
    this.locked = new Set(this.totals.keys());
  }

  /** Reads and locks wallets, each named once. */
  static async lock(sql: Sql, wallets: readonly WalletKey[]): Promise<Balances> {
    return new Balances(wallets.length === 0 ? [] : await sql.rows<BalanceRow>(Balances.statement(wallets)));
  }

  /** The statement whose rows make {@link Balances}. */
  static statement(wallets: readonly WalletKey[]) {
    return LOCK_BALANCES.with(wallets);
  }

  /** What a wallet holds. */
  total(userId: string, resource: string): number {
    return this.totals.get(join(userId, resource)) ?? 0;
  }

  /** Applies all entries of a posting, or none and says why. */
  apply(entries: readonly LedgerEntry[]): Error | undefined {
    for (const { userId, resource, amount } of entries) {
      const total = this.total(userId, resource);
      if (amount < 0 && total + amount < 0) return new NotEnoughFundsError(userId, resource, -amount, total);
      if (!Number.isSafeInteger(total + amount)) return new BalanceOutOfRangeError(userId, resource);
    }
    for (const { userId, resource, amount } of entries) this.add(userId, resource, amount);
    return undefined;
  }

  /** Applies an amount that may leave a wallet below zero. */
  applyAnyhow(userId: string, resource: string, amount: number): void {
    if (this.add(userId, resource, amount) < 0) this.overdrawn.add(join(userId, resource));
  }

  /** Queues the entries that were applied, with all totals. */
  write(sql: Sql, entries: readonly LedgerEntry[]): void {
    if (entries.length === 0) return;
    writeEntries(sql, entries);
    const known: SumRow[] = [];
    const fresh: SumRow[] = [];
    for (const [userId = '', resource = '', sum = 0] of sums(entries, (entry) => [
      entry.userId,
      entry.resource,
    ])) {
      const wallet = join(String(userId), String(resource));
      const rows = this.locked.has(wallet) ? known : fresh;
      rows.push([userId, resource, sum, this.overdrawn.has(wallet) ? 1 : 0]);
    }
    if (known.length > 0) sql.queue(ADD_TO_BALANCES.with(known));
    if (fresh.length > 0) sql.queue(MAKE_BALANCES.with(fresh));
    sql.queue(
      ADD_TO_AUTHORITY_TOTALS.with(
        sums(entries, ({ userId, resource, authorityId }) => [userId, resource, authorityId]),
      ),
    );
  }

  private add(userId: string, resource: string, amount: number): number {
    const total = this.total(userId, resource) + amount;
    this.totals.set(join(userId, resource), total);
    return total;
  }
}

/** The parts of a key, and what goes with them. */
type SumRow = readonly (string | number)[];

/** The sums of the amounts by key, as rows, in the one order in which all writers touch them. */
function sums(
  entries: readonly LedgerEntry[],
  keyOfEntry: (entry: LedgerEntry) => readonly string[],
): readonly SumRow[] {
  const byKey = new Map<string, { readonly key: readonly string[]; sum: number }>();
  for (const entry of entries) {
    const key = keyOfEntry(entry);
    const joined = join(...key);
    const known = byKey.get(joined);
    if (known) known.sum += entry.amount;
    else byKey.set(joined, { key, sum: entry.amount });
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { key, sum }]) => [...key, sum]);
}

function toColumns(entry: LedgerEntry): readonly (string | number | null)[] {
  return [
    entry.id,
    entry.authorityId,
    entry.userId,
    entry.resource,
    entry.createdAt,
    entry.amount,
    entry.reason,
    entry.itemName,
    entry.itemData,
    entry.transferId,
    entry.idempotencyKey,
    entry.line,
    entry.eventId,
  ];
}

/** Identifiers hold no control characters, so the parts cannot run into each other. */
export function join(...parts: readonly string[]): string {
  return parts.join('\0');
}
