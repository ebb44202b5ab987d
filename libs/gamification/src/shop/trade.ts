import { TransactionConflictError } from '../database/database.errors.js';
import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Balances } from '../wallets/balances.js';
import type { LedgerEntry } from '../wallets/ledger-entry.js';
import { IdempotencyConflictError } from '../wallets/wallets.errors.js';
import { InsufficientBalanceError, PurchaseRefusedError } from './shop.errors.js';
import {
  KNOWN,
  LOCK_PRODUCTS,
  LOCK_STOCK,
  MAKE_PRODUCTS,
  MAKE_STOCK,
  type OwnedRow,
  SAVE_PRODUCTS,
  SAVE_STOCK,
  type StockRow,
  saveRefunds,
  saveTrades,
  type TradeKind,
  type TradeRow,
} from './trade-rows.js';

/** Something to be done in the shop. */
export interface Trade {
  readonly kind: TradeKind | 'set' | 'refund';
  readonly userId: string;
  /** Of the item or the product. */
  readonly name: string;
  /** Whose the product is among the user's characters; `''` where it is the user's own. */
  readonly character: string;
  /** To be set, how many there are to be. A refund is of as many as were bought, whatever this is. */
  readonly quantity: number;
  /** Of all of it; nothing where nothing is paid. */
  readonly price: number | undefined;
  /** Of a refund, that of the purchase. */
  readonly idempotencyKey: string | undefined;
  /** What pays it, or pays it back where all of it comes back; nothing where nothing is paid. */
  readonly entry: LedgerEntry | undefined;
  /** Most that a user can buy of the product, ever; of a grant, most that there may be then. */
  readonly limit: number | undefined;
  /** Most that all users can buy of the product; of a refund, given where the purchase counted towards that. */
  readonly stock: number | undefined;
  /** The currency in which it is or was paid. */
  readonly resource: string;
}

/** What a trade left. */
export interface Traded {
  readonly balance: number;
  /** How many of the product there are; of a refund, how many came back. */
  readonly count: number | undefined;
  /** What was paid, or paid back. */
  readonly price: number | undefined;
}

interface Owned {
  /** What counts towards the limit, which is the user's also where a character gets it. */
  readonly bought: number;
  readonly count: number;
}

const NONE: Owned = { bought: 0, count: 0 };

