import type { SqlPort, SqlRow } from 'nestjs-gamification';
import type { EntityManager } from 'typeorm';

export function typeOrmTransaction(manager: EntityManager): SqlPort {
  return (text, parameters) => manager.query<SqlRow[]>(text, parameters);
}
