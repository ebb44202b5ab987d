import type { WriteCommand, Written } from '../database/group-commit.js';
import { Statement } from '../database/statement.js';

/** Notifications of a user that were read. */
export interface MarkedRead {
  readonly userId: string;
  /** Which ones; all unless told. */
  readonly ids: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

const MARK_ALL = new Statement(`
  update gamification_notifications set read_at = $2 where user_id = $1 and read_at is null returning id`);

const MARK_SOME = new Statement(`
  update gamification_notifications set read_at = $2
  where user_id = $1 and read_at is null and id in (select each.value ->> 0 from each($3)) returning id`);

/** Marks notifications as read. Answers how many were unread. */
export const markRead: WriteCommand<MarkedRead, number> = {
  name: 'notifications',

  async run(sql, inputs) {
    const results: Written<number>[] = [];
    for (const { userId, ids, readAt } of inputs) {
      const marked = ids
        ? MARK_SOME.with(
            userId,
            readAt,
            ids.map((id) => [id]),
          )
        : MARK_ALL.with(userId, readAt);
      results.push({ ok: true, value: (await sql.rows(marked)).length });
    }
    return results;
  },
};
