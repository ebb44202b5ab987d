import { CompiledQuery, type Transaction } from 'kysely';
import type { SqlPort, SqlRow } from 'nestjs-gamification';

export function kyselyTransaction<Database>(transaction: Transaction<Database>): SqlPort {
  return async (text, parameters) =>
    (await transaction.executeQuery<SqlRow>(CompiledQuery.raw(text, parameters))).rows;
}
