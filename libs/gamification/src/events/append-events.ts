import { TransactionConflictError } from '../database/database.errors.js';
import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import type { CheckedEvent, Outcome } from './event.js';

const INSERT = new Insert(
  'gamification_events',
  {
    id: 'text',
    user_id: 'text',
    type: 'text',
    action: 'text',
    idempotence_key: 'text',
    traits: 'text',
    occurred_at: 'bigint',
    received_at: 'bigint',
  },
  'on conflict do nothing returning id',
);

const FIND_KNOWN = new Statement(`
  select e.id, e.received_at, each.value ->> 0 as asked
  from each($1) join gamification_events e on e.id = each.value ->> 0
  union all
  select e.id, e.received_at, each.value ->> 0 as asked
  from each($1) join gamification_events e
    on e.user_id = each.value ->> 1 and e.type = each.value ->> 2 and e.action = each.value ->> 3
    and e.idempotence_key = each.value ->> 4`);

interface KnownRow {
  readonly id: string;
  readonly received_at: number | string;
  /** The id of the event that was to be inserted. */
  readonly asked: string;
}

/**
 * Appends batches of events to the log, each batch whole and in its order.
 *
 * An event whose id is in the log already was recorded by an earlier try whose answer was lost. One whose idempotence
 * key is known is answered with the outcome of the first.
 */
export const appendEvents: WriteCommand<readonly CheckedEvent[], readonly Outcome[]> = {
  name: 'events',

  async run(sql, batches) {
    const events = batches.flat();
    const outcomes = await append(sql, events);
    let start = 0;
    return batches.map((batch): Written<readonly Outcome[]> => {
      const value = outcomes.slice(start, start + batch.length);
      start += batch.length;
      return { ok: true, value };
    });
  },
};

async function append(sql: Sql, events: readonly CheckedEvent[]): Promise<Outcome[]> {
  const rows = await sql.rows<{ id: string }>(INSERT.with(events.map(toColumns)));
  const inserted = new Set(rows.map(({ id }) => id));
  const known = inserted.size === events.length ? undefined : await findKnown(sql, events, inserted);
  return events.map((event) => {
    if (inserted.has(event.id))
      return { eventId: event.id, receivedAt: new Date(event.receivedAt), replayed: false };
    const first = known?.get(event.id);
    // It stood in the way of the insert and is gone again: only another try can tell what it was.
    if (!first) throw new TransactionConflictError(`event ${event.id} was neither inserted nor found`);
    return {
      eventId: first.id,
      receivedAt: new Date(Number(first.received_at)),
      replayed: first.id !== event.id,
    };
  });
}

async function findKnown(
  sql: Sql,
  events: readonly CheckedEvent[],
  inserted: ReadonlySet<string>,
): Promise<Map<string, KnownRow>> {
  const missing = events.filter(({ id }) => !inserted.has(id));
  const rows = await sql.rows<KnownRow>(FIND_KNOWN.with(missing.map(toColumns)));
  const known = new Map<string, KnownRow>();
  for (const row of rows) {
    // Its own id, where the log has it, comes before another event with the same key.
    if (known.get(row.asked)?.id !== row.asked) known.set(row.asked, row);
  }
  return known;
}

function toColumns(event: CheckedEvent): readonly (string | number | null)[] {
  return [
    event.id,
    event.userId,
    event.type,
    event.action ?? '',
    event.idempotenceKey ?? null,
    event.traits,
    event.occurredAt,
    event.receivedAt,
  ];
}
