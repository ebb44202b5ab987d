import type { Database } from '../database/database.js';
import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Conditions, Insert, Statement } from '../database/statement.js';
import { type EventRow, toEvent } from '../events/event-row.js';
import { keyOf, limitOf, type Page, pageOf } from '../page.js';
import { toError } from '../to-error.js';
import { identifierRows } from '../validation.js';
import { type Beginning, firstAfter, isBefore, toBeginning } from './beginning.js';
import {
  type Claimed,
  type DeadLetter,
  type DeadLetterQuery,
  type DeliveryStore,
  type DestinationStatus,
  LANES,
  type Placed,
  type Progress,
  type Retried,
  type SetAside,
} from './delivery-store.js';
import type { Destination } from './destination.js';
import { laneOf } from './lane.js';
import { earliest, isAfter, type Place, START, toPlaces } from './place.js';

/** How long an instance that has stopped keeps the right to deliver, in milliseconds. */
const CLAIM_DURATION = 10_000;
/** Most waiting events that are counted, because counting costs time. */
const MAX_COUNTED = 10_000;
/** Most characters that are kept of why a delivery failed. */
const MAX_REASON_LENGTH = 1_000;

/** The database's clock, so that instances agree about it however their own clocks differ. */
const NOW = {
  sqlite: "cast(unixepoch('subsec') * 1000 as integer)",
  postgres: 'cast(extract(epoch from clock_timestamp()) * 1000 as bigint)',
} as const;

const LAST_EVENT = new Statement({
  sqlite: `
    select 0 as transaction_id, position from gamification_events order by position desc limit 1`,
  postgres: `
    select transaction_id, position from gamification_events order by transaction_id desc, position desc limit 1`,
});

/**
 * Where a new destination begins: its place, and on PostgreSQL what tells what behind the place is from before. The
 * transaction that asks is not among those that run, so it must not record events.
 */
const END_OF_LOG = new Statement({
  sqlite: `
    select 0 as transaction_id, coalesce(max(position), 0) as position, '[]' as beginning from gamification_events`,
  postgres: `
    select pg_snapshot_xmin(now)::text::bigint as transaction_id, 0 as position,
      array_to_json(pg_snapshot_xmax(now)::text::bigint
        || array(select running::text::bigint from pg_snapshot_xip(now) running))::text as beginning
    from pg_current_snapshot() now`,
});

const REGISTER = new Statement(`
  insert into gamification_destinations
    (name, cursors, beginning, holder, held_until, claims, delivered, retried, problem)
  values ($1, $2, $3, null, 0, 0, 0, 0, null) on conflict do nothing`);

const CLAIM = forBoth(
  (now) => `
  update gamification_destinations
  set holder = $2, held_until = ${now} + ${CLAIM_DURATION}, claims = claims + case when holder = $2 then 0 else 1 end
  where name = $1 and (holder = $2 or holder is null or held_until < ${now})
  returning claims, cursors, beginning`,
);

const SAVE = new Statement(`
  update gamification_destinations
  set cursors = $3, delivered = delivered + cast($4 as bigint), retried = retried + cast($5 as bigint), problem = $6
  where name = $1 and claims = cast($2 as bigint) returning name`);

const RELEASE = new Statement(
  'update gamification_destinations set holder = null where name = $1 and claims = cast($2 as bigint)',
);

const SET_ASIDE = new Insert(
  'gamification_deliveries',
  {
    destination: 'text',
    event_id: 'text',
    attempts: 'bigint',
    failed_at: 'bigint',
    next_attempt_at: 'bigint',
    reason: 'text',
  },
  `on conflict (destination, event_id) do update
   set attempts = excluded.attempts, failed_at = excluded.failed_at, next_attempt_at = excluded.next_attempt_at,
       reason = excluded.reason`,
);

const FORGET = new Statement('delete from gamification_deliveries where destination = $1 and event_id = $2');

const FAIL_AGAIN = new Statement(`
  update gamification_deliveries
  set attempts = cast($3 as bigint), failed_at = cast($4 as bigint), next_attempt_at = cast($5 as bigint), reason = $6
  where destination = $1 and event_id = $2`);

const COUNT_RETRIED = new Statement(`
  update gamification_destinations
  set delivered = delivered + cast($3 as bigint), retried = retried + 1
  where name = $1 and claims = cast($2 as bigint) returning name`);

/** The log behind a place. A transaction that may still be running, and any behind it, is not read yet. */
const READ = new Statement({
  sqlite: `
    select *, 0 as transaction_id from gamification_events where position > $2 order by position limit $3`,
  postgres: `
    select * from gamification_events
    where (transaction_id, position) > (cast($1 as bigint), cast($2 as bigint))
      and transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    order by transaction_id, position limit cast($3 as bigint)`,
});

const DUE = new Statement(`
  select e.*, d.attempts from gamification_deliveries d join gamification_events e on e.id = d.event_id
  where d.destination = $1 and d.next_attempt_at <= cast($2 as bigint)
  order by d.next_attempt_at limit cast($3 as bigint)`);

const STATE = new Statement(
  'select cursors, beginning, delivered, retried, problem from gamification_destinations where name = $1',
);

