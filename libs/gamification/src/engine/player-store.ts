import type { Sql } from '../database/sql.js';
import { ForEach, Insert, Statement } from '../database/statement.js';
import type { CompiledMechanics } from '../mechanics/compiled-mechanics.js';
import type { Given } from '../mechanics/given.js';
import { type PlayerState, stateFromJson, stateToJson } from '../mechanics/player-state.js';
import { type Arrival, arrive, compareOrder, type EventOrder } from './arrival.js';
import { type Checkpoint, genesis, type PlacedEvent } from './history.js';
import type { Action } from './open-actions.js';
import type { PlayerRecord, PlayerRow } from './player-record.js';

/** Locked in one order (by user), so that concurrent batches cannot wait for each other in a circle. */
const LOCK_PLAYERS = new Statement({
  sqlite: `
    select p.user_id, p.state, p.record from each($1)
    join gamification_players p on p.user_id = each.value ->> 0`,
  postgres: `
    select p.user_id, p.state, p.record from each($1)
    join gamification_players p on p.user_id = each.value ->> 0
    order by p.user_id for update of p`,
});

/** On PostgreSQL, a player has to be there to be locked. */
const MAKE_PLAYERS = new Insert(
  'gamification_players',
  { user_id: 'text', state: 'text', record: 'text' },
  'on conflict (user_id) do nothing',
);

const SAVE_PLAYERS = new Insert(
  'gamification_players',
  { user_id: 'text', state: 'text', record: 'text' },
  'on conflict (user_id) do update set state = excluded.state, record = excluded.record',
);

const CHECKPOINT = new Statement('select * from gamification_checkpoints where user_id = $1');

const SAVE_CHECKPOINTS = new Insert(
  'gamification_checkpoints',
  { user_id: 'text', at: 'bigint', seq: 'bigint', state: 'text', position: 'bigint', arrival: 'text' },
  `on conflict (user_id) do update set at = excluded.at, seq = excluded.seq, state = excluded.state,
     position = excluded.position, arrival = excluded.arrival`,
);

const LAST_POSITIONS = new Statement(`
  select each.value ->> 0 as user_id, (
    select max(e.position) from gamification_events e where e.user_id = each.value ->> 0) as position
  from each($1)`);

const EVENTS_SINCE = new Statement(`
  select e.position, e.id, e.type, e.action, e.idempotence_key, e.traits, e.occurred_at, o.beyond, o.short
  from gamification_events e left join gamification_outcomes o on o.event_id = e.id
  where e.user_id = $1 and e.position > $2
  order by e.position limit $3`);

const ACTION_COLUMNS = 'event_id, user_id, type, idempotence_key, at, seq, given';

const OPEN_ACTIONS = new ForEach({
  sqlite: `
    select ${ACTION_COLUMNS} from gamification_actions
    where user_id = ? and type = ? and (at, seq) <= (?, ?)
      and (removed_at is null or (removed_at, removed_seq) > (?, ?))
    order by at desc, seq desc limit ?`,
  postgres: `
    select a.* from each($1) cross join lateral (
      select ${ACTION_COLUMNS} from gamification_actions
      where user_id = each.value ->> 0 and type = each.value ->> 1
        and (at, seq) <= (cast(each.value ->> 2 as bigint), cast(each.value ->> 3 as bigint))
        and (removed_at is null
          or (removed_at, removed_seq) > (cast(each.value ->> 4 as bigint), cast(each.value ->> 5 as bigint)))
      order by at desc, seq desc limit cast(each.value ->> 6 as bigint)) a`,
});

const OPEN_ACTIONS_WITH_KEY = new ForEach({
  sqlite: `
    select ${ACTION_COLUMNS} from gamification_actions
    where user_id = ? and type = ? and idempotence_key = ? and (at, seq) <= (?, ?)
      and (removed_at is null or (removed_at, removed_seq) > (?, ?))
    order by at desc, seq desc limit ?`,
  postgres: `
    select a.* from each($1) cross join lateral (
      select ${ACTION_COLUMNS} from gamification_actions
      where user_id = each.value ->> 0 and type = each.value ->> 1 and idempotence_key = each.value ->> 2
        and (at, seq) <= (cast(each.value ->> 3 as bigint), cast(each.value ->> 4 as bigint))
        and (removed_at is null
          or (removed_at, removed_seq) > (cast(each.value ->> 5 as bigint), cast(each.value ->> 6 as bigint)))
      order by at desc, seq desc limit cast(each.value ->> 7 as bigint)) a`,
});