/** Does what is to be done in the shop, each as the one before it left wallets, products and stock. */
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
  private readonly made = new Set<string>();
  private readonly refunded = new Set<string>();

  private constructor(
    private readonly balances: Balances,
    private readonly stock: Map<string, number>,
    private readonly owned: Map<string, Owned>,
    private readonly known: Map<string, TradeRow>,
  ) {}

  /** Locks what the trades are about, and only then looks which of them are known. */
  static async open(sql: Sql, trades: readonly Trade[]): Promise<Counter> {
    const wallets = new Map(
      trades.map(({ userId, resource }) => [keyOf(userId, resource), [userId, resource] as const]),
    );
    const balances = await Balances.lock(sql, [...wallets.values()]);
    const products = trades.filter(({ kind }) => kind !== 'item');
    const stock = await lockStock(sql, products);
    const owned = await lockProducts(sql, products);
    const keyed = trades.flatMap(({ userId, idempotencyKey: key }) =>
      key === undefined ? [] : [[userId, key]],
    );
    const rows = keyed.length === 0 ? [] : await sql.rows<TradeRow>(KNOWN.with(keyed));
    const known = new Map(rows.map((row) => [keyOf(row.user_id, row.idempotency_key), row]));
    return new Counter(balances, stock, owned, known);
  }

  serve(each: Trade): Written<Traded> {
    const { userId, name, character, idempotencyKey, kind, resource } = each;
    const key = idempotencyKey === undefined ? undefined : keyOf(userId, idempotencyKey);
    const before = key === undefined ? undefined : this.known.get(key);
    if (kind === 'refund') return this.refund(each, before);
    if (before) return replay(each, before);
    const refusal = this.refusal(each);
    if (refusal) return { ok: false, error: refusal };
    if (each.entry) this.entries.push(each.entry);
    let count: number | undefined;
    if (kind !== 'item') {
      const { count: owned } = this.ownedOf(userId, name, character);
      count = countAfter(kind, owned, each.quantity);
      const bought = kind === 'product' ? each.quantity : 0;
      this.change(each, { count: count - owned, bought }, each.stock === undefined ? 0 : bought);
    }
    const balance = this.balances.total(userId, resource);
    if (key !== undefined && idempotencyKey !== undefined && kind !== 'set') {
      this.known.set(key, toRow({ ...each, kind, idempotencyKey }, balance, count));
      this.made.add(key);
    }
    return { ok: true, value: { balance, count, price: each.price } };
  }

  async write(sql: Sql): Promise<void> {
    this.balances.write(sql, this.entries);
    const stock = [...this.stock].map(([product, sold]) => [product, sold]);
    if (stock.length > 0) sql.queue(SAVE_STOCK.with(stock));
    const owned = [...this.touched].map((key) => {
      const { bought, count } = this.owned.get(key) ?? NONE;
      return [...key.split('\n'), bought, count];
    });
    if (owned.length > 0) sql.queue(SAVE_PRODUCTS.with(owned));
    const refunded = this.rowsOf([...this.refunded].filter((key) => !this.made.has(key)));
    if (refunded.length > 0) sql.queue(saveRefunds(refunded));
    const made = this.rowsOf([...this.made]);
    if (made.length === 0) return;
    const saved = await sql.rows(saveTrades(made));
    // Somebody else has made it since it was looked for: only another try can tell what came of it.
    if (saved.length < made.length) throw new TransactionConflictError('a purchase is known by now');
  }

  /** Takes back what is left of a purchase. */
  private refund(each: Trade, purchase: TradeRow | undefined): Written<Traded> {
    const { userId, name, character, idempotencyKey = '', resource, entry } = each;
    // Erased since it was looked up, and perhaps another by now.
    if (
      purchase?.kind !== 'product' ||
      purchase.name !== name ||
      purchase.character !== character ||
      (purchase.resource ?? resource) !== resource
    )
      return { ok: false, error: new PurchaseRefusedError(userId, 'there is no such purchase any more') };
    const bought = Number(purchase.quantity);
    const count =
      purchase.refunded === null
        ? Math.min(bought, this.ownedOf(userId, name, character).count)
        : Number(purchase.refunded);
    const price = (Number(purchase.price) / bought) * count;
    if (purchase.refunded === null) {
      if (entry && price > 0) {
        const back = { ...entry, amount: price };
        const error = this.balances.apply([back]);
        if (error) return { ok: false, error };
        this.entries.push(back);
      }
      this.change(each, { count: -count, bought: -count }, Number(purchase.is_stocked) === 1 ? -count : 0);
      const key = keyOf(userId, idempotencyKey);
      this.known.set(key, { ...purchase, refunded: count });
      this.refunded.add(key);
    }
    return { ok: true, value: { balance: this.balances.total(userId, resource), count, price } };
  }

  /** Changes what there is of a product, what counts towards its limit, and what towards its stock. */
  private change({ userId, name, character }: Trade, { count, bought }: Owned, stocked: number): void {
    const add = (key: string, more: Owned) => {
      const { bought: before, count: had } = this.owned.get(key) ?? NONE;
      this.owned.set(key, { bought: before + more.bought, count: had + more.count });
      this.touched.add(key);
    };
    if (count !== 0) add(keyOf(userId, name, character), { count, bought: 0 });
    if (bought !== 0) add(keyOf(userId, name, ''), { count: 0, bought });
    const sold = this.stock.get(name);
    if (sold !== undefined) this.stock.set(name, sold + stocked);
  }

  private refusal({
    kind,
    userId,
    name,
    character,
    quantity,
    limit,
    stock,
    entry,
  }: Trade): Error | undefined {
    const refused = (reason: string) => new PurchaseRefusedError(userId, reason);
    const { count } = this.ownedOf(userId, name, character);
    if (kind === 'consume' && count < quantity) return refused(`there are ${count} of ${name} to consume`);
    if (kind === 'grant' && limit !== undefined && count + quantity > limit)
      return refused(`there may be ${limit} of ${name}, and are ${count}`);
    if (kind === 'product') {
      const { bought } = this.ownedOf(userId, name, '');
      if (limit !== undefined && bought + quantity > limit)
        return refused(`a user can buy ${limit} of ${name}, and has bought ${bought}`);
      const sold = this.stock.get(name) ?? 0;
      if (stock !== undefined && sold + quantity > stock)
        return refused(`${Math.max(0, stock - sold)} of ${name} are left`);
    }
    const unpaid = entry && this.balances.apply([entry]);
    return unpaid && new InsufficientBalanceError(userId, { cause: unpaid });
  }

  private ownedOf(userId: string, name: string, character: string): Owned {
    return this.owned.get(keyOf(userId, name, character)) ?? NONE;
  }

  private rowsOf(keys: readonly string[]): readonly TradeRow[] {
    return keys.flatMap((key) => this.known.get(key) ?? []);
  }
}

