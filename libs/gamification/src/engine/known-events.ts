import type { Sql } from '../database/sql.js';
import { ForEach, Statement } from '../database/statement.js';
import type { CheckedEvent, Outcome } from '../events/event.js';
import { NO_CHANGES } from '../mechanics/changes.js';

const COLUMNS = 'e.id, e.user_id, e.type, e.action, e.idempotence_key, e.received_at, o.outcome';
const OUTCOME = 'left join gamification_outcomes o on o.event_id = e.id';
/** The words of the partial indexes of the log. */
const ONCE = "e.idempotence_key is not null and e.action not in ('create', 'remove')";
const AGAIN = "e.idempotence_key is not null and e.action in ('create', 'remove')";

const KNOWN_ONCE = new Statement(`
  select ${COLUMNS} from each($1) join gamification_events e
    on e.user_id = each.value ->> 0 and e.type = each.value ->> 1 and e.action = each.value ->> 2
    and e.idempotence_key = each.value ->> 3 and ${ONCE}
  ${OUTCOME}`);

/** What was created can be removed and created again, so what matters is what came last. */
const KNOWN_ACTIONS = new ForEach({
  sqlite: `
    select ${COLUMNS} from gamification_events e ${OUTCOME}
    where e.user_id = ? and e.type = ? and e.idempotence_key = ? and ${AGAIN}
    order by e.position desc limit 1`,
  postgres: `
    select k.* from each($1) cross join lateral (
      select ${COLUMNS} from gamification_events e ${OUTCOME}
      where e.user_id = each.value ->> 0 and e.type = each.value ->> 1 and e.idempotence_key = each.value ->> 2
        and ${AGAIN}
      order by e.position desc limit 1) k`,
});

const KNOWN_IDS = new Statement(`
  select ${COLUMNS} from each($1) join gamification_events e on e.id = each.value ->> 0 ${OUTCOME}`);

interface KnownRow {
  readonly id: string;
  readonly user_id: string;
  readonly type: string;
  readonly action: string;
  readonly idempotence_key: string | null;
  readonly received_at: number | string;
  readonly outcome: string | null;
}

type Keyed = Pick<CheckedEvent, 'userId' | 'type' | 'action' | 'idempotenceKey'>;

interface Known {
  readonly action: string;
  readonly outcome: Outcome;
}

/**
 * Events that are in the log already: by their idempotence key, or, where an earlier try may have recorded them, by
 * their id. Of an action event with a key, a `create` is known while it is not removed, and a `remove` while it is not
 * created again.
 */
export class KnownEvents {
  private readonly byKey = new Map<string, Known>();
  private readonly byId = new Map<string, Outcome>();

  /** Looks up events whose players are locked. */
  static async find(sql: Sql, events: readonly CheckedEvent[]): Promise<KnownEvents> {
    const known = new KnownEvents();
    const once = events.filter((event) => event.idempotenceKey !== undefined && !isAgain(event));
    const again = events.filter((event) => event.idempotenceKey !== undefined && isAgain(event));
    const tried = events.filter((event) => event.tried);
    const look = async (wanted: readonly CheckedEvent[], rowsOf: () => Promise<readonly KnownRow[]>) => {
      if (wanted.length > 0) for (const row of await rowsOf()) known.addRow(row);
    };
    await look(once, () =>
      sql.rows(
        KNOWN_ONCE.with(
          once.map(({ userId, type, action = '', idempotenceKey = '' }) => [
            userId,
            type,
            action,
            idempotenceKey,
          ]),
        ),
      ),
    );
    await look(again, () =>
      sql.rows(
        KNOWN_ACTIONS.with(
          again.map(({ userId, type, idempotenceKey = '' }) => [userId, type, idempotenceKey]),
        ),
      ),
    );
    if (tried.length > 0) {
      for (const row of await sql.rows<KnownRow>(KNOWN_IDS.with(tried.map(({ id }) => [id])))) {
        known.byId.set(row.id, outcomeOf(row));
      }
    }
    return known;
  }

  /**
   * The outcome of the event if it is known; as a replay, unless it is the very same event.
   *
   * @returns how to get it when all of its transaction is known
   */
  find(event: CheckedEvent): (() => Outcome) | undefined {
    const same = this.byId.get(event.id);
    if (same) return () => same;
    if (event.idempotenceKey === undefined) return undefined;
    const known = this.byKey.get(keyOf(event));
    if (known?.action !== (event.action ?? '')) return undefined;
    const { outcome } = known;
    return () => ({ ...outcome, replayed: true });
  }

  /** From now on, an event is known. */
  add(event: CheckedEvent, outcome: Outcome): void {
    if (event.idempotenceKey === undefined) return;
    this.byKey.set(keyOf(event), { action: event.action ?? '', outcome });
  }

  private addRow(row: KnownRow): void {
    const { user_id: userId, type, action, idempotence_key: key } = row;
    this.byKey.set(keyOf({ userId, type, action, idempotenceKey: key ?? '' }), {
      action,
      outcome: outcomeOf(row),
    });
  }
}

function isAgain({ action }: Keyed): boolean {
  return action === 'create' || action === 'remove';
}

/** What a create and its remove share. Identifiers hold no control characters. */
function keyOf(event: Keyed): string {
  const { userId, type, action = '', idempotenceKey = '' } = event;
  return [userId, type, isAgain(event) ? 'create' : action, idempotenceKey].join('\n');
}

function outcomeOf({ id, received_at, outcome }: KnownRow): Outcome {
  return {
    eventId: id,
    receivedAt: new Date(Number(received_at)),
    replayed: false,
    ...NO_CHANGES,
    // Written by the engine.
    ...(outcome === null ? {} : JSON.parse(outcome)),
  };
}
