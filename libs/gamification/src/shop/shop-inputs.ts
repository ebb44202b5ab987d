import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsIdentifier } from '../validation.js';

/** Most of a thing that can be bought or consumed at a time. */
const MAX_QUANTITY = 1_000_000;

abstract class Trading {
  /** Whose it is. */
  @IsIdentifier()
  userId!: string;

  /** How many: 1 to 1,000,000, 1 unless told. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity?: number | undefined;

  /**
   * The same key of the same user buys or consumes once. Without one, what lost its answer cannot be repeated safely.
   * Gloebit takes none for what is consumed.
   */
  @IsOptional()
  @IsIdentifier()
  idempotencyKey?: string | undefined;
}

/** An item to be bought. */
export class PurchaseItem extends Trading {
  /** The item's name. */
  @IsIdentifier()
  item!: string;

  /** The price of one, in the shop's currency: a whole number above 0. */
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  price!: number;
}

/** A product to be bought. */
export class PurchaseProduct extends Trading {
  /** The name under which the product was set up. */
  @IsIdentifier()
  product!: string;
}

/** A product to be used up. */
export class ConsumeProduct extends Trading {
  /** The name under which the product was set up. */
  @IsIdentifier()
  product!: string;
}