const SAVE_ACTIONS = new Insert(
  'gamification_actions',
  {
    event_id: 'text',
    user_id: 'text',
    type: 'text',
    idempotence_key: 'text',
    at: 'bigint',
    seq: 'bigint',
    given: 'text',
    removed_at: 'bigint',
    removed_seq: 'bigint',
  },
  `on conflict (event_id) do update set given = excluded.given, removed_at = excluded.removed_at,
     removed_seq = excluded.removed_seq`,
);

interface CheckpointRow {
  readonly at: number | string;
  readonly seq: number | string;
  readonly state: string;
  readonly position: number | string;
  readonly arrival: string;
}

interface HistoryRow {
  readonly position: number | string;
  readonly id: string;
  readonly type: string;
  readonly action: string;
  readonly idempotence_key: string | null;
  readonly traits: string;
  readonly occurred_at: number | string;
  readonly beyond: string | null;
  readonly short: string | null;
}

interface ActionRow {
  readonly event_id: string;
  readonly user_id: string;
  readonly type: string;
  readonly idempotence_key: string | null;
  readonly at: number | string;
  readonly seq: number | string;
  readonly given: string;
}

/** Which actions may be taken back: those of a type, or only those with a key. */
export interface ActionsWanted {
  readonly userId: string;
  readonly type: string;
  readonly key: string | undefined;
  /** As everything was here. */
  readonly asOf: EventOrder;
  /** How many at most. */
  readonly limit: number;
}

/** Everything behind any event. */
export const NOW: EventOrder = { at: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER };

/** Most rows that are fetched in one go while a history is read. */
const PAGE = 1_000;

/**
 * Reads players and keeps others from writing them until the transaction ends.
 *
 * @param userIds in order
 * @param empty what players are made as who are not there; they are left out without it
 */
export async function lockPlayers(
  sql: Sql,
  userIds: readonly string[],
  empty: { readonly state: string; readonly record: string } | undefined,
): Promise<readonly PlayerRow[]> {
  const keys = userIds.map((userId) => [userId]);
  const rows = await sql.rows<PlayerRow>(LOCK_PLAYERS.with(keys));
  if (!empty || sql.dialect === 'sqlite' || rows.length === userIds.length) return rows;
  const found = new Set(rows.map(({ user_id }) => user_id));
  const missing = userIds.filter((userId) => !found.has(userId));
  sql.queue(MAKE_PLAYERS.with(missing.map((userId) => [userId, empty.state, empty.record])));
  return [...rows, ...(await sql.rows<PlayerRow>(LOCK_PLAYERS.with(missing.map((userId) => [userId]))))];
}

export function savePlayers(
  sql: Sql,
  players: readonly { userId: string; state: PlayerState; record: PlayerRecord }[],
): void {
  if (players.length === 0) return;
  sql.queue(
    SAVE_PLAYERS.with(
      players.map(({ userId, state, record }) => [userId, stateToJson(state), JSON.stringify(record)]),
    ),
  );
}

/** Where a player's history can be gone through from. */
export async function loadCheckpoint(sql: Sql, userId: string): Promise<Checkpoint> {
  const [row] = await sql.rows<CheckpointRow>(CHECKPOINT.with(userId));
  if (!row) return genesis();
  return {
    order: { at: Number(row.at), seq: Number(row.seq) },
    state: stateFromJson(row.state),
    position: Number(row.position),
    arrival: JSON.parse(row.arrival),
  };
}

export function saveCheckpoints(
  sql: Sql,
  checkpoints: readonly { userId: string; checkpoint: Checkpoint }[],
): void {
  if (checkpoints.length === 0) return;
  sql.queue(
    SAVE_CHECKPOINTS.with(
      checkpoints.map(({ userId, checkpoint: { order, state, position, arrival } }) => [
        userId,
        order.at,
        order.seq,
        stateToJson(state),
        position,
        JSON.stringify(arrival),
      ]),
    ),
  );
}

