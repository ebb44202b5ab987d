import { Injectable } from '@nestjs/common';
import { MENU } from '../drinks/menu.js';
import { Ledger } from '../wallet/ledger.service.js';
import type { OrderDto } from './order.dto.js';
import type { PlaceOrderDto } from './place-order.dto.js';
import { pointsFor } from './points.js';

@Injectable()
export class Orders {
  constructor(private readonly ledger: Ledger) {}

  async place(customerId: string, { id, drink: drinkId, quantity }: PlaceOrderDto): Promise<OrderDto> {
    const drink = MENU.find((each) => each.id === drinkId);
    if (!drink) throw new Error(`the menu has no ${drinkId}, which its DTO should have refused`);
    const total = drink.price * quantity;
    const entry = await this.ledger.book({
      userId: customerId,
      amount: pointsFor(total),
      reason: `Order ${id}`,
      // A till that got no answer (its network failed, this process was killed) cannot know whether the order arrived,
      // and sends it again. The key makes the second time answer the first entry, instead of paying the points twice.
      // It begins with `order:` because an application's entries share one set of keys, and purchases have keys too.
      idempotencyKey: `order:${id}`,
    });
    return { id, drink: drink.id, quantity, total, earned: entry.amount, entryId: entry.entryId };
  }
}
