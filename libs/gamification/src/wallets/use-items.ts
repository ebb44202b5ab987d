import type { WriteCommand, Written } from '../database/group-commit.js';
import { Statement } from '../database/statement.js';
import { type EntryRow, fromRow, type LedgerEntry } from './ledger-entry.js';
import { EntryNotFoundError, ItemAlreadyUsedError } from './wallets.errors.js';

/** An item to be marked as used. */
export interface ItemUse {
  readonly entryId: string;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

const LOCK_ITEMS = new Statement({
  sqlite: `
    select * from gamification_entries
    where id in (select each.value ->> 0 from each($1)) and item_name is not null`,
  postgres: `
    select * from gamification_entries
    where id in (select each.value ->> 0 from each($1)) and item_name is not null
    order by id for update`,
});

const MARK_USED = new Statement(`
  update gamification_entries set item_used_at = cast(each.value ->> 1 as bigint) from each($1)
  where id = each.value ->> 0`);

/** Marks items as used, each of them once. */
export const useItems: WriteCommand<ItemUse, LedgerEntry> = {
  name: 'ledger-items',

  async run(sql, uses) {
    const rows = await sql.rows<EntryRow>(LOCK_ITEMS.with(uses.map(({ entryId }) => [entryId])));
    const entries = new Map(rows.map(fromRow).map((entry) => [entry.id, entry]));
    const marked: ItemUse[] = [];
    const results = uses.map((use): Written<LedgerEntry> => {
      const entry = entries.get(use.entryId);
      if (!entry) return { ok: false, error: new EntryNotFoundError(use.entryId) };
      if (entry.itemUsedAt !== null) return { ok: false, error: new ItemAlreadyUsedError(use.entryId) };
      const used = { ...entry, itemUsedAt: use.usedAt };
      entries.set(used.id, used);
      marked.push(use);
      return { ok: true, value: used };
    });
    if (marked.length > 0) sql.queue(MARK_USED.with(marked.map(({ entryId, usedAt }) => [entryId, usedAt])));
    return results;
  },
};
