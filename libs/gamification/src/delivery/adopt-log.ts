import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
import { toBeginning } from './beginning.js';
import { toPlaces } from './place.js';

/** The first numbers that no event of the log has, and that the server has not given. */
const NEXT = new Statement(`
  select coalesce(max(transaction_id), -1) + 1 as log,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as server
  from gamification_events`);

const DESTINATIONS = new Statement('select name, cursors, beginning from gamification_destinations');

const SHIFT_EVENTS = new Statement(
  'update gamification_events set transaction_id = transaction_id - cast($1 as bigint)',
);
const SHIFT_DESTINATION = new Statement(
  'update gamification_destinations set cursors = $2, beginning = $3 where name = $1',
);

/**
 * Puts a log in order that was brought to another PostgreSQL server, such as by a dump. That server counts its
 * transactions anew, so it would take the log's old events for ones of the future, and its new ones for ones that were
 * delivered. All that is there moves before its first transaction, and keeps its order.
 */
export async function adoptLog(sql: Sql): Promise<void> {
  if (sql.dialect === 'sqlite') return;
  const [next] = await sql.rows<{ log: number | string; server: number | string }>(NEXT.with());
  const rows = await sql.rows<{ name: string; cursors: string; beginning: string }>(DESTINATIONS.with());
  const destinations = rows.map(({ name, cursors, beginning }) => ({
    name,
    cursors: toPlaces(cursors),
    beginning: toBeginning(beginning),
  }));
  const shift = destinations
    .flatMap(({ cursors, beginning: [first] }) => [first, ...cursors.map(([transaction]) => transaction)])
    .reduce((latest, each) => Math.max(latest, each), Number(next?.log));
  if (shift <= Number(next?.server)) return;
  sql.queue(SHIFT_EVENTS.with(shift));
  for (const { name, cursors, beginning } of destinations) {
    const places = cursors.map(([transaction, position]) => [transaction - shift, position]);
    const transactions = beginning.map((transaction) => transaction - shift);
    sql.queue(SHIFT_DESTINATION.with(name, JSON.stringify(places), JSON.stringify(transactions)));
  }
}
