import { Wallets } from 'nestjs-gamification';
import { measureDurable, type Row } from './durable.js';

const USER = 'user-1';
const RESOURCE = 'points';
const AUTHORITY = 'application';
const ENTRY_COLUMNS = `id, authority_id, user_id, resource, created_at, amount, reason, item_name, item_data, transfer_id,
  idempotency_key, line`;

/** Postings on one wallet: each is an entry, the wallet's total and the total of the authority that wrote it. */
export async function wallets(): Promise<void> {
  await measureDurable({
    bench: 'wallets',
    title: 'postings on one wallet',
    count: 'select total from gamification_balances',
    tables: ['gamification_entries', 'gamification_balances', 'gamification_authority_totals'],
    targets: { sqlite: 0.5, postgres: 0.6 },

    ours(application) {
      const wallets = application.get(Wallets);
      return (index) => wallets.createEntry({ userId: USER, amount: 1, reason: `order ${index}` });
    },

    sqlite(database) {
      const insert = database.prepare(
        `insert into gamification_entries (${ENTRY_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      const addToBalance = database.prepare(
        `insert into gamification_balances (user_id, resource, total) values (?, ?, ?)
         on conflict (user_id, resource) do update set total = total + excluded.total`,
      );
      const addToAuthorityTotal = database.prepare(
        `insert into gamification_authority_totals (user_id, resource, authority_id, total) values (?, ?, ?, ?)
         on conflict (user_id, resource, authority_id) do update set total = total + excluded.total`,
      );
      return (row) => {
        insert.run(...entry(row));
        addToBalance.run(USER, RESOURCE, 1);
        addToAuthorityTotal.run(USER, RESOURCE, AUTHORITY, 1);
      };
    },

    async postgres(client, group) {
      const wallet = await client.query<{ total: string }>(
        `select b.user_id, b.resource, b.total from ${each(1)}
         join gamification_balances b on b.user_id = each.value ->> 0 and b.resource = each.value ->> 1
         order by b.user_id, b.resource for update of b`,
        [JSON.stringify([[USER, RESOURCE]])],
      );
      const [stored] = wallet.rows;
      await client.query(
        `insert into gamification_entries (${ENTRY_COLUMNS})
         select each.value ->> 0, each.value ->> 1, each.value ->> 2, each.value ->> 3,
           cast(each.value ->> 4 as bigint), cast(each.value ->> 5 as bigint), each.value ->> 6, each.value ->> 7,
           each.value ->> 8, each.value ->> 9, each.value ->> 10, cast(each.value ->> 11 as bigint)
         from ${each(1)} where true order by each.key`,
        [JSON.stringify(group.map(entry))],
      );
      await client.query(
        stored
          ? `update gamification_balances set total = cast(each.value ->> 2 as bigint) from ${each(1)}
             where user_id = each.value ->> 0 and resource = each.value ->> 1`
          : `insert into gamification_balances (user_id, resource, total)
             select each.value ->> 0, each.value ->> 1, cast(each.value ->> 2 as bigint) from ${each(1)}`,
        [JSON.stringify([[USER, RESOURCE, Number(stored?.total ?? 0) + group.length]])],
      );
      await client.query(
        `insert into gamification_authority_totals (user_id, resource, authority_id, total)
         select each.value ->> 0, each.value ->> 1, each.value ->> 2, cast(each.value ->> 3 as bigint)
         from ${each(1)} where true order by each.key
         on conflict (user_id, resource, authority_id)
         do update set total = gamification_authority_totals.total + excluded.total`,
        [JSON.stringify([[USER, RESOURCE, AUTHORITY, group.length]])],
      );
    },
  });
}

function each(parameter: number): string {
  return `jsonb_array_elements($${parameter}::jsonb) with ordinality as each(value, key)`;
}

function entry({ id, index, now }: Row): readonly (string | number | null)[] {
  return [id, AUTHORITY, USER, RESOURCE, now, 1, `order ${index}`, null, null, null, null, 0];
}
