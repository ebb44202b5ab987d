import { IsString } from 'class-validator';
import { ActionEvent } from 'nestjs-gamification';

/** A customer likes a drink (`create`), or does not any more (`remove`). */
export class DrinkLiked extends ActionEvent('drink.like') {
  @IsString()
  readonly drink!: string;
}
