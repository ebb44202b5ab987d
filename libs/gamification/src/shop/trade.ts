import { TransactionConflictError } from '../database/database.errors.js';
import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import { Balances } from '../wallets/balances.js';
import type { LedgerEntry } from '../wallets/ledger-entry.js';
import { IdempotencyConflictError } from '../wallets/wallets.errors.js';
import { InsufficientBalanceError, PurchaseRefusedError } from './shop.errors.js';

/** A purchase or a consumption that is to be made. */
export interface Trade {
  readonly kind: 'item' | 'product' | 'consume';
  readonly userId: string;
  /** Of the item or the product. */
  readonly name: string;
  readonly quantity: number;
  /** Of all of it; nothing where nothing is paid. */
  readonly price: number | undefined;
  readonly idempotencyKey: string | undefined;
  /** What pays it, where something is paid. */
  readonly entry: LedgerEntry | undefined;
  /** Most that a user can buy of the product, ever. */
  readonly limit: number | undefined;
  /** Most that all users can buy of the product. */
  readonly stock: number | undefined;
  /** The currency of the shop. */
  readonly resource: string;
}

/** What a trade left. */
export interface Traded {
  readonly balance: number;
  /** How many of the product the user has. */
  readonly count: number | undefined;
}

interface Owned {
  readonly bought: number;
  readonly count: number;
}

const MAKE_STOCK = new Insert(
  'gamification_stock',
  { product: 'text', sold: 'bigint' },
  'on conflict do nothing',
);
const MAKE_PRODUCTS = new Insert(
  'gamification_products',
  { user_id: 'text', product: 'text', bought: 'bigint', count: 'bigint' },
  'on conflict do nothing',
);

const STOCK = 'select s.* from each($1) join gamification_stock s on s.product = each.value ->> 0';
const LOCK_STOCK = new Statement({ sqlite: STOCK, postgres: `${STOCK} order by s.product for update of s` });

const PRODUCTS = `
  select p.* from each($1) join gamification_products p
    on p.user_id = each.value ->> 0 and p.product = each.value ->> 1`;
const LOCK_PRODUCTS = new Statement({
  sqlite: PRODUCTS,
  postgres: `${PRODUCTS} order by p.user_id, p.product for update of p`,
});

const KNOWN = new Statement(`
  select p.* from each($1) join gamification_purchases p
    on p.user_id = each.value ->> 0 and p.idempotency_key = each.value ->> 1`);

const SAVE_STOCK = new Insert(
  'gamification_stock',
  { product: 'text', sold: 'bigint' },
  'on conflict (product) do update set sold = excluded.sold',
);
const SAVE_PRODUCTS = new Insert(
  'gamification_products',
  { user_id: 'text', product: 'text', bought: 'bigint', count: 'bigint' },
  'on conflict (user_id, product) do update set bought = excluded.bought, count = excluded.count',
);
const SAVE_TRADES = new Insert(
  'gamification_purchases',
  {
    user_id: 'text',
    idempotency_key: 'text',
    kind: 'text',
    name: 'text',
    quantity: 'bigint',
    price: 'bigint',
    balance: 'bigint',
    count: 'bigint',
  },
  'on conflict do nothing returning idempotency_key',
);

interface TradeRow {
  readonly user_id: string;
  readonly idempotency_key: string;
  readonly kind: Trade['kind'];
  readonly name: string;
  readonly quantity: number | string;
  readonly price: number | string | null;
  readonly balance: number | string;
  readonly count: number | string | null;
}

/** Makes purchases and consumptions, each as the one before it left wallets, products and stock. */
export const trade: WriteCommand<Trade, Traded> = {
  name: 'shop',

  async run(sql, trades) {
    const counter = await Counter.open(sql, trades);
    const results = trades.map((each): Written<Traded> => counter.serve(each));
    await counter.write(sql);
    return results;
  },
};

/** One transaction of trades. */
class Counter {
  private readonly entries: LedgerEntry[] = [];
  private readonly touched = new Set<string>();
  private readonly made: (readonly (string | number | null)[])[] = [];

  private constructor(
    private readonly balances: Balances,
    private readonly stock: Map<string, number>,
    private readonly owned: Map<string, Owned>,
    private readonly known: Map<string, TradeRow>,
  ) {}

