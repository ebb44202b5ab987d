import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import { type EntryRow, fromRow, type LedgerEntry } from './ledger-entry.js';
import { BalanceOutOfRangeError, IdempotencyConflictError, NotEnoughFundsError } from './wallets.errors.js';

/** Entries that are written together or not at all: one, or the two of a transfer. */
export interface Posting {
  readonly entries: readonly LedgerEntry[];
}

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

const FIND_KEYS = new Statement(`
  select e.* from each($1) join gamification_entries e
    on e.authority_id = each.value ->> 0 and e.idempotency_key = each.value ->> 1
  order by e.line`);

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
});

const ADD_TO_BALANCES = new Statement(`
  update gamification_balances set total = total + cast(each.value ->> 2 as bigint) from each($1)
  where user_id = each.value ->> 0 and resource = each.value ->> 1`);

/** For wallets that did not exist when the balances were locked, though they may by now. */
const MAKE_BALANCES = new Insert(
  'gamification_balances',
  { user_id: 'text', resource: 'text', total: 'bigint' },
  'on conflict (user_id, resource) do update set total = gamification_balances.total + excluded.total',
);

const ADD_TO_AUTHORITY_TOTALS = new Insert(
  'gamification_authority_totals',
  { user_id: 'text', resource: 'text', authority_id: 'text', total: 'bigint' },
  `on conflict (user_id, resource, authority_id)
   do update set total = gamification_authority_totals.total + excluded.total`,
);

/**
 * Writes postings: each is checked against the totals that the ones before it left, and refused alone when the wallet
 * holds too little. A known idempotency key is answered with the entries that it wrote.
 */
export const postEntries: WriteCommand<Posting, readonly LedgerEntry[]> = {
  name: 'ledger',

  async run(sql, postings) {
    const { balances, known } = await load(sql, postings);
    const accepted: LedgerEntry[] = [];
    const results = postings.map((posting): Written<readonly LedgerEntry[]> => {
      const key = keyOf(posting);
      const first = key === undefined ? undefined : known.get(key);
      if (first) return replay(posting, first);
      const refusal = balances.apply(posting);
      if (refusal) return { ok: false, error: refusal };
      accepted.push(...posting.entries);
      if (key !== undefined) known.set(key, posting.entries);
      return { ok: true, value: posting.entries };
    });
    if (accepted.length > 0) {
      sql.queue(INSERT_ENTRIES.with(accepted.map(toColumns)));
      balances.write(sql, accepted);
      sql.queue(
        ADD_TO_AUTHORITY_TOTALS.with(
          sums(accepted, ({ userId, resource, authorityId }) => [userId, resource, authorityId]),
        ),
      );
    }
    return results;
  },
};

interface BalanceRow {
  readonly user_id: string;
  readonly resource: string;
  readonly total: number | string;
}

/**
 * Reads the totals and keeps them from changing, and the entries that the idempotency keys wrote before.
 *
 * A wallet that does not exist yet cannot be locked: it may come into being meanwhile with more than 0, but never with
 * less, and sums are added, not set, so nothing is lost.
 */
async function load(
  sql: Sql,
  postings: readonly Posting[],
): Promise<{ balances: Balances; known: Map<string, readonly LedgerEntry[]> }> {
  const wallets = new Map<string, readonly [string, string]>();
  const keys: (readonly [string, string])[] = [];
  for (const { entries } of postings) {
    for (const { userId, resource } of entries) wallets.set(join(userId, resource), [userId, resource]);
    const [first] = entries;
    if (first?.idempotencyKey) keys.push([first.authorityId, first.idempotencyKey]);
  }
  const lock = LOCK_BALANCES.with([...wallets.values()]);
  // In this order: once the locks are there, so are the entries of whoever held them.
  const [balances, known] =
    keys.length > 0
      ? await sql.rowsOfBoth<BalanceRow, EntryRow>(lock, FIND_KEYS.with(keys))
      : [await sql.rows<BalanceRow>(lock), []];
  return { balances: new Balances(balances), known: entriesByKey(known) };
}

/** The totals of the wallets that a batch touches, as they change while the batch is gone through. */
class Balances {
  private readonly totals: Map<string, number>;
  private readonly locked: ReadonlySet<string>;

  constructor(rows: readonly BalanceRow[]) {
    this.totals = new Map(rows.map((row) => [join(row.user_id, row.resource), Number(row.total)]));
    this.locked = new Set(this.totals.keys());
  }

  /** Applies all entries of a posting, or none and says why. */
  apply({ entries }: Posting): Error | undefined {
    for (const { userId, resource, amount } of entries) {
      const total = this.totals.get(join(userId, resource)) ?? 0;
      if (total + amount < 0) return new NotEnoughFundsError(userId, resource, -amount, total);
      if (!Number.isSafeInteger(total + amount)) return new BalanceOutOfRangeError(userId, resource);
    }
    for (const { userId, resource, amount } of entries) {
      const wallet = join(userId, resource);
      this.totals.set(wallet, (this.totals.get(wallet) ?? 0) + amount);
    }
    return undefined;
  }

  write(sql: Sql, accepted: readonly LedgerEntry[]): void {
    const changes = sums(accepted, ({ userId, resource }) => [userId, resource]);
    const isLocked = ([userId, resource]: readonly unknown[]) =>
      this.locked.has(join(String(userId), String(resource)));
    const known = changes.filter(isLocked);
    const fresh = changes.filter((change) => !isLocked(change));
    if (known.length > 0) sql.queue(ADD_TO_BALANCES.with(known));
    if (fresh.length > 0) sql.queue(MAKE_BALANCES.with(fresh));
  }
}

function entriesByKey(rows: readonly EntryRow[]): Map<string, readonly LedgerEntry[]> {
  const known = new Map<string, LedgerEntry[]>();
  const seen = new Set<string>();
  for (const entry of rows.map(fromRow)) {
    // A key that stands in the batch twice finds its entries twice.
    if (seen.has(entry.id)) continue;
    seen.add(entry.id);
    const key = join(entry.authorityId, entry.idempotencyKey ?? '');
    known.set(key, [...(known.get(key) ?? []), entry]);
  }
  return known;
}

function replay(posting: Posting, first: readonly LedgerEntry[]): Written<readonly LedgerEntry[]> {
  const differing = new Set<string>();
  if (first.length !== posting.entries.length) differing.add('kind of write');
  for (const [line, entry] of posting.entries.entries()) {
    if (entry.userId !== first[line]?.userId) differing.add('user');
    if (entry.resource !== first[line]?.resource) differing.add('resource');
    if (entry.amount !== first[line]?.amount) differing.add('amount');
  }
  if (differing.size === 0) return { ok: true, value: first };
  const key = posting.entries[0]?.idempotencyKey ?? '';
  return { ok: false, error: new IdempotencyConflictError(key, [...differing]) };
}

function keyOf({ entries: [first] }: Posting): string | undefined {
  return first?.idempotencyKey ? join(first.authorityId, first.idempotencyKey) : undefined;
}

/** The sums of the amounts by key, as rows, in the one order in which all writers touch them. */
function sums(
  entries: readonly LedgerEntry[],
  keyOfEntry: (entry: LedgerEntry) => readonly string[],
): readonly (readonly (string | number)[])[] {
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
  ];
}

/** Identifiers hold no control characters, so the parts cannot run into each other. */
function join(...parts: readonly string[]): string {
  return parts.join('\0');
}