/** Of the products that have a stock, how many are sold. */
async function lockStock(sql: Sql, trades: readonly Trade[]): Promise<Map<string, number>> {
  const names = new Set(trades.filter(({ stock }) => stock !== undefined).map(({ name }) => name));
  if (names.size === 0) return new Map();
  const stocked = [...names].sort();
  sql.queue(MAKE_STOCK.with(stocked.map((name) => [name, 0])));
  const rows = await sql.rows<StockRow>(LOCK_STOCK.with(stocked.map((name) => [name])));
  return new Map(rows.map(({ product, sold }) => [product, Number(sold)]));
}

/** What there is of the products, of the user and the characters, by {@link keyOf}. */
async function lockProducts(sql: Sql, trades: readonly Trade[]): Promise<Map<string, Owned>> {
  if (trades.length === 0) return new Map();
  const keysOf = (some: readonly Trade[]) =>
    [
      ...new Set(
        some.flatMap(({ userId, name, character }) => [
          keyOf(userId, name, ''),
          keyOf(userId, name, character),
        ]),
      ),
    ]
      .sort()
      .map((key) => key.split('\n'));
  const growing = keysOf(trades.filter(({ kind }) => kind !== 'consume' && kind !== 'refund'));
  if (growing.length > 0) sql.queue(MAKE_PRODUCTS.with(growing.map((key) => [...key, 0, 0])));
  const rows = await sql.rows<OwnedRow>(LOCK_PRODUCTS.with(keysOf(trades)));
  return new Map(
    rows.map(({ user_id, product, character, bought, count }) => [
      keyOf(user_id, product, character),
      { bought: Number(bought), count: Number(count) },
    ]),
  );
}

function countAfter(kind: 'product' | 'consume' | 'grant' | 'set', owned: number, quantity: number): number {
  if (kind === 'set') return quantity;
  return kind === 'consume' ? owned - quantity : owned + quantity;
}

function replay(each: Trade, known: TradeRow): Written<Traded> {
  const differing = [
    ...(each.kind === known.kind ? [] : ['kind']),
    ...(each.name === known.name ? [] : ['name']),
    ...(each.character === known.character ? [] : ['character']),
    ...(each.quantity === Number(known.quantity) ? [] : ['quantity']),
    // What a product cost may have changed since.
    ...(each.kind !== 'item' || each.price === Number(known.price) ? [] : ['price']),
  ];
  if (differing.length > 0) {
    return { ok: false, error: new IdempotencyConflictError(known.idempotency_key, differing) };
  }
  const orNothing = (value: number | string | null) => (value === null ? undefined : Number(value));
  const { balance, count, price } = known;
  return {
    ok: true,
    value: { balance: Number(balance), count: orNothing(count), price: orNothing(price) },
  };
}

function toRow(
  each: Trade & { readonly kind: TradeKind; readonly idempotencyKey: string },
  balance: number,
  count: number | undefined,
): TradeRow {
  return {
    user_id: each.userId,
    idempotency_key: each.idempotencyKey,
    kind: each.kind,
    name: each.name,
    character: each.character,
    quantity: each.quantity,
    price: each.price ?? null,
    resource: each.entry?.resource ?? null,
    balance,
    count: count ?? null,
    refunded: null,
    is_stocked: each.stock === undefined ? 0 : 1,
  };
}

/** Identifiers hold no control characters. */
function keyOf(...parts: readonly string[]): string {
  return parts.join('\n');
}