const BEHIND_COLUMNS = 'user_id, type, received_at, position, transaction_id';
const BEHIND_PLACE = '(transaction_id, position) > (cast($1 as bigint), cast($2 as bigint))';

/**
 * As much of what is behind a place, and not from before the destination, as tells whether it still has to be delivered.
 * However much is from before, it is not looked at: $3 is the first number of which nothing is, $4 those that ran.
 */
const BEHIND = new Statement({
  sqlite: `
    select user_id, type, received_at, position, 0 as transaction_id from gamification_events
    where position > $2 order by position limit ${MAX_COUNTED}`,
  postgres: `
    select * from (
      select ran.* from each($4) cross join lateral (
        select ${BEHIND_COLUMNS} from gamification_events
        where transaction_id = (each.value ->> 0)::bigint and ${BEHIND_PLACE}
        order by position limit ${MAX_COUNTED}
      ) ran
      union all (
        select ${BEHIND_COLUMNS} from gamification_events
        where transaction_id >= cast($3 as bigint) and ${BEHIND_PLACE}
        order by transaction_id, position limit ${MAX_COUNTED}
      )
    ) behind order by transaction_id, position limit ${MAX_COUNTED}`,
});

const COUNT_SET_ASIDE = new Statement(`
  select count(next_attempt_at) as retrying, count(*) - count(next_attempt_at) as dead
  from gamification_deliveries where destination = $1`);

const COUNT_DEAD = new Statement(`
  select count(*) as dead from gamification_deliveries where destination = $1 and next_attempt_at is null`);

const SEND_AGAIN = new Statement(`
  update gamification_deliveries set attempts = 0, next_attempt_at = cast($2 as bigint)
  where destination = $1 and next_attempt_at is null
    and event_id in (select each.value ->> 0 from each($3)) returning event_id`);

const SEND_ALL_AGAIN = new Statement(`
  update gamification_deliveries set attempts = 0, next_attempt_at = cast($2 as bigint)
  where destination = $1 and next_attempt_at is null`);

interface PlaceRow {
  readonly transaction_id: number | string;
  readonly position: number | string;
}

type PlacedRow = EventRow & PlaceRow;

interface EndRow extends PlaceRow {
  readonly beginning: string;
}

interface ClaimRow {
  readonly claims: number | string;
  readonly cursors: string;
  readonly beginning: string;
}

interface BehindRow extends PlaceRow {
  readonly user_id: string;
  readonly type: string;
  readonly received_at: number | string;
}

interface StateRow {
  readonly cursors: string;
  readonly beginning: string;
  readonly delivered: number | string;
  readonly retried: number | string;
  readonly problem: string | null;
}

interface DeadLetterRow extends EventRow {
  readonly attempts: number | string;
  readonly failed_at: number | string;
  readonly reason: string;
}

/** Deliveries from the event log. One instance at a time delivers to a destination. */
export class LogDeliveries implements DeliveryStore {
  readonly claimDuration = CLAIM_DURATION;
  private readonly name: string;
  /** How the destination began, as the claim told. */
  private beginning: Beginning = [];

  /** @param holder names this instance */
  constructor(
    private readonly database: Database,
    private readonly destination: Destination,
    private readonly holder: string,
  ) {
    this.name = destination.name;
  }

  /** Where the destination is new, deliveries begin with the events that are recorded from now on. */
  async register(): Promise<void> {
    await this.write(async (sql) => {
      const [end] = await sql.rows<EndRow>(END_OF_LOG.with());
      const place = end ? placeOf(end) : START;
      const cursors = JSON.stringify(Array.from({ length: LANES }, () => place));
      sql.queue(REGISTER.with(this.name, cursors, end?.beginning ?? '[]'));
    });
  }

  async claim(): Promise<Claimed | undefined> {
    const [row] = await this.write((sql) => sql.rows<ClaimRow>(CLAIM.with(this.name, this.holder)));
    if (!row) return undefined;
    this.beginning = toBeginning(row.beginning);
    return { token: Number(row.claims), cursors: toPlaces(row.cursors) };
  }

  async read(after: Place, limit: number): Promise<readonly Placed[]> {
    const rows = await this.database.read((sql) => sql.rows<PlacedRow>(READ.with(...after, limit)));
    return rows.map((row) => {
      const place = placeOf(row);
      return { place, event: toEvent(row), isBefore: isBefore(place[0], this.beginning) };
    });
  }

  async end(): Promise<Place> {
    const [last] = await this.database.read((sql) => sql.rows<PlaceRow>(LAST_EVENT.with()));
    return last ? placeOf(last) : START;
  }

  save({ cursors, delivered, retried, setAside, problem }: Progress, token: number): Promise<boolean> {
    return this.write(async (sql) => {
      const saved = await sql.rows(
        SAVE.with(this.name, token, JSON.stringify(cursors), delivered, retried, problem ?? null),
      );
      if (saved.length === 0) return false;
      const rows = setAside.map(({ event, error, failedAt, nextAttemptAt }) => [
        this.name,
        event.id,
        1,
        failedAt,
        nextAttemptAt ?? null,
        reasonOf(error),
      ]);
      if (rows.length > 0) sql.queue(SET_ASIDE.with(rows));
      return true;
    });
  }

