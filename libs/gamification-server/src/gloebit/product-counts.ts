import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ExtensionStorage, type RunSql } from 'nestjs-gamification';

/** Whose products are counted: those that a user was granted, or those that a character has. */
export interface Owner {
  readonly kind: 'user' | 'character';
  readonly id: string;
}

const TABLE = 'gamification_server_products';
const OWNED = 'owner_kind = $1 and owner_id = $2 and product = $3';

/** Products that are not the shop's to count: it knows users alone, and what they have paid for. */
@Injectable()
export class ProductCounts implements OnModuleInit {
  constructor(@Inject(ExtensionStorage) private readonly storage: ExtensionStorage) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, integer, end }) => [
      `create table if not exists ${TABLE} (
        owner_kind ${text} not null,
        owner_id ${text} not null,
        product ${text} not null,
        count ${integer} not null check (count >= 0),
        primary key (owner_kind, owner_id, product)
      ${end}`,
    ]);
  }

  /** What an owner has some of. There are no more of them than products in the mechanics, over time. */
  async of({ kind, id }: Owner): Promise<ReadonlyMap<string, number>> {
    const rows = await this.storage.read<{ product: string; count: number | string }>(
      `select product, count from ${TABLE} where owner_kind = $1 and owner_id = $2 and count > 0 order by product`,
      kind,
      id,
    );
    return new Map(rows.map(({ product, count }) => [product, Number(count)]));
  }

  /** @returns how many there are then; nothing, and no change, where they would be more than `limit` */
  add(owner: Owner, product: string, count: number, limit: number): Promise<number | undefined> {
    return this.storage.write((run) => addProducts(run, owner, product, count, limit));
  }

  /** @returns how many are left; nothing, and no change, where there are too few */
  take(owner: Owner, product: string, count: number): Promise<number | undefined> {
    return this.storage.write((run) => takeProducts(run, owner, product, count));
  }

  /** @returns how many were taken: as many as there are, up to `count` */
  takeUpTo({ kind, id }: Owner, product: string, count: number): Promise<number> {
    return this.storage.write(async (run) => {
      // Changes nothing, but keeps other writers from the row until the end.
      const rows = await run<CountRow>(
        `update ${TABLE} set count = count where ${OWNED} returning count`,
        kind,
        id,
        product,
      );
      const taken = Math.min(count, countOf(rows) ?? 0);
      await run(`update ${TABLE} set count = count - $4 where ${OWNED}`, kind, id, product, taken);
      return taken;
    });
  }

  async set({ kind, id }: Owner, product: string, count: number): Promise<void> {
    await this.storage.write((run) =>
      run(
        `insert into ${TABLE} (owner_kind, owner_id, product, count) values ($1, $2, $3, $4)
         on conflict (owner_kind, owner_id, product) do update set count = excluded.count`,
        kind,
        id,
        product,
        count,
      ),
    );
  }
}

/** {@link ProductCounts.add} in a transaction of others. */
export async function addProducts(
  run: RunSql,
  { kind, id }: Owner,
  product: string,
  count: number,
  limit: number,
): Promise<number | undefined> {
  if (count > limit) return undefined;
  const rows = await run<CountRow>(
    `insert into ${TABLE} (owner_kind, owner_id, product, count) values ($1, $2, $3, $4)
     on conflict (owner_kind, owner_id, product) do update set count = ${TABLE}.count + excluded.count
     where ${TABLE}.count + excluded.count <= $5 returning count`,
    kind,
    id,
    product,
    count,
    limit,
  );
  return countOf(rows);
}

/** {@link ProductCounts.take} in a transaction of others. */
export async function takeProducts(
  run: RunSql,
  { kind, id }: Owner,
  product: string,
  count: number,
): Promise<number | undefined> {
  const rows = await run<CountRow>(
    `update ${TABLE} set count = count - $4 where ${OWNED} and count >= $4 returning count`,
    kind,
    id,
    product,
    count,
  );
  return countOf(rows);
}

/** Removes all that an owner has, who is no more. */
export async function removeProducts(run: RunSql, { kind, id }: Owner): Promise<void> {
  await run(`delete from ${TABLE} where owner_kind = $1 and owner_id = $2`, kind, id);
}

interface CountRow {
  readonly count: number | string;
}

function countOf([row]: readonly CountRow[]): number | undefined {
  return row && Number(row.count);
}
