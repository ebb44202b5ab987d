import { Injectable } from '@nestjs/common';
import { type Entry, type EntryItem, EntryNotFoundError, Wallets } from 'nestjs-gamification';
import { Ledger } from '../wallet/ledger.service.js';
import { GOODS } from './goods.js';
import type { OwnedItemDto } from './owned-item.dto.js';

@Injectable()
export class Shop {
  constructor(
    private readonly wallets: Wallets,
    private readonly ledger: Ledger,
  ) {}

  /**
   * Takes the price and gives the item, both in one entry: neither happens without the other.
   *
   * @param key names this purchase, so that a repeated request buys once
   * @throws NotEnoughFundsError
   */
  async buy(customerId: string, goodId: string, key: string | undefined): Promise<OwnedItemDto> {
    const good = GOODS.find(({ id }) => id === goodId);
    if (!good) throw new Error(`the shop has no ${goodId}, which its DTO should have refused`);
    const entry = await this.ledger.book({
      userId: customerId,
      amount: -good.price,
      reason: `Bought: ${good.name}`,
      item: { name: good.name, data: { good: good.id } },
      // Customers choose their keys without knowing each other's, so each has a set of keys of their own.
      idempotencyKey: key === undefined ? undefined : `purchase:${customerId}:${key}`,
    });
    return toOwned(entry);
  }

  /** The items that a customer owns and has not used. */
  async inventory(customerId: string): Promise<readonly OwnedItemDto[]> {
    const { items } = await this.wallets.getInventory({ userIds: [customerId] });
    return items.map(toOwned);
  }

  /** @throws EntryNotFoundError, ItemAlreadyUsedError */
  async use(customerId: string, entryId: string): Promise<OwnedItemDto> {
    // The library does not ask who uses an item: whether it is the customer's own is for the application to check.
    const own = await this.wallets.getInventory({ entryIds: [entryId], userIds: [customerId], used: 'any' });
    if (own.items.length === 0) throw new EntryNotFoundError(entryId);
    return toOwned(await this.wallets.useItem(entryId));
  }
}

function toOwned({ entryId, item }: Entry | EntryItem): OwnedItemDto {
  if (!item) throw new Error(`entry ${entryId} has no item`);
  return { entryId, name: item.name, used: item.used };
}
