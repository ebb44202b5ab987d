import { Inject, Injectable } from '@nestjs/common';
import { MechanicsCatalog, PurchaseRefusedError, Shop } from 'nestjs-gamification';
import type { GloebitServerOptions } from '../server.options.js';
import { failed, type GloebitAnswer, succeeded } from './gloebit-answer.js';
import { GLOEBIT_OPTIONS } from './gloebit-options.js';
import { type Owner, ProductCounts } from './product-counts.js';

/** What clients look for where there are too few ([python-django-gloebit]); of characters too ([inferred]). */
const TOO_FEW = "user doesn't have enough";
/** No source has the words of these ([inferred]). */
const TOO_MANY = 'product limit exceeded';
const UNKNOWN = 'unknown product';

/** Most of a product that anybody can have, where its limit does not say less. */
const MAX_COUNT = 1_000_000_000;

/**
 * The products of users and characters. What a user has paid for is the shop's; what was granted, and all that characters
 * have, is counted beside it, and both are one number to applications.
 */
@Injectable()
export class Products {
  constructor(
    @Inject(Shop) private readonly shop: Shop,
    @Inject(ProductCounts) private readonly counts: ProductCounts,
    @Inject(MechanicsCatalog) private readonly catalog: MechanicsCatalog,
    @Inject(GLOEBIT_OPTIONS) private readonly options: GloebitServerOptions,
  ) {}

  async list(owner: Owner): Promise<GloebitAnswer> {
    const counts = new Map(await this.counts.of(owner));
    if (owner.kind === 'user') {
      for (const { product, count } of await this.shop.products(owner.id))
        counts.set(product, count + (counts.get(product) ?? 0));
    }
    return succeeded({ products: Object.fromEntries(counts) });
  }

  /** Uses some up. A product that is no longer sold can be used up still: the documents disagree ([inferred]). */
  async consume(owner: Owner, product: string, count: number): Promise<GloebitAnswer> {
    const left =
      owner.kind === 'user'
        ? await this.consumeOfUser(owner, product, count)
        : await this.counts.take(owner, product, count);
    return left === undefined ? failed(TOO_FEW) : succeeded({ 'product-count': left });
  }

  /** Gives some for nothing, where that is allowed. The limit is on what an owner has ([doc]). */
  async grant(owner: Owner, product: string, count: number): Promise<GloebitAnswer> {
    const refusal = this.refusalOf(product, this.options.canBeGranted, 'product cannot be granted');
    if (refusal) return refusal;
    const bought = await this.boughtBy(owner, product);
    const granted = await this.counts.add(owner, product, count, this.limitOf(product) - bought);
    return granted === undefined ? failed(TOO_MANY) : succeeded({ 'product-count': bought + granted });
  }

  /** Lets an owner have just so many, where that is allowed. */
  async set(owner: Owner, product: string, count: number): Promise<GloebitAnswer> {
    const refusal = this.refusalOf(product, this.options.canBeSet, 'product count cannot be set');
    if (refusal) return refusal;
    if (count > this.limitOf(product)) return failed(TOO_MANY);
    const bought = await this.boughtBy(owner, product);
    const surplus = bought - count;
    if (surplus > 0 && (await this.consumeBought(owner.id, product, surplus)) === undefined)
      return failed(TOO_FEW);
    await this.counts.set(owner, product, Math.max(0, -surplus));
    return succeeded({ 'product-count': count });
  }

  /** How many of a product a user was granted. */
  async grantedTo(userId: string, product: string): Promise<number> {
    return (await this.counts.of({ kind: 'user', id: userId })).get(product) ?? 0;
  }

  /** What was granted goes first, then what was bought. */
  private async consumeOfUser(owner: Owner, product: string, count: number): Promise<number | undefined> {
    const bought = await this.boughtBy(owner, product);
    const granted = await this.grantedTo(owner.id, product);
    if (bought + granted < count) return undefined;
    const taken = granted === 0 ? 0 : await this.counts.takeUpTo(owner, product, count);
    let left = taken === count ? bought : undefined;
    try {
      left ??= await this.consumeBought(owner.id, product, count - taken);
    } finally {
      if (left === undefined && taken > 0) await this.counts.add(owner, product, taken, MAX_COUNT);
    }
    return left === undefined ? undefined : left + granted - taken;
  }

  private async consumeBought(
    userId: string,
    product: string,
    quantity: number,
  ): Promise<number | undefined> {
    try {
      return await this.shop.consumeProduct({ userId, product, quantity });
    } catch (error) {
      if (error instanceof PurchaseRefusedError) return undefined;
      throw error;
    }
  }

  private async boughtBy({ kind, id }: Owner, product: string): Promise<number> {
    if (kind === 'character') return 0;
    return (await this.shop.products(id)).find((owned) => owned.product === product)?.count ?? 0;
  }

  private limitOf(product: string): number {
    return this.catalog.get().products.find(({ id }) => id === product)?.limit ?? MAX_COUNT;
  }

  private refusalOf(
    product: string,
    allowed: readonly string[] = [],
    otherwise: string,
  ): GloebitAnswer | undefined {
    if (!this.catalog.get().products.some(({ id }) => id === product)) return failed(UNKNOWN);
    return allowed.includes(product) ? undefined : failed(otherwise);
  }
}
