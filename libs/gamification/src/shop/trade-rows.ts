import { Insert, Statement } from '../database/statement.js';

/** What is kept of what is done in the shop, where it has a key. */
export type TradeKind = 'item' | 'product' | 'consume' | 'grant';

/** A row of `gamification_purchases`. */
export interface TradeRow {
  readonly user_id: string;
  readonly idempotency_key: string;
  readonly kind: TradeKind;
  readonly name: string;
  readonly character: string;
  readonly quantity: number | string;
  readonly price: number | string | null;
  /** What paid it; nothing in rows of earlier versions, and where nothing was paid. */
  readonly resource: string | null;
  readonly balance: number | string;
  readonly count: number | string | null;
  /** How many of it were given back; nothing where it was not. */
  readonly refunded: number | string | null;
  /** Whether it counts towards the product's stock: 1 or 0. */
  readonly is_stocked: number | string;
}

/** A row of `gamification_products`. */
export interface OwnedRow {
  readonly user_id: string;
  readonly product: string;
  readonly character: string;
  readonly bought: number | string;
  readonly count: number | string;
}

/** A row of `gamification_stock`. */
export interface StockRow {
  readonly product: string;
  readonly sold: number | string;
}

const STOCK_COLUMNS = { product: 'text', sold: 'bigint' } as const;
const PRODUCT_COLUMNS = {
  user_id: 'text',
  product: 'text',
  character: 'text',
  bought: 'bigint',
  count: 'bigint',
} as const;

export const MAKE_STOCK = new Insert('gamification_stock', STOCK_COLUMNS, 'on conflict do nothing');
export const MAKE_PRODUCTS = new Insert('gamification_products', PRODUCT_COLUMNS, 'on conflict do nothing');

const STOCK = 'select s.* from each($1) join gamification_stock s on s.product = each.value ->> 0';
export const LOCK_STOCK = new Statement({
  sqlite: STOCK,
  postgres: `${STOCK} order by s.product for update of s`,
});

const PRODUCTS = `
  select p.* from each($1) join gamification_products p
    on p.user_id = each.value ->> 0 and p.product = each.value ->> 1 and p.character = each.value ->> 2`;
export const LOCK_PRODUCTS = new Statement({
  sqlite: PRODUCTS,
  postgres: `${PRODUCTS} order by p.user_id, p.product, p.character for update of p`,
});

/** Of users and their keys. */
export const KNOWN = new Statement(`
  select p.* from each($1) join gamification_purchases p
    on p.user_id = each.value ->> 0 and p.idempotency_key = each.value ->> 1`);

export const SAVE_STOCK = new Insert(
  'gamification_stock',
  STOCK_COLUMNS,
  'on conflict (product) do update set sold = excluded.sold',
);
export const SAVE_PRODUCTS = new Insert(
  'gamification_products',
  PRODUCT_COLUMNS,
  'on conflict (user_id, product, character) do update set bought = excluded.bought, count = excluded.count',
);

const SAVE_TRADES = new Insert(
  'gamification_purchases',
  {
    user_id: 'text',
    idempotency_key: 'text',
    kind: 'text',
    name: 'text',
    character: 'text',
    quantity: 'bigint',
    price: 'bigint',
    resource: 'text',
    balance: 'bigint',
    count: 'bigint',
    refunded: 'bigint',
    is_stocked: 'bigint',
  },
  'on conflict do nothing returning idempotency_key',
);
const REFUND = new Statement(`
  update gamification_purchases set refunded = cast(each.value ->> 2 as bigint) from each($1)
  where user_id = each.value ->> 0 and idempotency_key = each.value ->> 1`);

/** Those that nobody else has kept meanwhile are kept, and answered. */
export function saveTrades(rows: readonly TradeRow[]) {
  return SAVE_TRADES.with(
    rows.map((row) => [
      row.user_id,
      row.idempotency_key,
      row.kind,
      row.name,
      row.character,
      row.quantity,
      row.price,
      row.resource,
      row.balance,
      row.count,
      row.refunded,
      row.is_stocked,
    ]),
  );
}

export function saveRefunds(rows: readonly TradeRow[]) {
  return REFUND.with(rows.map((row) => [row.user_id, row.idempotency_key, row.refunded]));
}
