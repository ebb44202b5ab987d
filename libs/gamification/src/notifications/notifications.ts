import type { Page, PageRequest } from '../page.js';

/** A message to a user about what changed for them. */
export interface Notification {
  readonly userId: string;
  readonly message: string;
}

/** Whose notifications are wanted: everybody's unless told. */
export interface NotificationQuery extends PageRequest {
  readonly userId?: string;
}

/**
 * What users are told about their achievements.
 *
 * The class is its own injection token: `constructor(private readonly notifications: Notifications) {}`.
 */
export abstract class Notifications {
  /** All notifications. @throws InvalidQueryError */
  abstract list(query?: NotificationQuery): Promise<Page<Notification>>;

  /** Those that were not read yet. @throws InvalidQueryError */
  abstract unread(query?: NotificationQuery): Promise<Page<Notification>>;
}
