import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import { isIdentifier } from '../validation.js';

const LEAVE = new Statement(`
  delete from gamification_groups
  where (user_id, trait) in (select each.value ->> 0, each.value ->> 1 from each($1))`);

const JOIN = new Insert(
  'gamification_groups',
  { trait: 'text', value: 'text', user_id: 'text' },
  'on conflict do nothing',
);

/** A player came to belong to a group, or to none. */
export interface GroupChange {
  readonly userId: string;
  readonly trait: string;
  readonly value: string | undefined;
}

/** The group that a trait's value stands for: texts, numbers and truth values can. */
export function groupOf(value: unknown): string | undefined {
  const text =
    typeof value === 'string' ? value : ['number', 'boolean'].includes(typeof value) ? String(value) : '';
  return isIdentifier(text) ? text : undefined;
}

/** Queues the changes of groups, the last of each player and trait counting. */
export function writeGroups(sql: Sql, changes: readonly GroupChange[]): void {
  if (changes.length === 0) return;
  const last = [...new Map(changes.map((change) => [`${change.userId}\n${change.trait}`, change])).values()];
  sql.queue(LEAVE.with(last.map(({ userId, trait }) => [userId, trait])));
  const joined = last.flatMap(({ userId, trait, value }) =>
    value === undefined ? [] : [[trait, value, userId]],
  );
  if (joined.length > 0) sql.queue(JOIN.with(joined));
}
