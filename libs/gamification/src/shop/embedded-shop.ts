import type { ClassConstructor } from 'class-transformer';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { Statement } from '../database/statement.js';
import type { Ids } from '../ids.js';
import type { ProductDefinition } from '../mechanics/definition.js';
import { checkedOr, needIdentifier } from '../validation.js';
import { entryOf, type LedgerEntry } from '../wallets/ledger-entry.js';
import { InvalidPurchaseError, PurchaseRefusedError } from './shop.errors.js';
import { type OwnedProduct, type Purchase, Shop } from './shop.js';
import { ConsumeProduct, PurchaseItem, PurchaseProduct } from './shop-inputs.js';
import { type Trade, type Traded, trade } from './trade.js';

const BALANCE = new Statement('select total from gamification_balances where user_id = $1 and resource = $2');

const PRODUCTS = new Statement(
  'select product, count from gamification_products where user_id = $1 and count > 0 order by product',
);

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
    const { item, quantity = 1, price, ...buyer } = check(PurchaseItem, given);
    return this.buy(buyer, { kind: 'item', name: item, quantity, price: price * quantity }, {});
  }

  async purchaseProduct(given: PurchaseProduct): Promise<Purchase> {
    const { product: name, quantity = 1, ...buyer } = check(PurchaseProduct, given);
    const product = this.productOf(buyer.userId, name);
    return this.buy(buyer, { kind: 'product', name, quantity, price: product.price * quantity }, product);
  }

  async consumeProduct(given: ConsumeProduct): Promise<number> {
    const { userId, product: name, quantity = 1, idempotencyKey } = check(ConsumeProduct, given);
    const { count = 0 } = await this.trade({
      kind: 'consume',
      userId,
      name,
      quantity,
      price: undefined,
      idempotencyKey,
      entry: undefined,
      limit: undefined,
      stock: undefined,
      resource: this.setting.resource,
    });
    return count;
  }

  async balance(userId: string): Promise<number> {
    needIdentifier('userId', userId);
    const [row] = await this.setting.database.read((sql) =>
      sql.rows<{ total: number | string }>(BALANCE.with(userId, this.setting.resource)),
    );
    return Number(row?.total ?? 0);
  }

  async products(userId: string): Promise<readonly OwnedProduct[]> {
    needIdentifier('userId', userId);
    const rows = await this.setting.database.read((sql) =>
      sql.rows<{ product: string; count: number | string }>(PRODUCTS.with(userId)),
    );
    return rows.map(({ product, count }) => ({ product, count: Number(count) }));
  }

  private productOf(userId: string, name: string): ProductDefinition {
    const { products } = this.setting;
    const product = Object.hasOwn(products, name) ? products[name] : undefined;
    if (!product) throw new PurchaseRefusedError(userId, `there is no product ${JSON.stringify(name)}`);
    return product;
  }

  private async buy(
    { userId, idempotencyKey }: Pick<PurchaseItem, 'userId' | 'idempotencyKey'>,
    what: Pick<Trade, 'kind' | 'name' | 'quantity'> & { readonly price: number },
    { limit, stock }: { readonly limit?: number; readonly stock?: number },
  ): Promise<Purchase> {
    const { ids, resource } = this.setting;
    const entry = this.entryOf(userId, what);
    const { balance, count } = await this.trade({
      ...what,
      userId,
      idempotencyKey,
      entry,
      limit,
      stock,
      resource,
    });
    return { id: idempotencyKey ?? ids.next(), balance, ...(count === undefined ? {} : { count }) };
  }

  private trade(each: Trade): Promise<Traded> {
    return this.setting.database.write(trade, each, { keys: [each.userId] });
  }

  private entryOf(
    userId: string,
    { kind, name, quantity, price }: Pick<Trade, 'kind' | 'name' | 'quantity'> & { readonly price: number },
  ): LedgerEntry {
    const { ids, clock, authorityId, resource, products } = this.setting;
    const isItem = kind === 'item';
    const called = isItem ? name : (products[name]?.name ?? name);
    return entryOf({
      id: ids.next(),
      authorityId,
      userId,
      resource,
      createdAt: clock.now(),
      amount: -price,
      reason: quantity === 1 ? `Purchase: ${called}` : `Purchase: ${quantity} × ${called}`,
      itemName: isItem ? name : null,
      itemData: isItem && quantity > 1 ? JSON.stringify({ quantity }) : null,
    });
  }
}

/** @throws InvalidPurchaseError */
function check<T extends object>(type: ClassConstructor<T>, given: T): T {
  return checkedOr(type, given, (problems) => new InvalidPurchaseError(problems));
}
