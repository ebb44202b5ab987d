import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsIdentifier } from '../validation.js';

/** Most of a thing that can be bought, consumed or granted at a time. */
const MAX_QUANTITY = 1_000_000;
/** Most of a product that can be given for nothing. */
export const MAX_COUNT = 1_000_000_000;

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
   * The same key of the same user buys, consumes or grants once. Without one, what lost its answer cannot be repeated
   * safely. Gloebit takes none for what is consumed.
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

abstract class ProductTrading extends Trading {
  /** The name under which the product was set up. */
  @IsIdentifier()
  product!: string;

  /** The one of the user's characters whose it is, by a name of the application's: the user's own unless told. */
  @IsOptional()
  @IsIdentifier()
  character?: string | undefined;
}

/** A product to be bought. */
export class PurchaseProduct extends ProductTrading {}

/** A product to be used up. */
export class ConsumeProduct extends ProductTrading {}

/** A product to be given for nothing. */
export class GrantProduct extends ProductTrading {
  /** The most that there may be afterwards: 1 to 1,000,000,000, which it is unless told. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_COUNT)
  limit?: number | undefined;
}

/** How many of a product there are to be. */
export class SetProductCount {
  /** Whose they are. */
  @IsIdentifier()
  userId!: string;

  /** The name under which the product was set up. */
  @IsIdentifier()
  product!: string;

  /** The one of the user's characters whose they are: the user's own unless told. */
  @IsOptional()
  @IsIdentifier()
  character?: string | undefined;

  /** 0 to 1,000,000,000. */
  @IsInt()
  @Min(0)
  @Max(MAX_COUNT)
  count!: number;
}

/** A purchase of a product to be taken back. */
export class RefundProduct {
  /** Who has bought it. */
  @IsIdentifier()
  userId!: string;

  /** What the purchase was answered with as its `id`. */
  @IsIdentifier()
  purchaseId!: string;
}