  /** Locks what the trades are about, and only then looks which of them are known. */
  static async open(sql: Sql, trades: readonly Trade[]): Promise<Counter> {
    const wallets = [...new Map(trades.map((each) => [each.userId, each.resource]))];
    const balances = await Balances.lock(sql, wallets);
    const products = trades.filter(({ kind }) => kind !== 'item');
    const stocked = [...new Set(products.filter(({ stock }) => stock !== undefined).map(({ name }) => name))];
    const stock = new Map<string, number>();
    if (stocked.length > 0) {
      sql.queue(MAKE_STOCK.with(stocked.sort().map((name) => [name, 0])));
      const rows = await sql.rows<{ product: string; sold: number | string }>(
        LOCK_STOCK.with(stocked.map((name) => [name])),
      );
      for (const { product, sold } of rows) stock.set(product, Number(sold));
    }
    const owned = new Map<string, Owned>();
    if (products.length > 0) {
      const keysOf = (some: readonly Trade[]) =>
        [...new Set(some.map(({ userId, name }) => keyOf(userId, name)))]
          .sort()
          .map((key) => key.split('\n'));
      const bought = keysOf(products.filter(({ kind }) => kind === 'product'));
      if (bought.length > 0) sql.queue(MAKE_PRODUCTS.with(bought.map((key) => [...key, 0, 0])));
      const rows = await sql.rows<{
        user_id: string;
        product: string;
        bought: number | string;
        count: number | string;
      }>(LOCK_PRODUCTS.with(keysOf(products)));
      for (const row of rows) {
        owned.set(keyOf(row.user_id, row.product), { bought: Number(row.bought), count: Number(row.count) });
      }
    }
    const keyed = trades.flatMap(({ userId, idempotencyKey: key }) =>
      key === undefined ? [] : [[userId, key]],
    );
    const rows = keyed.length === 0 ? [] : await sql.rows<TradeRow>(KNOWN.with(keyed));
    const known = new Map(rows.map((row) => [keyOf(row.user_id, row.idempotency_key), row]));
    return new Counter(balances, stock, owned, known);
  }

  serve(each: Trade): Written<Traded> {
    const { userId, name, idempotencyKey } = each;
    const key = idempotencyKey === undefined ? undefined : keyOf(userId, idempotencyKey);
    const before = key === undefined ? undefined : this.known.get(key);
    if (before) return replay(each, before);
    const product = keyOf(userId, name);
    const owned = this.owned.get(product) ?? { bought: 0, count: 0 };
    const refusal = this.refusal(each, owned);
    if (refusal) return { ok: false, error: refusal };
    if (each.entry) this.entries.push(each.entry);
    let count: number | undefined;
    if (each.kind !== 'item') {
      const more = each.kind === 'product' ? each.quantity : 0;
      count = owned.count + (more || -each.quantity);
      this.owned.set(product, { bought: owned.bought + more, count });
      this.touched.add(product);
      const sold = this.stock.get(name);
      if (sold !== undefined) this.stock.set(name, sold + more);
    }
    const traded = { balance: this.balances.total(userId, each.resource), count };
    if (key !== undefined) {
      const row = toRow(each, traded);
      this.known.set(key, row);
      this.made.push(toColumns(row));
    }
    return { ok: true, value: traded };
  }

  async write(sql: Sql): Promise<void> {
    this.balances.write(sql, this.entries);
    const stock = [...this.stock].map(([product, sold]) => [product, sold]);
    if (stock.length > 0) sql.queue(SAVE_STOCK.with(stock));
    const owned = [...this.touched].map((key) => {
      const { bought = 0, count = 0 } = this.owned.get(key) ?? {};
      return [...key.split('\n'), bought, count];
    });
    if (owned.length > 0) sql.queue(SAVE_PRODUCTS.with(owned));
    if (this.made.length === 0) return;
    const saved = await sql.rows(SAVE_TRADES.with(this.made));
    // Somebody else has made it since it was looked for: only another try can tell what came of it.
    if (saved.length < this.made.length) throw new TransactionConflictError('a purchase is known by now');
  }

  private refusal(
    { kind, userId, name, quantity, limit, stock, entry }: Trade,
    owned: Owned,
  ): Error | undefined {
    const refused = (reason: string) => new PurchaseRefusedError(userId, reason);
    if (kind === 'consume') {
      return owned.count < quantity ? refused(`there are ${owned.count} of ${name} to consume`) : undefined;
    }
    if (limit !== undefined && owned.bought + quantity > limit) {
      return refused(`a user can buy ${limit} of ${name}, and has bought ${owned.bought}`);
    }
    const sold = this.stock.get(name) ?? 0;
    if (stock !== undefined && sold + quantity > stock) {
      return refused(`${Math.max(0, stock - sold)} of ${name} are left`);
    }
    const unpaid = entry && this.balances.apply([entry]);
    return unpaid && new InsufficientBalanceError(userId, { cause: unpaid });
  }
}

function replay(each: Trade, known: TradeRow): Written<Traded> {
  const differing = [
    ...(each.kind === known.kind ? [] : ['kind']),
    ...(each.name === known.name ? [] : ['name']),
    ...(each.quantity === Number(known.quantity) ? [] : ['quantity']),
    // What a product cost may have changed since.
    ...(each.kind !== 'item' || each.price === Number(known.price) ? [] : ['price']),
  ];
  if (differing.length > 0) {
    return { ok: false, error: new IdempotencyConflictError(known.idempotency_key, differing) };
  }
  const count = known.count === null ? undefined : Number(known.count);
  return { ok: true, value: { balance: Number(known.balance), count } };
}

function toRow(
  { userId, kind, name, quantity, price, idempotencyKey = '' }: Trade,
  { balance, count }: Traded,
): TradeRow {
  return {
    user_id: userId,
    idempotency_key: idempotencyKey,
    kind,
    name,
    quantity,
    price: price ?? null,
    balance,
    count: count ?? null,
  };
}

function toColumns(row: TradeRow): readonly (string | number | null)[] {
  return [
    row.user_id,
    row.idempotency_key,
    row.kind,
    row.name,
    row.quantity,
    row.price,
    row.balance,
    row.count,
  ];
}

/** Identifiers hold no control characters. */
function keyOf(userId: string, name: string): string {
  return `${userId}\n${name}`;
}
