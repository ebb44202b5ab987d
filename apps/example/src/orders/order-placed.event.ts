import { IsInt, IsString, Min } from 'class-validator';
import { GameEvent } from 'nestjs-gamification';

/** A customer ordered something. Its properties are checked before it is recorded, as a request's body is. */
export class OrderPlaced extends GameEvent('order.placed') {
  @IsString()
  readonly drink!: string;

  @IsInt()
  @Min(1)
  readonly quantity!: number;

  /** In cents. */
  @IsInt()
  @Min(0)
  readonly total!: number;
}
