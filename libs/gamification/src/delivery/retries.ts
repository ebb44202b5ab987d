import type { Clock } from '../clock.js';
import type { RecordedEvent } from '../events/event.js';
import { ThrottledLog } from '../throttled-log.js';
import { toError } from '../to-error.js';
import type { Claim } from './claim.js';
import { subjectOf } from './deliver-batch.js';
import type { DeliveryStore, Retried, SetAside } from './delivery-store.js';
import type { Destination } from './destination.js';
import type { SystemState } from './system-state.js';

/** How often it is looked for events whose time has come, in milliseconds. */
const INTERVAL = 1_000;
/** Most events of one look. */
const MAX_AT_ONCE = 100;
/** How many of them may fail in a row before the others are left for later. */
const MAX_IN_VAIN = 5;
/** How long ago a system may have shown that it works for a failure to count against an event, in milliseconds. */
const RECENTLY = 60_000;

/** What retries are told, and ask. */
export interface RetryRules {
  /** When an event is sent again that failed so often; nothing when it is a dead letter. */
  nextAttempt(attempts: number, now: number): number | undefined;
  /** An event is a dead letter. */
  died(error: Error, event: RecordedEvent): void;
}

/** Sends the events again that were set aside and whose time has come, one at a time. */
export class Retries {
  private next = 0;
  private running: Promise<void> | undefined;
  private closed = false;
  /** What became of a try, where that could not be kept yet: it must be, before the event is due again. */
  private unsaved: Retried | undefined;

  constructor(
    private readonly destination: Destination,
    private readonly store: DeliveryStore,
    private readonly claim: Claim,
    private readonly system: SystemState,
    private readonly rules: RetryRules,
    private readonly clock: Clock,
    private readonly log: ThrottledLog,
  ) {}

  /** Sends what is due, where it is time to look. Never rejects. */
  async run(): Promise<void> {
    const now = performance.now();
    if (this.running || now < this.next || !this.mayGoOn) return;
    this.next = now + INTERVAL;
    this.running = this.sendDue().catch((error: unknown) => {
      this.log.error(`${this.destination.name}: nothing can be sent again: ${toError(error).message}`);
    });
    await this.running;
    this.running = undefined;
  }

  /** Sends nothing more. Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private get mayGoOn(): boolean {
    return !this.closed && this.claim.isHeld && !this.system.isFailing && this.system.pause === 0;
  }

  private async sendDue(): Promise<void> {
    if (this.unsaved && !(await this.save(this.unsaved))) return;
    let inVain = 0;
    for (const aside of await this.store.due(this.clock.now(), MAX_AT_ONCE)) {
      if (inVain === MAX_IN_VAIN || !this.mayGoOn) return;
      const error = await this.send(aside.event);
      if (error && subjectOf(error) === 'system') {
        this.system.fail(error);
        return;
      }
      inVain = error ? inVain + 1 : 0;
      if (!(await this.save(this.retried(aside, error)))) return;
    }
  }

  private async send(event: RecordedEvent): Promise<Error | undefined> {
    try {
      await this.destination.deliver([event]);
      this.system.succeed();
      return undefined;
    } catch (error) {
      return toError(error);
    }
  }

  private retried({ event, attempts }: SetAside, error: Error | undefined): Retried {
    const eventId = event.id;
    if (!error) return { eventId, delivered: true };
    const now = this.clock.now();
    const works = performance.now() - this.system.lastSuccess < RECENTLY;
    // Where nobody can say that it is not the system that fails, the failure does not count.
    if (subjectOf(error) === 'either' && !works) {
      const nextAttemptAt = this.rules.nextAttempt(Math.max(1, attempts), now) ?? now;
      return { eventId, delivered: false, attempts, nextAttemptAt, error };
    }
    const nextAttemptAt = this.rules.nextAttempt(attempts + 1, now);
    if (nextAttemptAt === undefined) this.rules.died(error, event);
    return { eventId, delivered: false, attempts: attempts + 1, nextAttemptAt, error };
  }

  /** @returns whether it was kept, and the claim is still held */
  private async save(retried: Retried): Promise<boolean> {
    const { token } = this.claim;
    if (token === undefined) return false;
    this.unsaved = retried;
    const saved = await this.store.saveRetried(retried, this.clock.now(), token);
    this.unsaved = undefined;
    if (!saved) this.claim.lose();
    return saved;
  }
}
