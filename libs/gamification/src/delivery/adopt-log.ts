import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';
import { type Beginning, toBeginning } from './beginning.js';
import { type Place, toPlaces } from './place.js';

const DESTINATIONS = new Statement('select name, cursors, beginning from gamification_destinations');

/** The number behind those of all events, and the one from which on the server has ended no transaction. */
const NUMBERS = new Statement(`
  select coalesce(max(transaction_id), -1) + 1 as events,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as server
  from gamification_events`);

const SHIFT_EVENTS = new Statement(
  'update gamification_events set transaction_id = transaction_id - cast($1 as bigint)',
);
const SHIFT_DESTINATION = new Statement(
  'update gamification_destinations set cursors = $2, beginning = $3 where name = $1',
);

interface Destination {
  readonly name: string;
  readonly cursors: readonly Place[];
  readonly beginning: Beginning;
}

/**
 * Puts a log in order that was brought to another PostgreSQL server, such as by a dump. That server counts its
 * transactions anew, so it would take the log's old events for ones of the future, and its new ones for ones that were
 * delivered. All that is there moves before its first transaction, and keeps its order.
 */
export async function adoptLog(sql: Sql): Promise<void> {
  if (sql.dialect === 'sqlite') return;
  // In this order: another instance may deliver meanwhile, and its cursors are then never behind the server's number.
  const destinations = await destinationsOf(sql);
  const [numbers] = await sql.rows<{ events: number | string; server: number | string }>(NUMBERS.with());
  if (!numbers) return;
  // A cursor, or a beginning, may stand at the first number that was not used.
  const shift = Math.max(Number(numbers.events), ...destinations.flatMap(transactionsOf));
  if (shift <= Number(numbers.server)) return;
  sql.queue(SHIFT_EVENTS.with(shift));
  for (const { name, cursors, beginning } of destinations) {
    const places = cursors.map(([transaction, position]) => [transaction - shift, position]);
    const transactions = beginning.map((transaction) => transaction - shift);
    sql.queue(SHIFT_DESTINATION.with(name, JSON.stringify(places), JSON.stringify(transactions)));
  }
}

async function destinationsOf(sql: Sql): Promise<readonly Destination[]> {
  const rows = await sql.rows<{ name: string; cursors: string; beginning: string }>(DESTINATIONS.with());
  return rows.map(({ name, cursors, beginning }) => ({
    name,
    cursors: toPlaces(cursors),
    beginning: toBeginning(beginning),
  }));
}

function transactionsOf({ cursors, beginning }: Destination): readonly number[] {
  return [...cursors.map(([transaction]) => transaction), ...beginning];
}
