import type { Observable } from 'rxjs';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { Conditions, Statement } from '../database/statement.js';
import { InvalidQueryError } from '../gamification.errors.js';
import { keyOf, limitOf, type Page, pageOf } from '../page.js';
import { identifierRows, inShort, needIdentifier } from '../validation.js';
import { markRead } from './mark-read.js';
import { type NotificationRow, toNotification } from './notification-row.js';
import type { NotificationStreams } from './notification-streams.js';
import {
  type Notification,
  type NotificationQuery,
  Notifications,
  type StreamOptions,
} from './notifications.js';

/** Most notifications that are marked by their ids at once. */
const MAX_MARKED = 1_000;

/** {@link Notifications} that the engine writes. */
export class EmbeddedNotifications extends Notifications {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly streams: NotificationStreams,
  ) {
    super();
  }

  list(query: NotificationQuery = {}): Promise<Page<Notification>> {
    return this.page(query, new Conditions());
  }

  unread(query: NotificationQuery = {}): Promise<Page<Notification>> {
    return this.page(query, new Conditions().add('read_at is null'));
  }

  async markRead(userId: string, ids?: readonly string[]): Promise<number> {
    needIdentifier('userId', userId);
    if (ids !== undefined && !(Array.isArray(ids) && ids.length <= MAX_MARKED)) {
      throw new InvalidQueryError(`ids is ${inShort(ids)}, allowed: a list of at most ${MAX_MARKED}`);
    }
    const known = ids && identifierRows(ids).map(([id]) => id);
    return this.database.write(
      markRead,
      { userId, ids: known, readAt: this.clock.now() },
      { keys: [userId] },
    );
  }

  stream(userId: string, { after }: StreamOptions = {}): Observable<Notification> {
    needIdentifier('userId', userId);
    if (after !== undefined) needIdentifier('after', after);
    return this.streams.open(userId, after);
  }

  private async page(query: NotificationQuery, conditions: Conditions): Promise<Page<Notification>> {
    const limit = limitOf(query);
    const key = keyOf(query, ['number']);
    const { userId } = query;
    if (userId !== undefined) {
      needIdentifier('userId', userId);
      conditions.add('user_id = ?', userId);
    }
    if (key) conditions.add('position < ?', ...key);
    const statement = new Statement(
      `select * from gamification_notifications ${conditions.where}
       order by position desc limit ${conditions.parameter(limit + 1)}`,
    ).with(...conditions.parameters);
    const rows = await this.database.read((sql) => sql.rows<NotificationRow>(statement));
    return pageOf(rows, limit, toNotification, ({ position }) => [Number(position)]);
  }
}
