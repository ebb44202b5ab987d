import { Injectable } from '@nestjs/common';
import { type Entry, EventTracker, GamificationOptions, type NewEntry, Wallets } from 'nestjs-gamification';
import { AlreadyBookedException } from './already-booked.exception.js';
import { EntryClaimed } from './entry-claimed.event.js';

/** Who the shop itself is in the event log. No customer can have this id. */
const SHOP = '#coffee-shop';

/** Writes to wallets what must not be written twice, wherever the wallets are. */
@Injectable()
export class Ledger {
  constructor(
    private readonly wallets: Wallets,
    private readonly tracker: EventTracker,
    private readonly options: GamificationOptions,
  ) {}

  /**
   * Writes an entry. One that has an idempotency key is written once.
   *
   * @throws NotEnoughFundsError
   * @throws AlreadyBookedException when a wallet service has the wallets, and the key came before
   */
  async book(entry: NewEntry): Promise<Entry> {
    const { idempotencyKey, userId: customerId, amount, reason } = entry;
    // The embedded wallets know their entries by their keys, and answer a repeat with the entry of the first time.
    if (!this.options.wallet || idempotencyKey === undefined) return this.wallets.createEntry(entry);

    // A wallet service knows no keys: there, an order that is sent again would be paid again. So the shop puts the key
    // into its own event log first, and leaves a repeat alone. Should the process die between the two, or the service's
    // answer be lost, points may be missing; the claim in the log without an order beside it shows whose. The other way
    // round they might be paid twice, which nobody would ever report.
    // A service that is down must not use up a key, so it is asked before.
    await this.wallets.checkHealth();
    const { replayed } = await this.tracker.track(EntryClaimed, {
      userId: SHOP,
      idempotenceKey: idempotencyKey,
      traits: { customerId, amount, reason },
    });
    if (replayed) throw new AlreadyBookedException(idempotencyKey);
    return this.wallets.createEntry({ ...entry, idempotencyKey: undefined });
  }
}
