import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsIdentifier } from '../validation.js';

/** Most of a thing that can be bought or consumed at a time. */
const MAX_QUANTITY = 1_000_000;

abstract class ForUser {
  /** Whose it is. */
  @IsIdentifier()
  userId!: string;

  /** How many: 1 to 1,000,000, 1 unless told. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity?: number | undefined;
}

abstract class Buying extends ForUser {
  /** The same key buys once. Without one, a purchase whose answer was lost cannot be repeated safely. */
  @IsOptional()
  @IsIdentifier()
  idempotencyKey?: string | undefined;
}

/** An item to be bought. */
export class PurchaseItem extends Buying {
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
export class PurchaseProduct extends Buying {
  /** The name under which the product was set up. */
  @IsIdentifier()
  product!: string;
}

/** A product to be used up. */
export class ConsumeProduct extends ForUser {
  /** The name under which the product was set up. */
  @IsIdentifier()
  product!: string;
}
