import { Injectable } from '@nestjs/common';
import { GamificationOptions } from '../gamification.options.js';
import type { Page } from '../page.js';
import { identifierRows } from '../validation.js';
import { DeliveryRunner } from './delivery-runner.js';
import type { DeadLetter, DeadLetterQuery, DestinationStatus } from './delivery-store.js';

/** Which dead letters are to be sent again. */
export interface SendAgain {
  readonly destination: string;
  /** The ids of their events; all unless told. */
  readonly eventIds?: readonly string[];
}

/** How events get to the remote systems that take events. */
@Injectable()
export class Deliveries {
  constructor(
    private readonly runner: DeliveryRunner,
    private readonly options: GamificationOptions,
  ) {}

  /** How each destination is doing. @throws StorageUnavailableError */
  async status(): Promise<readonly DestinationStatus[]> {
    const now = this.runner.clock.now();
    return Promise.all(this.runner.stores.map((store) => store.status(now)));
  }

  /** Events that a destination did not take however often they were sent, by event id. @throws InvalidQueryError */
  async deadLetters(query: DeadLetterQuery): Promise<Page<DeadLetter>> {
    return this.runner.storeOf(query.destination).deadLetters(query);
  }

  /**
   * Has dead letters sent again within seconds. Where that fails, they are retried as if they had failed for the first time.
   *
   * @returns how many
   * @throws InvalidQueryError
   */
  async sendAgain({ destination, eventIds }: SendAgain): Promise<number> {
    if (eventIds !== undefined) identifierRows(eventIds);
    return this.runner.storeOf(destination).sendAgain(eventIds, this.runner.clock.now());
  }

  /**
   * Resolves when every event that was recorded so far was delivered or set aside, as far as this instance delivers, or
   * the time is over. On PostgreSQL, no event is delivered before all transactions of the server have ended that were
   * there before it: so do not wait for this within a transaction of your own.
   *
   * @param timeout how long to wait, in milliseconds: the option `delivery.shutdownTimeout` unless told
   * @throws StorageUnavailableError
   */
  flush(timeout: number = this.options.delivery.shutdownTimeout): Promise<void> {
    return this.runner.flush(timeout);
  }
}
