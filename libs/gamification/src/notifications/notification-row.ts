import type { Sql } from '../database/sql.js';
import { Insert } from '../database/statement.js';
import type { Notification } from './notifications.js';

/** A notification that is to be written. */
export interface NewNotification {
  /** UUIDv7. */
  readonly id: string;
  readonly userId: string;
  readonly message: string;
  readonly mechanicId: string;
  readonly change: string;
  readonly eventId: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A row of `gamification_notifications`. */
export interface NotificationRow {
  readonly position: number | string;
  readonly id: string;
  readonly user_id: string;
  readonly message: string;
  readonly mechanic_id: string;
  readonly change: string;
  readonly event_id: string | null;
  readonly created_at: number | string;
  readonly read_at: number | string | null;
}

const INSERT = new Insert('gamification_notifications', {
  id: 'text',
  user_id: 'text',
  message: 'text',
  mechanic_id: 'text',
  change: 'text',
  event_id: 'text',
  created_at: 'bigint',
});

/**
 * Queues notifications to be written. Whoever writes them has locked their users' players, so that the positions of one
 * user's notifications grow in the order of the commits, which is what streams go by.
 */
export function writeNotifications(sql: Sql, notifications: readonly NewNotification[]): void {
  if (notifications.length === 0) return;
  sql.queue(
    INSERT.with(
      notifications.map(({ id, userId, message, mechanicId, change, eventId, createdAt }) => [
        id,
        userId,
        message,
        mechanicId,
        change,
        eventId,
        createdAt,
      ]),
    ),
  );
}

export function toNotification(row: NotificationRow): Notification {
  return {
    userId: row.user_id,
    message: row.message,
    id: row.id,
    createdAt: new Date(Number(row.created_at)),
    read: row.read_at !== null,
    mechanicId: row.mechanic_id,
    change: row.change,
    ...(row.event_id === null ? {} : { eventId: row.event_id }),
  };
}
