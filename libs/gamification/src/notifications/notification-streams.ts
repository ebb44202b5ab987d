import { Logger } from '@nestjs/common';
import { Observable, type Subscriber } from 'rxjs';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { ForEach, Statement } from '../database/statement.js';
import { ThrottledLog } from '../throttled-log.js';
import { toError } from '../to-error.js';
import { type NotificationRow, toNotification } from './notification-row.js';
import { TooManyStreamsError } from './notifications.errors.js';
import type { Notification } from './notifications.js';

/** Most streams that are open at a time. */
const MAX_STREAMS = 10_000;
/** How often it is looked for what other instances wrote, in milliseconds. */
const INTERVAL = 1_000;
/** Most notifications that one stream gets of one look; the rest comes with the next. */
const PAGE = 100;

/** Where a stream begins: behind a notification, or behind all that are there. */
const POSITION = new Statement(`
  select coalesce(
    (select position from gamification_notifications where user_id = $1 and id = $2),
    (select max(position) from gamification_notifications where user_id = $1),
    0) as position`);

const SINCE = new ForEach({
  sqlite: `
    select * from gamification_notifications where user_id = ? and position > ? order by position limit ${PAGE}`,
  postgres: `
    select n.* from each($1) cross join lateral (
      select * from gamification_notifications
      where user_id = each.value ->> 0 and position > cast(each.value ->> 1 as bigint)
      order by position limit ${PAGE}) n
    order by n.position`,
});

interface Stream {
  readonly userId: string;
  readonly after: string | undefined;
  readonly subscriber: Subscriber<Notification>;
  /** The last notification that was passed on; unknown until it was looked up. */
  position: number | undefined;
}

/**
 * Passes notifications on to whoever listens. It looks for new ones when this instance wrote some, and every second for
 * those of others; in one statement for all streams, and only while there are streams. What a look found is handed over
 * before the next one, so that there is never more than a page per stream in memory.
 */
export class NotificationStreams {
  private readonly streams = new Set<Stream>();
  private readonly log: ThrottledLog;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(
    private readonly database: Database,
    clock: Clock,
  ) {
    this.log = new ThrottledLog(new Logger('Gamification'), clock);
  }

  /** The notifications of a user as they come. @param after the id of the last one that was seen */
  open(userId: string, after: string | undefined): Observable<Notification> {
    return new Observable((subscriber) => {
      if (this.closed) {
        subscriber.complete();
        return undefined;
      }
      if (this.streams.size >= MAX_STREAMS) throw new TooManyStreamsError(MAX_STREAMS);
      const stream: Stream = { userId, after, subscriber, position: undefined };
      this.streams.add(stream);
      this.timer ??= setInterval(() => void this.look(), INTERVAL).unref();
      void this.begin(stream).then(() => this.look());
      return () => {
        this.streams.delete(stream);
        if (this.streams.size === 0) this.stop();
      };
    });
  }

  /** Something may have been written for these users. */
  wake(userIds: readonly string[]): void {
    if (this.streams.size === 0) return;
    const written = new Set(userIds);
    for (const { userId } of this.streams) {
      if (!written.has(userId)) continue;
      void this.look();
      return;
    }
  }

  /** Ends all streams. */
  async close(): Promise<void> {
    this.closed = true;
    this.stop();
    for (const { subscriber } of this.streams) subscriber.complete();
    await this.looking;
  }

  /** Looks now, or once more after the look that is under way. Never rejects. */
  private look(): Promise<void> {
    if (this.looking) this.again = true;
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
      if (!this.again || this.closed) return;
      this.again = false;
      void this.look();
    });
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    // Those whose beginning could not be looked up when they were opened.
    for (const stream of this.streams) if (stream.position === undefined) await this.begin(stream);
    const streams = [...this.streams].filter(({ position }) => position !== undefined);
    if (streams.length === 0) return;
    const from = new Map<string, number>();
    for (const { userId, position = 0 } of streams) {
      from.set(userId, Math.min(position, from.get(userId) ?? position));
    }
    try {
      const rows = await this.database.read((sql) => sql.rows<NotificationRow>(SINCE.with([...from])));
      const byUser = new Map<string, NotificationRow[]>();
      for (const row of rows) {
        const known = byUser.get(row.user_id);
        if (known) known.push(row);
        else byUser.set(row.user_id, [row]);
      }
      for (const stream of streams) passOn(stream, byUser.get(stream.userId) ?? []);
      if ([...byUser.values()].some(({ length }) => length === PAGE)) this.again = true;
    } catch (error) {
      this.complain(error);
    }
  }

  /** Finds out where a stream begins. Never rejects. */
  private async begin(stream: Stream): Promise<void> {
    const { userId, after = null } = stream;
    try {
      const [row] = await this.database.read((sql) =>
        sql.rows<{ position: number | string }>(POSITION.with(userId, after)),
      );
      stream.position ??= Number(row?.position ?? 0);
    } catch (error) {
      this.complain(error);
    }
  }

  private complain(error: unknown): void {
    if (!this.closed) this.log.error(`notifications cannot be passed on: ${toError(error).message}`);
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

function passOn(stream: Stream, rows: readonly NotificationRow[]): void {
  for (const row of rows) {
    const position = Number(row.position);
    if (position <= (stream.position ?? 0)) continue;
    stream.position = position;
    stream.subscriber.next(toNotification(row));
  }
}
