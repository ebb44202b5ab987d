import { type RecordedEvent, toRecorded } from './event.js';

/** A row of the log as the database returns it. */
export interface EventRow {
  readonly position: number | string;
  readonly id: string;
  readonly user_id: string;
  readonly type: string;
  readonly action: string;
  readonly idempotence_key: string | null;
  readonly traits: string;
  readonly occurred_at: number | string;
  readonly received_at: number | string;
}

export function toEvent(row: EventRow): RecordedEvent {
  return toRecorded({
    id: row.id,
    userId: row.user_id,
    type: row.type,
    action: row.action === '' ? undefined : row.action,
    idempotenceKey: row.idempotence_key ?? undefined,
    traits: row.traits,
    occurredAt: Number(row.occurred_at),
    receivedAt: Number(row.received_at),
  });
}