/** The positions of players' last events in the log; 0 where there is none. */
export async function lastPositions(
  sql: Sql,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (userIds.length === 0) return new Map();
  const rows = await sql.rows<{ user_id: string; position: number | string | null }>(
    LAST_POSITIONS.with(userIds.map((userId) => [userId])),
  );
  return new Map(rows.map(({ user_id, position }) => [user_id, Number(position ?? 0)]));
}

/** The events of a player that concern the mechanics, placed, in the order in which they came. */
export async function* placedEvents(
  sql: Sql,
  userId: string,
  from: { readonly position: number; readonly arrival: Arrival },
  mechanics: CompiledMechanics,
  concerns: (type: string, action: string | undefined) => boolean,
): AsyncGenerator<PlacedEvent> {
  let { position, arrival } = from;
  for (;;) {
    const rows = await sql.rows<HistoryRow>(EVENTS_SINCE.with(userId, position, PAGE));
    for (const row of rows) {
      position = Number(row.position);
      const action = row.action === '' ? undefined : row.action;
      if (!concerns(row.type, action)) continue;
      const before = arrival;
      const { order, after } = arrive(before, Number(row.occurred_at), mechanics.lateness);
      arrival = after;
      yield {
        order,
        id: row.id,
        position,
        before,
        type: row.type,
        action,
        key: row.idempotence_key ?? undefined,
        traits: JSON.parse(row.traits),
        beyond: row.beyond === null ? {} : JSON.parse(row.beyond),
        short: row.short === null ? {} : JSON.parse(row.short),
      };
    }
    if (rows.length < PAGE) return;
  }
}

/** The events of a player behind a checkpoint, in the order in which they occurred. */
export async function eventsBehind(
  sql: Sql,
  userId: string,
  checkpoint: Checkpoint,
  mechanics: CompiledMechanics,
  concerns: (type: string, action: string | undefined) => boolean,
): Promise<PlacedEvent[]> {
  const events: PlacedEvent[] = [];
  for await (const event of placedEvents(sql, userId, checkpoint, mechanics, concerns)) {
    if (compareOrder(event.order, checkpoint.order) > 0) events.push(event);
  }
  return events.sort((a, b) => compareOrder(a.order, b.order));
}

/** Actions that were open, as removes may take them back, by user. */
export async function loadOpenActions(
  sql: Sql,
  wanted: readonly ActionsWanted[],
): Promise<ReadonlyMap<string, readonly Action[]>> {
  const withKey = wanted.filter(({ key }) => key !== undefined);
  const withoutKey = wanted.filter(({ key }) => key === undefined);
  const order = ({ asOf: { at, seq } }: ActionsWanted) => [at, seq, at, seq];
  const rows = [
    ...(withoutKey.length === 0
      ? []
      : await sql.rows<ActionRow>(
          OPEN_ACTIONS.with(withoutKey.map((each) => [each.userId, each.type, ...order(each), each.limit])),
        )),
    ...(withKey.length === 0
      ? []
      : await sql.rows<ActionRow>(
          OPEN_ACTIONS_WITH_KEY.with(
            withKey.map((each) => [each.userId, each.type, each.key ?? '', ...order(each), each.limit]),
          ),
        )),
  ];
  const actions = new Map<string, Map<string, Action>>();
  for (const row of rows) {
    const known = actions.get(row.user_id) ?? new Map<string, Action>();
    actions.set(row.user_id, known);
    const given: readonly Given[] = JSON.parse(row.given);
    known.set(row.event_id, {
      eventId: row.event_id,
      type: row.type,
      key: row.idempotence_key ?? undefined,
      order: { at: Number(row.at), seq: Number(row.seq) },
      given,
      removed: undefined,
    });
  }
  return new Map([...actions].map(([userId, known]) => [userId, [...known.values()]]));
}

export function saveActions(sql: Sql, userId: string, actions: Iterable<Action>): void {
  const rows = [...actions].map(({ eventId, type, key, order, given, removed }) => [
    eventId,
    userId,
    type,
    key ?? null,
    order.at,
    order.seq,
    JSON.stringify(given),
    removed?.at ?? null,
    removed?.seq ?? null,
  ]);
  if (rows.length > 0) sql.queue(SAVE_ACTIONS.with(rows));
}
