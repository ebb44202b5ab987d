import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';
import type { ErrorDto } from '../errors/error.dto.js';
import { type Drink, MENU } from './menu.js';

/** Turns the id of a drink in a URL into the drink. */
@Injectable()
export class DrinkPipe implements PipeTransform<string, Drink> {
  transform(id: string): Drink {
    const drink = MENU.find((each) => each.id === id);
    if (drink) return drink;
    const body: ErrorDto = {
      code: 'NO_SUCH_DRINK',
      message: `there is no drink ${JSON.stringify(id)} on the menu`,
    };
    throw new NotFoundException(body);
  }
}
