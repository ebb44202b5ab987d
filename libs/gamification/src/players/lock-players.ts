import type { Sql } from '../database/sql.js';

/**
 * Keeps others from writing players until the transaction ends, and their notifications with them.
 *
 * @param userIds in order
 */
export type LockPlayers = (sql: Sql, userIds: readonly string[]) => Promise<void>;
