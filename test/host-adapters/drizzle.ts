import { sql } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { SqlPort, SqlRow } from 'nestjs-gamification';

export function drizzleTransaction(transaction: Pick<NodePgDatabase, 'execute'>): SqlPort {
  return async (text, parameters) => {
    // Every odd part is the number of a placeholder.
    const parts = text
      .split(/\$(\d+)/)
      .map((part, index) => (index % 2 === 0 ? sql.raw(part) : sql.param(parameters[Number(part) - 1])));
    return (await transaction.execute<SqlRow>(sql.join(parts))).rows;
  };
}