  async due(now: number, limit: number): Promise<readonly SetAside[]> {
    const rows = await this.database.read((sql) =>
      sql.rows<EventRow & { attempts: number | string }>(DUE.with(this.name, now, limit)),
    );
    return rows.map((row) => ({ event: toEvent(row), attempts: Number(row.attempts) }));
  }

  saveRetried(retried: Retried, now: number, token: number): Promise<boolean> {
    const { eventId } = retried;
    return this.write(async (sql) => {
      const counted = await sql.rows(COUNT_RETRIED.with(this.name, token, retried.delivered ? 1 : 0));
      if (counted.length === 0) return false;
      if (retried.delivered) {
        sql.queue(FORGET.with(this.name, eventId));
      } else {
        const { attempts, nextAttemptAt = null, error } = retried;
        sql.queue(FAIL_AGAIN.with(this.name, eventId, attempts, now, nextAttemptAt, reasonOf(error)));
      }
      return true;
    });
  }

  async release(token: number): Promise<void> {
    await this.write(async (sql) => sql.queue(RELEASE.with(this.name, token)));
  }

  status(now: number): Promise<DestinationStatus> {
    return this.database.read(async (sql) => {
      const [state] = await sql.rows<StateRow>(STATE.with(this.name));
      const cursors = state ? toPlaces(state.cursors) : [];
      const beginning = state ? toBeginning(state.beginning) : [];
      const behind = await sql.rows<BehindRow>(
        BEHIND.with(
          ...(state ? earliest(cursors) : START),
          firstAfter(beginning),
          beginning.slice(1).map((transaction) => [transaction]),
        ),
      );
      const waiting = behind.filter(
        (row) =>
          isAfter(placeOf(row), cursors[laneOf(row.user_id)] ?? START) && this.destination.accepts(row.type),
      );
      const [aside] = await sql.rows<{ retrying: number | string; dead: number | string }>(
        COUNT_SET_ASIDE.with(this.name),
      );
      const [oldest] = waiting;
      return {
        destination: this.name,
        delivered: Number(state?.delivered ?? 0),
        waiting: waiting.length + Number(aside?.retrying ?? 0),
        retried: Number(state?.retried ?? 0),
        dead: Number(aside?.dead ?? 0),
        lag: oldest ? Math.max(0, now - Number(oldest.received_at)) / 1_000 : 0,
        ...(state?.problem ? { problem: state.problem } : {}),
      };
    });
  }

  async deadLetters(query: DeadLetterQuery): Promise<Page<DeadLetter>> {
    const limit = limitOf(query);
    const key = keyOf(query, ['string']);
    const conditions = new Conditions().add('d.destination = ?', this.name).add('d.next_attempt_at is null');
    if (key) conditions.add('d.event_id > ?', ...key);
    const statement = new Statement(
      `select e.*, d.attempts, d.failed_at, d.reason
       from gamification_deliveries d join gamification_events e on e.id = d.event_id ${conditions.where}
       order by d.event_id limit ${conditions.parameter(limit + 1)}`,
    ).with(...conditions.parameters);
    const rows = await this.database.read((sql) => sql.rows<DeadLetterRow>(statement));
    return pageOf(
      rows,
      limit,
      (row) => ({
        destination: this.name,
        event: toEvent(row),
        attempts: Number(row.attempts),
        failedAt: new Date(Number(row.failed_at)),
        reason: row.reason,
      }),
      ({ id }) => [id],
    );
  }

  sendAgain(eventIds: readonly string[] | undefined, now: number): Promise<number> {
    return this.write(async (sql) => {
      if (eventIds) {
        return (await sql.rows(SEND_AGAIN.with(this.name, now, identifierRows(eventIds)))).length;
      }
      const [count] = await sql.rows<{ dead: number | string }>(COUNT_DEAD.with(this.name));
      sql.queue(SEND_ALL_AGAIN.with(this.name, now));
      return Number(count?.dead ?? 0);
    });
  }

  /** Writes that concern one destination run one after another. */
  private async write<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const result = await this.database.write(writeDeliveries, work, { keys: [`$delivery:${this.name}`] });
    // What the command answers with is what this `work` resolved with.
    return result as T;
  }
}

/** Writes of deliveries: few, and each its own, so each brings the statements that it needs. */
const writeDeliveries: WriteCommand<(sql: Sql) => Promise<unknown>, unknown> = {
  name: 'deliveries',
  async run(sql, works) {
    const results: Written<unknown>[] = [];
    for (const work of works) results.push({ ok: true, value: await work(sql) });
    return results;
  },
};

function forBoth(text: (now: string) => string): Statement {
  return new Statement({ sqlite: text(NOW.sqlite), postgres: text(NOW.postgres) });
}

function placeOf({ transaction_id, position }: PlaceRow): Place {
  return [Number(transaction_id), Number(position)];
}

function reasonOf(error: Error): string {
  return toError(error).message.replaceAll('\0', '').slice(0, MAX_REASON_LENGTH);
}
