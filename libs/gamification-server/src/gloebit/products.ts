import { Inject, Injectable } from '@nestjs/common';
import { MechanicsCatalog, PurchaseRefusedError, Shop } from 'nestjs-gamification';
import type { GloebitServerOptions } from '../server.options.js';
import { failed, type GloebitAnswer, succeeded } from './gloebit-answer.js';
import { GLOEBIT_OPTIONS } from './gloebit-options.js';

/** What clients look for where there are too few ([python-django-gloebit]); of characters too ([inferred]). */
const TOO_FEW = "user doesn't have enough";
/** No source has the words of these ([inferred]). */
const TOO_MANY = 'product limit exceeded';
const UNKNOWN = 'unknown product';

/** Whose products are meant: a user's own, or those of the user's character with an id. */
export interface Owner {
  readonly userId: string;
  readonly character?: string;
}

/** The products of users and characters, bought or granted. */
@Injectable()
export class Products {
  constructor(
    @Inject(Shop) private readonly shop: Shop,
    @Inject(MechanicsCatalog) private readonly catalog: MechanicsCatalog,
    @Inject(GLOEBIT_OPTIONS) private readonly options: GloebitServerOptions,
  ) {}

  async list({ userId, character }: Owner): Promise<GloebitAnswer> {
    const owned = await this.shop.products(userId, character);
    return succeeded({ products: Object.fromEntries(owned.map(({ product, count }) => [product, count])) });
  }

  /** Uses some up. A product that is no longer sold can be used up still: the documents disagree ([inferred]). */
  consume(owner: Owner, product: string, quantity: number): Promise<GloebitAnswer> {
    return counted(TOO_FEW, this.shop.consumeProduct({ ...owner, product, quantity }));
  }

  /** Gives some for nothing, where that is allowed. The limit is on what an owner has ([doc]). */
  async grant(owner: Owner, product: string, quantity: number): Promise<GloebitAnswer> {
    const refusal = this.refusalOf(product, this.options.canBeGranted, 'product cannot be granted');
    if (refusal) return refusal;
    const limit = this.limitOf(product);
    return counted(TOO_MANY, this.shop.grantProduct({ ...owner, product, quantity, limit }));
  }

  /** Lets an owner have just so many, where that is allowed. */
  async set(owner: Owner, product: string, count: number): Promise<GloebitAnswer> {
    const refusal = this.refusalOf(product, this.options.canBeSet, 'product count cannot be set');
    if (refusal) return refusal;
    if (count > (this.limitOf(product) ?? count)) return failed(TOO_MANY);
    await this.shop.setProductCount({ ...owner, product, count });
    return succeeded({ 'product-count': count });
  }

  private limitOf(product: string): number | undefined {
    return this.catalog.get().products.find(({ id }) => id === product)?.limit;
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

/** @param reason why, where the shop refuses it */
async function counted(reason: string, change: Promise<number>): Promise<GloebitAnswer> {
  try {
    return succeeded({ 'product-count': await change });
  } catch (error) {
    if (error instanceof PurchaseRefusedError) return failed(reason);
    throw error;
  }
}
