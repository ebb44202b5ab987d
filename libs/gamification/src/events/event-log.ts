import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Conditions, Statement } from '../database/statement.js';
import { keyOf, limitOf, type Page, type PageRequest, pageOf } from '../page.js';
import { isIdentifier } from '../validation.js';
import type { RecordedEvent } from './event.js';
import { type EventRow, toEvent } from './event-row.js';

/** Which events of the log are wanted. */
export interface EventQuery extends PageRequest {
  /** Only this user's. */
  readonly userId?: string;
}

/** Every event once, in the order in which it was recorded. */
@Injectable()
export class EventLog {
  constructor(private readonly database: Database) {}

  /**
   * The events, first recorded first, as far as they are committed. On PostgreSQL an event of a transaction that takes
   * long may come to stand before events that were listed already.
   *
   * @throws InvalidQueryError for a limit or cursor that cannot be
   * @throws StorageUnavailableError
   */
  async list(query: EventQuery = {}): Promise<Page<RecordedEvent>> {
    const limit = limitOf(query);
    const key = keyOf(query, ['number']);
    const { userId } = query;
    // No such user was ever recorded, and PostgreSQL would not even take it as a parameter.
    if (userId !== undefined && !isIdentifier(userId)) return { items: [] };
    const conditions = new Conditions();
    if (userId !== undefined) conditions.add('user_id = ?', userId);
    if (key) conditions.add('position > ?', ...key);
    const statement = new Statement(
      `select * from gamification_events ${conditions.where}
       order by position limit ${conditions.parameter(limit + 1)}`,
    ).with(...conditions.parameters);
    const rows = await this.database.read((sql) => sql.rows<EventRow>(statement));
    return pageOf(rows, limit, toEvent, ({ position }) => [Number(position)]);
  }
}
