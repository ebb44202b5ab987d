import type { INestApplicationContext } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Deliveries } from '../delivery/deliveries.js';
import { DESTINATIONS, type Destination } from '../delivery/destination.js';
import type { RecordedEvent } from '../events/event.js';
import { EventLog } from '../events/event-log.js';
import { EventTracker } from '../events/event-tracker.js';
import { GamificationError, InvalidQueryError } from '../gamification.errors.js';
import { eachOf } from '../page.js';
import { inShort } from '../validation.js';
import { FakeClock } from './fake-clock.js';
import { FakeDestination } from './fake-destination.js';

/** The application was not made with `GamificationTestingModule`. */
export class NotATestError extends GamificationError {
  readonly code = 'NOT_A_TEST';

  constructor() {
    super('the application is not made with GamificationTestingModule: use its forRoot or its override');
  }
}

/** What an application that was made with `GamificationTestingModule` has tracked and delivered, and its clock. */
export class GamificationTester {
  /** The clock that the library goes by. */
  readonly clock: FakeClock;

  private constructor(private readonly app: INestApplicationContext) {
    const clock = app.get(Clock, { strict: false });
    if (!(clock instanceof FakeClock)) throw new NotATestError();
    this.clock = clock;
  }

  /** @throws NotATestError when the application is not made with `GamificationTestingModule` */
  static of(app: INestApplicationContext): GamificationTester {
    return new GamificationTester(app);
  }

  /**
   * What was tracked until now, in the order in which it was recorded. Waits for what is still on its way.
   *
   * @param type only events of this type
   */
  async tracked(type?: string): Promise<readonly RecordedEvent[]> {
    await this.app.get(EventTracker, { strict: false }).flush();
    const log = this.app.get(EventLog, { strict: false });
    const events: RecordedEvent[] = [];
    for await (const event of eachOf((page) => log.list(page))) {
      if (type === undefined || event.type === type) events.push(event);
    }
    return events;
  }

  /**
   * What was delivered to a remote system until now. Waits for what is still on its way.
   *
   * @param destination the name of the system's option: `gmfy` or `interakt`
   * @throws InvalidQueryError when the options configure no such system
   */
  async delivered(destination: string): Promise<readonly RecordedEvent[]> {
    const destinations: readonly Destination[] = this.app.get(DESTINATIONS, { strict: false });
    const found = destinations.find(({ name }) => name === destination);
    if (!(found instanceof FakeDestination)) {
      const allowed = destinations.map(({ name }) => name).join(', ') || 'none: the options configure none';
      throw new InvalidQueryError(`destination is ${inShort(destination)}, allowed: ${allowed}`);
    }
    await this.app.get(EventTracker, { strict: false }).flush();
    await this.app.get(Deliveries, { strict: false }).flush();
    return [...found.events];
  }
}
