import type { Database } from '../database/database.js';
import { Statement } from '../database/statement.js';
import { friendsFrom } from '../friends/friend-rows.js';
import { fromRow, type GiftRequestRow } from '../gifts/gift-rows.js';
import type { PaymentRow } from '../payments/payment-rows.js';
import type { ExportedRecord } from './players.js';

/** Rows that are fetched in one go. */
const PAGE = 500;

const GIFT_REQUESTS = new Statement(
  'select * from gamification_gift_requests where user_id = $1 and id > $2 order by id limit $3',
);
const PAYMENTS = new Statement(
  'select * from gamification_payments where user_id = $1 and id > $2 order by id limit $3',
);
const PRODUCTS = new Statement(`
  select product || '\n' || character as id, bought, count from gamification_products
  where user_id = $1 and product || '\n' || character > $2 and (bought > 0 or count > 0)
  order by id limit $3`);

interface ProductRow {
  /** Of the product and of the character, between which stands a line break: names have none. */
  readonly id: string;
  readonly bought: number | string;
  readonly count: number | string;
}

/** What is kept about a user among friends, gifts, payments and products. */
export async function* exportedRows(
  database: Database,
  userId: string,
): AsyncGenerator<ExportedRecord, void, undefined> {
  for (const relation of ['friends', 'received', 'sent'] as const) {
    const rows = rowsOf(
      (after) => database.read((sql) => friendsFrom(sql, relation, userId, after, PAGE)),
      ({ friend_id }) => friend_id,
    );
    for await (const { friend_id, since } of rows) {
      yield { kind: 'friend', relation, friend: { userId: friend_id, since: new Date(Number(since)) } };
    }
  }
  const all = <Row extends { readonly id: string }>(statement: Statement) =>
    rowsOf(
      (after) => database.read((sql) => sql.rows<Row>(statement.with(userId, after, PAGE))),
      ({ id }) => id,
    );
  for await (const row of all<GiftRequestRow>(GIFT_REQUESTS)) {
    const { id, attributes, gift, createdAt, expiresAt } = fromRow(row);
    yield {
      kind: 'gift-request',
      id,
      attributes,
      ...(gift ? { gift } : {}),
      createdAt: new Date(createdAt),
      expiresAt: new Date(expiresAt),
    };
  }
  for await (const row of all<PaymentRow>(PAYMENTS)) {
    const { id, status, value, currency, description, created_at } = row;
    yield {
      kind: 'payment',
      id,
      status,
      amount: { value, currency },
      ...(description === null ? {} : { description }),
      createdAt: new Date(Number(created_at)),
    };
  }
  for await (const { id, bought, count } of all<ProductRow>(PRODUCTS)) {
    const [product = '', character = ''] = id.split('\n');
    yield {
      kind: 'product',
      product,
      ...(character === '' ? {} : { character }),
      bought: Number(bought),
      count: Number(count),
    };
  }
}

async function* rowsOf<Row>(
  load: (after: string) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): AsyncGenerator<Row, void, undefined> {
  let after = '';
  for (;;) {
    const rows = await load(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = keyOf(last);
  }
}
