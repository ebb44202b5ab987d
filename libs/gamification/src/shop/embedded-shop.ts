import type { ClassConstructor } from 'class-transformer';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { Statement } from '../database/statement.js';
import type { Ids } from '../ids.js';
import type { ProductDefinition } from '../mechanics/definition.js';
import { checkedOr, needIdentifier } from '../validation.js';
import { entryOf, type LedgerEntry } from '../wallets/ledger-entry.js';
import { makeTrades } from './make-trades.js';
import { InvalidPurchaseError, PurchaseRefusedError } from './shop.errors.js';
import { type OwnedProduct, type Purchase, type Refund, Shop } from './shop.js';
import {
  ConsumeProduct,
  GrantProduct,
  MAX_COUNT,
  PurchaseItem,
  PurchaseProduct,
  RefundProduct,
  SetProductCount,
} from './shop-inputs.js';
import type { Trade, Traded } from './trade.js';
import { KNOWN, type TradeRow } from './trade-rows.js';

const BALANCE = new Statement('select total from gamification_balances where user_id = $1 and resource = $2');

const PRODUCTS = new Statement(`
  select product, count from gamification_products
  where user_id = $1 and character = $2 and count > 0 order by product`);

/** How a product that is not among the mechanics is sold: not at all. */
const NOT_SOLD = { price: 0, limit: 0, stock: undefined };

/** What the shop needs of the application. */
export interface ShopSetting {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The products of the mechanics, by name. */
  readonly products: Readonly<Record<string, ProductDefinition>>;
  /** The key of the resource in which prices are. */
  readonly resource: string;
  /** Who writes the entries of purchases. */
  readonly authorityId: string;
}

/** {@link Shop} in the library's own database: what is bought is paid from a wallet in the same transaction. */
export class EmbeddedShop extends Shop {
  constructor(private readonly setting: ShopSetting) {
    super();
  }

  async purchaseItem(given: PurchaseItem): Promise<Purchase> {
    const { userId, item: name, quantity = 1, price: each, idempotencyKey } = check(PurchaseItem, given);
    const entry = {
      ...this.entryOf(userId, -each * quantity, `Purchase: ${several(quantity, name)}`),
      itemName: name,
      itemData: quantity > 1 ? JSON.stringify({ quantity }) : null,
    };
    const { balance } = await this.trade({
      kind: 'item',
      userId,
      resource: entry.resource,
      name,
      quantity,
      idempotencyKey,
      entry,
    });
    return { id: idempotencyKey ?? this.setting.ids.next(), balance };
  }

  async purchaseProduct(given: PurchaseProduct): Promise<Purchase> {
    const { userId, product: name, character, quantity = 1, ...rest } = check(PurchaseProduct, given);
    const id = rest.idempotencyKey ?? this.setting.ids.next();
    const product = this.productOf(name);
    // What was bought with the key is answered as the first time, though it may be sold no more.
    if (!product && !(await this.purchaseOf(userId, id))) throw notSold(userId, name);
    const { price: each, limit, stock } = product ?? NOT_SOLD;
    const { balance, count } = await this.trade({
      kind: 'product',
      ...this.ofProduct(userId, name, character),
      quantity,
      idempotencyKey: id,
      entry: this.entryOf(userId, -each * quantity, `Purchase: ${several(quantity, this.nameOf(name))}`),
      limit,
      stock,
    });
    return { id, balance, count };
  }

  async refundProduct(given: RefundProduct): Promise<Refund> {
    const { userId, purchaseId } = check(RefundProduct, given);
    const purchase = await this.purchaseOf(userId, purchaseId);
    if (purchase?.kind !== 'product')
      throw new PurchaseRefusedError(
        userId,
        `there is no purchase ${JSON.stringify(purchaseId)} of a product`,
      );
    const { name, character } = purchase;
    const resource = purchase.resource ?? this.setting.resource;
    const entry = this.entryOf(userId, Number(purchase.price), `Refund: ${this.nameOf(name)}`);
    const { balance, count, paidBack } = await this.trade({
      kind: 'refund',
      userId,
      resource,
      name,
      character,
      purchaseId,
      entry: { ...entry, resource },
      isStocked: Number(purchase.is_stocked) === 1,
    });
    return { quantity: count, amount: paidBack, balance };
  }

  async consumeProduct(given: ConsumeProduct): Promise<number> {
    const { userId, product, character, quantity = 1, idempotencyKey } = check(ConsumeProduct, given);
    const { count } = await this.trade({
      kind: 'consume',
      ...this.ofProduct(userId, product, character),
      quantity,
      idempotencyKey,
    });
    return count;
  }

  async grantProduct(given: GrantProduct): Promise<number> {
    const checked = check(GrantProduct, given);
    const { userId, product, character, quantity = 1, limit = MAX_COUNT, idempotencyKey } = checked;
    if (!this.productOf(product)) throw notSold(userId, product);
    const { count } = await this.trade({
      kind: 'grant',
      ...this.ofProduct(userId, product, character),
      quantity,
      limit,
      idempotencyKey,
    });
    return count;
  }

  async setProductCount(given: SetProductCount): Promise<void> {
    const { userId, product, character, count } = check(SetProductCount, given);
    if (!this.productOf(product)) throw notSold(userId, product);
    await this.trade({ kind: 'set', ...this.ofProduct(userId, product, character), count });
  }

  async balance(userId: string): Promise<number> {
    needIdentifier('userId', userId);
    const [row] = await this.setting.database.read((sql) =>
      sql.rows<{ total: number | string }>(BALANCE.with(userId, this.setting.resource)),
    );
    return Number(row?.total ?? 0);
  }

  async products(userId: string, character?: string): Promise<readonly OwnedProduct[]> {
    needIdentifier('userId', userId);
    if (character !== undefined) needIdentifier('character', character);
    const rows = await this.setting.database.read((sql) =>
      sql.rows<{ product: string; count: number | string }>(PRODUCTS.with(userId, character ?? '')),
    );
    return rows.map(({ product, count }) => ({ product, count: Number(count) }));
  }

  private productOf(name: string): ProductDefinition | undefined {
    const { products } = this.setting;
    return Object.hasOwn(products, name) ? products[name] : undefined;
  }

  private nameOf(product: string): string {
    return this.productOf(product)?.name ?? product;
  }

  private async purchaseOf(userId: string, id: string): Promise<TradeRow | undefined> {
    const rows = await this.setting.database.read((sql) => sql.rows<TradeRow>(KNOWN.with([[userId, id]])));
    return rows[0];
  }

  private trade(each: Trade): Promise<Traded> {
    return this.setting.database.write(makeTrades, each, { keys: [each.userId] });
  }

  private ofProduct(userId: string, name: string, character = '') {
    return { userId, resource: this.setting.resource, name, character };
  }

  private entryOf(userId: string, amount: number, reason: string): LedgerEntry {
    const { ids, clock, authorityId, resource } = this.setting;
    return entryOf({ id: ids.next(), authorityId, userId, resource, createdAt: clock.now(), amount, reason });
  }
}

function several(quantity: number, name: string): string {
  return quantity === 1 ? name : `${quantity} × ${name}`;
}

function notSold(userId: string, product: string): PurchaseRefusedError {
  return new PurchaseRefusedError(userId, `there is no product ${JSON.stringify(product)}`);
}

/** @throws InvalidPurchaseError */
function check<T extends object>(type: ClassConstructor<T>, given: T): T {
  return checkedOr(type, given, (problems) => new InvalidPurchaseError(problems));
}
