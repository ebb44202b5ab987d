import { Injectable } from '@nestjs/common';
import { StorageUnavailableError } from '../database/database.errors.js';
import { Database } from '../database/database.js';
import { EventIntake } from '../events/event-intake.js';
import { GamificationOptions } from '../gamification.options.js';

/** What Terminus expects of an indicator, so that Terminus need not be installed by those who do not use it. */
export type HealthResult<Key extends string> = Record<
  Key,
  { readonly status: 'up' | 'down'; readonly waiting: number; readonly message?: string }
>;

/** Tells whether events and entries can be recorded, for `@nestjs/terminus` or any other health check. */
@Injectable()
export class GamificationHealthIndicator {
  constructor(
    private readonly database: Database,
    private readonly intake: EventIntake,
    private readonly options: GamificationOptions,
  ) {}

  /**
   * Up when the storage, where there is one, answers, the last events could be recorded, and the queue of events has room.
   *
   * ```ts
   * this.health.check([() => this.gamification.isHealthy('gamification')]);
   * ```
   *
   * @param key the name under which the result appears
   */
  async isHealthy<const Key extends string>(key: Key): Promise<HealthResult<Key>> {
    const { waiting } = this.intake.counters;
    const message = await this.problem(waiting);
    // An object with a computed key of a generic type is widened to an index signature by the compiler.
    return {
      [key]: { status: message ? 'down' : 'up', waiting, ...(message ? { message } : {}) },
    } as HealthResult<Key>;
  }

  /** What is wrong, in words that may be public: an error's own message may name the database's host. */
  private async problem(waiting: number): Promise<string | undefined> {
    if (waiting >= this.options.tracking.maxQueueSize) return `the queue is full: ${waiting} event(s) wait`;
    const { outage } = this.intake;
    if (outage) return `events cannot be recorded (${outage.reason})`;
    if (!this.options.storage) return undefined;
    try {
      await this.database.ping();
      return undefined;
    } catch (error) {
      return error instanceof StorageUnavailableError
        ? `the storage is not available (${error.reason})`
        : 'the storage does not work';
    }
  }
}
