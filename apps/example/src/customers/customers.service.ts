import { Injectable } from '@nestjs/common';
import { EventLog, EventTracker } from 'nestjs-gamification';
import type { CustomerDto } from './customer.dto.js';

/** The shop's customers. It has no table of them: that someone is one was an event, and events are kept. */
@Injectable()
export class Customers {
  constructor(
    private readonly tracker: EventTracker,
    private readonly log: EventLog,
  ) {}

  /** Keeps what is known about a customer. What is told later replaces what was told before. */
  async introduce({ id, name, phone }: CustomerDto): Promise<void> {
    // `fullPhoneNumber` is the trait that Interakt takes for the number to write to.
    await this.tracker.identify(id, { name, ...(phone && { fullPhoneNumber: phone }) });
  }

  async isRegistered(id: string): Promise<boolean> {
    // Whoever is not registered can do nothing, so the first event of a customer is being introduced.
    const { items } = await this.log.list({ userId: id, limit: 1 });
    return items.length > 0;
  }
}
