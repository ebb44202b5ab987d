import { TransactionConflictError } from '../database/database.errors.js';
import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
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

const INSERT_ENTRIES = new Statement(`
  insert into gamification_entries (id, authority_id, user_id, resource, created_at, amount, reason,
    item_name, item_data, transfer_id, idempotency_key, line)
  select each.value ->> 0, each.value ->> 1, each.value ->> 2, each.value ->> 3, cast(each.value ->> 4 as bigint),
    cast(each.value ->> 5 as bigint), each.value ->> 6, each.value ->> 7, each.value ->> 8, each.value ->> 9,
    each.value ->> 10, cast(each.value ->> 11 as bigint)
  from each($1) where true order by each.key`);

/** Only of wallets that no one else made meanwhile: their totals would be unknown here. */
const INSERT_BALANCES = new Statement(`
  insert into gamification_balances (user_id, resource, total)
  select each.value ->> 0, each.value ->> 1, cast(each.value ->> 2 as bigint) from each($1) where true
  order by each.key
  on conflict do nothing
  returning user_id`);

const UPDATE_BALANCES = new Statement(`
  update gamification_balances set total = cast(each.value ->> 2 as bigint) from each($1)
  where user_id = each.value ->> 0 and resource = each.value ->> 1`);

const ADD_TO_AUTHORITY_TOTALS = new Statement(`
  insert into gamification_authority_totals (user_id, resource, authority_id, total)
  select each.value ->> 0, each.value ->> 1, each.value ->> 2, cast(each.value ->> 3 as bigint) from each($1) where true
  order by each.key
  on conflict (user_id, resource, authority_id)
  do update set total = gamification_authority_totals.total + excluded.total`);

/**
 * Writes postings: each is checked against the totals that the ones before it left, and refused alone when the wallet
 * holds too little. A known idempotency key is answered with the entries that it wrote.
 */
export const postEntries: WriteCommand<Posting, readonly LedgerEntry[]> = {
  name: 'ledger',

  async run(sql, postings) {
    const balances = await Balances.lock(sql, postings);
    const known = await findKnown(sql, postings);
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
      await sql.rows(INSERT_ENTRIES, [accepted.map(toColumns)]);
      await balances.write(sql);
      await sql.rows(ADD_TO_AUTHORITY_TOTALS, [authorityTotals(accepted)]);
    }
    return results;
  },
};

interface Balance {
  readonly userId: string;
  readonly resource: string;
  readonly stored: boolean;
  total: number;
  changed: boolean;
}

/** The totals of the wallets that a batch touches, as they change while the batch is gone through. */
class Balances {
  private constructor(private readonly byKey: ReadonlyMap<string, Balance>) {}

  static async lock(sql: Sql, postings: readonly Posting[]): Promise<Balances> {
    const byKey = new Map<string, Balance>();
    for (const { userId, resource } of postings.flatMap(({ entries }) => entries)) {
      byKey.set(join(userId, resource), { userId, resource, stored: false, total: 0, changed: false });
    }
    const keys = [...byKey.values()].map(({ userId, resource }) => [userId, resource]);
    const rows = await sql.rows<{ user_id: string; resource: string; total: number | string }>(
      LOCK_BALANCES,
      [keys],
    );
    for (const { user_id: userId, resource, total } of rows) {
      byKey.set(join(userId, resource), {
        userId,
        resource,
        stored: true,
        total: Number(total),
        changed: false,
      });
    }
    return new Balances(byKey);
  }

  /** Applies all entries of a posting, or none and says why. */
  apply({ entries }: Posting): Error | undefined {
    for (const { userId, resource, amount } of entries) {
      const { total } = this.of(userId, resource);
      if (total + amount < 0) return new NotEnoughFundsError(userId, resource, -amount, total);
      if (!Number.isSafeInteger(total + amount)) return new BalanceOutOfRangeError(userId, resource);
    }
    for (const { userId, resource, amount } of entries) {
      const balance = this.of(userId, resource);
      balance.total += amount;
      balance.changed = true;
    }
    return undefined;
  }

  async write(sql: Sql): Promise<void> {
    const changed = [...this.byKey.values()].filter((balance) => balance.changed);
    const toColumns = ({ userId, resource, total }: Balance) => [userId, resource, total];
    const known = changed.filter(({ stored }) => stored).map(toColumns);
    const fresh = changed
      .filter(({ stored }) => !stored)
      .map(toColumns)
      .sort(byCodePoint);
    if (known.length > 0) await sql.rows(UPDATE_BALANCES, [known]);
    if (fresh.length === 0) return;
    const inserted = await sql.rows(INSERT_BALANCES, [fresh]);
    if (inserted.length < fresh.length)
      throw new TransactionConflictError('another transaction made the same wallet');
  }

  private of(userId: string, resource: string): Balance {
    const balance = this.byKey.get(join(userId, resource));
    if (!balance) throw new Error(`the ${resource} of user ${userId} were not locked`);
    return balance;
  }
}

/** The entries that the postings' idempotency keys wrote before. */
async function findKnown(
  sql: Sql,
  postings: readonly Posting[],
): Promise<Map<string, readonly LedgerEntry[]>> {
  const keys = postings.flatMap(({ entries: [first] }) =>
    first?.idempotencyKey ? [[first.authorityId, first.idempotencyKey]] : [],
  );
  const known = new Map<string, LedgerEntry[]>();
  if (keys.length === 0) return known;
  const seen = new Set<string>();
  for (const entry of (await sql.rows<EntryRow>(FIND_KEYS, [keys])).map(fromRow)) {
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

function authorityTotals(entries: readonly LedgerEntry[]): readonly (readonly (string | number)[])[] {
  const totals = new Map<string, [userId: string, resource: string, authorityId: string, total: number]>();
  for (const { userId, resource, authorityId, amount } of entries) {
    const key = join(userId, resource, authorityId);
    const known = totals.get(key);
    if (known) known[3] += amount;
    else totals.set(key, [userId, resource, authorityId, amount]);
  }
  return [...totals.values()].sort(byCodePoint);
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

/** The order in which all writers insert their rows. */
function byCodePoint(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const [left, right] = [a.slice(0, -1).join('\0'), b.slice(0, -1).join('\0')];
  return left < right ? -1 : left > right ? 1 : 0;
}
