import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
import type { Place } from './place.js';

const FOREIGN = new Statement({
  sqlite: 'select 0 as transaction_id where 1 = 0',
  postgres: `
    select transaction_id from
      (select max(transaction_id) as transaction_id from gamification_events) latest
    where transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint`,
});

const SHIFT_EVENTS = new Statement(
  'update gamification_events set transaction_id = transaction_id - cast($1 as bigint)',
);
const CURSORS = new Statement('select name, cursors from gamification_destinations');
const SHIFT_CURSORS = new Statement('update gamification_destinations set cursors = $2 where name = $1');

/**
 * Puts a log in order that was brought to another PostgreSQL server, such as by a dump. That server counts its
 * transactions anew, so it would take the log's old events for ones of the future. All of them, and the cursors, move
 * before its first transaction, and keep their order among themselves.
 */
export async function adoptLog(sql: Sql): Promise<void> {
  const [latest] = await sql.rows<{ transaction_id: number | string }>(FOREIGN.with());
  if (!latest) return;
  const shift = Number(latest.transaction_id) + 1;
  sql.queue(SHIFT_EVENTS.with(shift));
  for (const { name, cursors } of await sql.rows<{ name: string; cursors: string }>(CURSORS.with())) {
    // The text was made by JSON.stringify of places.
    const places = JSON.parse(cursors) as readonly Place[];
    const shifted = places.map(([transaction, position]) => [transaction - shift, position]);
    sql.queue(SHIFT_CURSORS.with(name, JSON.stringify(shifted)));
  }
}
