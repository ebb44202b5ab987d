import type { Observable } from 'rxjs';
import type { Page, PageRequest } from '../page.js';

/** A message to a user about what changed for them. What stands behind `?` only the engine tells. */
export interface Notification {
  readonly userId: string;
  readonly message: string;
  /** UUIDv7. */
  readonly id?: string;
  readonly createdAt?: Date;
  readonly read?: boolean;
  /** The mechanic it is about, such as `regular`. */
  readonly mechanicId?: string;
  /** What happened to it, such as `badge.earned`. */
  readonly change?: string;
  /** The event that made it happen. */
  readonly eventId?: string;
}

/** Whose notifications are wanted: everybody's unless told. */
export interface NotificationQuery extends PageRequest {
  readonly userId?: string;
}

/** From where on a stream is wanted. */
export interface StreamOptions {
  /** The id of the last notification that was seen: the stream begins with those since. Unless told, with the next one. */
  readonly after?: string | undefined;
}

/**
 * What users are told about their achievements.
 *
 * The class is its own injection token: `constructor(private readonly notifications: Notifications) {}`.
 */
export abstract class Notifications {
  /** All notifications, the latest first. @throws InvalidQueryError */
  abstract list(query?: NotificationQuery): Promise<Page<Notification>>;

  /** Those that were not read yet, the latest first. @throws InvalidQueryError */
  abstract unread(query?: NotificationQuery): Promise<Page<Notification>>;

  /**
   * Marks notifications of a user as read.
   *
   * @param ids which ones, at most 1,000; all of them unless told. Those of other users are left alone
   * @returns how many were unread
   * @throws InvalidQueryError
   */
  abstract markRead(userId: string, ids?: readonly string[]): Promise<number>;

  /**
   * The notifications of a user as they come, until it is unsubscribed or the application ends. Those that other instances of the
   * application wrote come within a second. While the storage is unavailable nothing comes, and nothing is left out.
   *
   * @throws InvalidQueryError when the user id cannot be one
   * @throws TooManyStreamsError to the subscriber, when 10,000 are open
   */
  abstract stream(userId: string, options?: StreamOptions): Observable<Notification>;
}
