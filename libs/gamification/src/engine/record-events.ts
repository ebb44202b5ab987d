import { TransactionConflictError } from '../database/database.errors.js';
import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Insert } from '../database/statement.js';
import type { CheckedEvent, Outcome } from '../events/event.js';
import type { Engine } from './engine.js';
import { KnownEvents } from './known-events.js';
import { Recording, RefusedTooLate } from './recording.js';

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

/** Events that are recorded in their order. */
export interface EventBatch {
  readonly events: readonly CheckedEvent[];
  /** Whether they are all refused when one is. */
  readonly whole: boolean;
}

/** What became of an event, known once all of its transaction is written. */
type Pending = () => Written<Outcome>;

/**
 * Appends events to the log, and lets the mechanics have their effects, in one transaction.
 *
 * Players whose events have effects, or can be done again under the same key, are locked first: so a player's events come
 * into the log in the order in which they have their effects. Of other events, the log itself tells which are known.
 */
export class RecordEvents implements WriteCommand<EventBatch, readonly Written<Outcome>[]> {
  readonly name = 'events';

  /** @param inHost whether it runs in transactions that hosts may still undo */
  constructor(
    private readonly engine: Engine,
    private readonly inHost: boolean,
  ) {}

  async run(
    sql: Sql,
    batches: readonly EventBatch[],
  ): Promise<readonly Written<readonly Written<Outcome>[]>[]> {
    const written = await this.record(
      sql,
      batches.flatMap(({ events }) => events),
      new Map(),
    );
    let start = 0;
    return batches.map(({ events, whole }): Written<readonly Written<Outcome>[]> => {
      const results = written.slice(start, start + events.length);
      start += events.length;
      const refused = results.find((result) => !result.ok);
      return whole && refused?.ok === false ? refused : { ok: true, value: results };
    });
  }

  /** @param refused events that are not to be recorded, by id */
  private async record(
    sql: Sql,
    events: readonly CheckedEvent[],
    refused: ReadonlyMap<string, Error>,
  ): Promise<readonly Written<Outcome>[]> {
    try {
      return await this.recordOthers(sql, events, refused);
    } catch (error) {
      if (!(error instanceof RefusedTooLate)) throw error;
      // Nothing is written yet.
      return this.record(sql, events, new Map(refused).set(error.eventId, error.refusal));
    }
  }

  private async recordOthers(
    sql: Sql,
    events: readonly CheckedEvent[],
    refused: ReadonlyMap<string, Error>,
  ): Promise<readonly Written<Outcome>[]> {
    const locked = events.filter((event) => this.needsLock(event) && !refused.has(event.id));
    const recording = await Recording.begin(this.engine, sql, locked, this.inHost);
    const known = await KnownEvents.find(sql, locked);
    // What can be done again may be known now, and not when its turn comes.
    await recording.prepare(locked.filter((event) => isAgain(event) || !known.find(event)));
    const fresh: CheckedEvent[] = [];
    const pending = events.map((event): Pending => {
      const error = refused.get(event.id);
      if (error) return () => ({ ok: false, error });
      const before = this.needsLock(event) ? known.find(event) : undefined;
      if (before) return () => ({ ok: true, value: before() });
      const result = recording.apply(event);
      if (result.ok) fresh.push(event);
      if (result.ok && this.needsLock(event)) known.add(event, result.value);
      return () => result;
    });
    const replays = await recording.write(() => this.append(sql, fresh));
    return pending.map((result, index) => {
      const replay = replays.get(events[index]?.id ?? '');
      return replay ? { ok: true, value: replay } : result();
    });
  }

  /** Puts events into the log. @returns the outcomes of those that are there already, by the id that they came with */
  private async append(sql: Sql, events: readonly CheckedEvent[]): Promise<ReadonlyMap<string, Outcome>> {
    const replays = new Map<string, Outcome>();
    if (events.length === 0) return replays;
    const rows = await sql.rows<{ id: string }>(INSERT.with(events.map(toColumns)));
    const inserted = new Set(rows.map(({ id }) => id));
    const missing = events.filter(({ id }) => !inserted.has(id));
    if (missing.length === 0) return replays;
    const known = await KnownEvents.find(sql, missing);
    for (const event of missing) {
      const before = this.needsLock(event) ? undefined : known.find(event);
      // It has had its effects already, or what stood in its way is gone again: only another try can tell what it was.
      if (!before) throw new TransactionConflictError(`event ${event.id} is in the log by now`);
      replays.set(event.id, before());
    }
    return replays;
  }

  private needsLock({ type, action, idempotenceKey }: CheckedEvent): boolean {
    return isAgain({ action, idempotenceKey }) || this.engine.concerns(type, action);
  }
}

function isAgain({ action, idempotenceKey }: Pick<CheckedEvent, 'action' | 'idempotenceKey'>): boolean {
  return idempotenceKey !== undefined && (action === 'create' || action === 'remove');
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
