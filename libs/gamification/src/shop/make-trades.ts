import { TransactionConflictError } from '../database/database.errors.js';
import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Balances } from '../wallets/balances.js';
import type { LedgerEntry } from '../wallets/ledger-entry.js';
import { IdempotencyConflictError } from '../wallets/wallets.errors.js';
import { InsufficientBalanceError, PurchaseRefusedError } from './shop.errors.js';
import type { KeptTrade, ProductTrade, PurchaseRefund, Trade, Traded } from './trade.js';
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
  type TradeRow,
} from './trade-rows.js';

/** A trade that is kept under its key. */
type KeyedTrade = KeptTrade & { readonly idempotencyKey: string };

interface Owned {
  /** What counts towards the limit, which is the user's also where a character gets it. */
  readonly bought: number;
  readonly count: number;
}

const NONE: Owned = { bought: 0, count: 0 };

/** Does what is to be done in the shop, each as the one before it left wallets, products and stock. */
export const makeTrades: WriteCommand<Trade, Traded> = {
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
    const products = trades.filter((each) => each.kind !== 'item');
    const stock = await lockStock(sql, products);
    const owned = await lockProducts(sql, products);
    const keyed = trades.flatMap((each) => {
      const key = purchaseKeyOf(each);
      return key === undefined ? [] : [[each.userId, key]];
    });
    const rows = keyed.length === 0 ? [] : await sql.rows<TradeRow>(KNOWN.with(keyed));
    const known = new Map(rows.map((row) => [keyOf(row.user_id, row.idempotency_key), row]));
    return new Counter(balances, stock, owned, known);
  }

  serve(each: Trade): Written<Traded> {
    if (each.kind === 'refund') return this.refund(each);
    const kept = keptOf(each);
    const before = kept && this.known.get(keyOf(kept.userId, kept.idempotencyKey));
    if (kept && before) return replay(kept, before);
    const refusal = this.pay(each);
    if (refusal) return { ok: false, error: refusal };
    const count = each.kind === 'item' ? undefined : this.exchange(each);
    const balance = this.balances.total(each.userId, each.resource);
    if (kept) {
      const key = keyOf(kept.userId, kept.idempotencyKey);
      this.known.set(key, toRow(kept, balance, count));
      this.made.add(key);
    }
    return { ok: true, value: { balance, count: count ?? 0, paidBack: 0 } };
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
  private refund(each: PurchaseRefund): Written<Traded> {
    const { userId, name, character, purchaseId, resource, entry } = each;
    const key = keyOf(userId, purchaseId);
    const purchase = this.known.get(key);
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
    const paidBack = (Number(purchase.price) / bought) * count;
    if (purchase.refunded === null) {
      const error = paidBack > 0 && this.post({ ...entry, amount: paidBack });
      if (error) return { ok: false, error };
      const isStocked = Number(purchase.is_stocked) === 1;
      this.change(each, { count: -count, bought: -count }, isStocked ? -count : 0);
      this.known.set(key, { ...purchase, refunded: count });
      this.refunded.add(key);
    }
    return { ok: true, value: { balance: this.balances.total(userId, resource), count, paidBack } };
  }

  /** Posts an entry. @returns why it cannot be */
  private post(entry: LedgerEntry): Error | undefined {
    const error = this.balances.apply([entry]);
    if (!error) this.entries.push(entry);
    return error;
  }

  /** Gives or takes what a trade is about. @returns how many of the product there are then */
  private exchange(each: Exclude<ProductTrade, PurchaseRefund>): number {
    const { count: owned } = this.ownedOf(each.userId, each.name, each.character);
    const count = countAfter(each, owned);
    const bought = each.kind === 'product' ? each.quantity : 0;
    const isStocked = each.kind === 'product' && each.stock !== undefined;
    this.change(each, { count: count - owned, bought }, isStocked ? bought : 0);
    return count;
  }

  /** Changes what there is of a product, what counts towards its limit, and what towards its stock. */
  private change({ userId, name, character }: ProductTrade, { count, bought }: Owned, stocked: number): void {
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

  /** Pays a trade, where it may be made. @returns why it may not, or cannot be paid */
  private pay(each: Exclude<Trade, PurchaseRefund>): Error | undefined {
    const { userId } = each;
    const reason = this.reasonAgainst(each);
    if (reason !== undefined) return new PurchaseRefusedError(userId, reason);
    const unpaid = 'entry' in each && this.post(each.entry);
    return unpaid ? new InsufficientBalanceError(userId, { cause: unpaid }) : undefined;
  }

  private reasonAgainst(each: Exclude<Trade, PurchaseRefund>): string | undefined {
    if (each.kind === 'item' || each.kind === 'set') return undefined;
    const { userId, name, character, quantity } = each;
    const { count } = this.ownedOf(userId, name, character);
    if (each.kind === 'consume')
      return count < quantity ? `there are ${count} of ${name} to consume` : undefined;
    if (each.kind === 'grant')
      return count + quantity > each.limit
        ? `there may be ${each.limit} of ${name}, and are ${count}`
        : undefined;
    const { limit, stock } = each;
    const { bought } = this.ownedOf(userId, name, '');
    if (limit !== undefined && bought + quantity > limit)
      return `a user can buy ${limit} of ${name}, and has bought ${bought}`;
    const sold = this.stock.get(name) ?? 0;
    if (stock !== undefined && sold + quantity > stock)
      return `${Math.max(0, stock - sold)} of ${name} are left`;
    return undefined;
  }

  private ownedOf(userId: string, name: string, character: string): Owned {
    return this.owned.get(keyOf(userId, name, character)) ?? NONE;
  }

  private rowsOf(keys: readonly string[]): readonly TradeRow[] {
    return keys.flatMap((key) => this.known.get(key) ?? []);
  }
}

/** Of the products that have a stock, how many are sold. */
async function lockStock(sql: Sql, trades: readonly ProductTrade[]): Promise<Map<string, number>> {
  const counts = (each: ProductTrade) =>
    each.kind === 'refund' ? each.isStocked : each.kind === 'product' && each.stock !== undefined;
  const names = new Set(trades.filter(counts).map(({ name }) => name));
  if (names.size === 0) return new Map();
  const stocked = [...names].sort();
  sql.queue(MAKE_STOCK.with(stocked.map((name) => [name, 0])));
  const rows = await sql.rows<StockRow>(LOCK_STOCK.with(stocked.map((name) => [name])));
  return new Map(rows.map(({ product, sold }) => [product, Number(sold)]));
}

/** What there is of the products, of the user and the characters, by {@link keyOf}. */
async function lockProducts(sql: Sql, trades: readonly ProductTrade[]): Promise<Map<string, Owned>> {
  if (trades.length === 0) return new Map();
  const keysOf = (some: readonly ProductTrade[]) =>
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

/** A trade that is kept under a key, where it has one. */
function keptOf(each: Exclude<Trade, PurchaseRefund>): KeyedTrade | undefined {
  if (each.kind === 'set' || each.idempotencyKey === undefined) return undefined;
  return { ...each, idempotencyKey: each.idempotencyKey };
}

/** The key under which a trade is or was kept. */
function purchaseKeyOf(each: Trade): string | undefined {
  return each.kind === 'refund' ? each.purchaseId : keptOf(each)?.idempotencyKey;
}

function characterOf(each: KeyedTrade): string {
  return each.kind === 'item' ? '' : each.character;
}

function countAfter(each: Exclude<ProductTrade, PurchaseRefund>, owned: number): number {
  if (each.kind === 'set') return each.count;
  return each.kind === 'consume' ? owned - each.quantity : owned + each.quantity;
}

function replay(each: KeyedTrade, known: TradeRow): Written<Traded> {
  const differing = [
    ...(each.kind === known.kind ? [] : ['kind']),
    ...(each.name === known.name ? [] : ['name']),
    ...(characterOf(each) === known.character ? [] : ['character']),
    ...(each.quantity === Number(known.quantity) ? [] : ['quantity']),
    // What a product cost may have changed since.
    ...(each.kind !== 'item' || -each.entry.amount === Number(known.price) ? [] : ['price']),
  ];
  if (differing.length > 0) {
    return { ok: false, error: new IdempotencyConflictError(known.idempotency_key, differing) };
  }
  return {
    ok: true,
    value: { balance: Number(known.balance), count: Number(known.count), paidBack: 0 },
  };
}

function toRow(each: KeyedTrade, balance: number, count: number | undefined): TradeRow {
  const entry = 'entry' in each ? each.entry : undefined;
  return {
    user_id: each.userId,
    idempotency_key: each.idempotencyKey,
    kind: each.kind,
    name: each.name,
    character: characterOf(each),
    quantity: each.quantity,
    price: entry ? -entry.amount : null,
    resource: entry?.resource ?? null,
    balance,
    count: count ?? null,
    refunded: null,
    is_stocked: each.kind === 'product' && each.stock !== undefined ? 1 : 0,
  };
}

/** Identifiers hold no control characters. */
function keyOf(...parts: readonly string[]): string {
  return parts.join('\n');
}
