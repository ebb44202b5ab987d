import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
import { type BalanceRow, Balances, join, type WalletKey } from './balances.js';
import { type EntryRow, fromRow, type LedgerEntry } from './ledger-entry.js';
import { IdempotencyConflictError } from './wallets.errors.js';

/** Entries that are written together or not at all: one, or the two of a transfer. */
export interface Posting {
  readonly entries: readonly LedgerEntry[];
}

const FIND_KEYS = new Statement(`
  select e.* from each($1) join gamification_entries e
    on e.authority_id = each.value ->> 0 and e.idempotency_key = each.value ->> 1
  order by e.line`);

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
      const refusal = balances.apply(posting.entries);
      if (refusal) return { ok: false, error: refusal };
      accepted.push(...posting.entries);
      if (key !== undefined) known.set(key, posting.entries);
      return { ok: true, value: posting.entries };
    });
    balances.write(sql, accepted);
    return results;
  },
};

/** Reads and locks the totals, and reads the entries that the idempotency keys wrote before. */
async function load(
  sql: Sql,
  postings: readonly Posting[],
): Promise<{ balances: Balances; known: Map<string, readonly LedgerEntry[]> }> {
  const wallets = new Map<string, WalletKey>();
  const keys: (readonly [string, string])[] = [];
  for (const { entries } of postings) {
    for (const { userId, resource } of entries) wallets.set(join(userId, resource), [userId, resource]);
    const [first] = entries;
    if (first?.idempotencyKey) keys.push([first.authorityId, first.idempotencyKey]);
  }
  if (keys.length === 0)
    return { balances: await Balances.lock(sql, [...wallets.values()]), known: new Map() };
  // In this order: once the locks are there, so are the entries of whoever held them.
  const [balances, known] = await sql.rowsOfBoth<BalanceRow, EntryRow>(
    Balances.statement([...wallets.values()]),
    FIND_KEYS.with(keys),
  );
  return { balances: new Balances(balances), known: entriesByKey(known) };
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
