import type { RecordedEvent } from '../events/event.js';
import { keyOf, limitOf, type Page, pageOf } from '../page.js';
import {
  type Claimed,
  type DeadLetter,
  type DeadLetterQuery,
  type DeliveryStore,
  type DestinationStatus,
  LANES,
  type Placed,
  type Progress,
  type Retried,
  type SetAside,
} from './delivery-store.js';
import { earliest, type Place, START } from './place.js';

interface Aside {
  readonly event: RecordedEvent;
  readonly attempts: number;
  readonly failedAt: number;
  readonly nextAttemptAt: number | undefined;
  readonly reason: string;
}

/**
 * Deliveries without storage: what a destination has not taken is in memory. `maxQueueSize` events may wait, and as many
 * may be set aside.
 */
export class MemoryDeliveries implements DeliveryStore {
  readonly claimDuration = Number.POSITIVE_INFINITY;
  /** What waits, and what lanes behind the slowest have delivered already. Their positions are without gaps. */
  private queue: Placed[] = [];
  private readonly aside = new Map<string, Aside>();
  private readonly waitingForRoom = new Set<() => void>();
  private added = 0;
  private readTo = 0;
  private settled = 0;
  private delivered = 0;
  private retried = 0;
  private problem: string | undefined;

  /** @param giveUp told of an event that was set aside and for which there is no more room */
  constructor(
    private readonly name: string,
    private readonly maxQueueSize: number,
    private readonly giveUp: (event: RecordedEvent) => void,
  ) {}

  /** Whether more events are taken. The last ones may be one batch more than there is room for. */
  get hasRoom(): boolean {
    return this.waiting < this.maxQueueSize;
  }

  /** Resolves with true when there is more room than there was, or with false when the time, in milliseconds, is over. */
  moreRoom(timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      const tell = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.waitingForRoom.delete(tell);
        resolve(false);
      }, timeout);
      this.waitingForRoom.add(tell);
    });
  }

  add(events: readonly RecordedEvent[]): void {
    for (const event of events) this.queue.push({ place: [0, ++this.added], event });
  }

  /** The events that nobody has read yet. */
  get unread(): readonly RecordedEvent[] {
    return this.queue.filter(({ place: [, position] }) => position > this.readTo).map(({ event }) => event);
  }

  /** The events that wait for another attempt. */
  get retrying(): readonly RecordedEvent[] {
    const aside = [...this.aside.values()].filter(({ nextAttemptAt }) => nextAttemptAt !== undefined);
    return aside.map(({ event }) => event);
  }

  async claim(): Promise<Claimed> {
    return { token: 1, cursors: Array.from({ length: LANES }, () => START) };
  }

  async read([, after]: Place, limit: number): Promise<readonly Placed[]> {
    const [, first = 1] = this.queue[0]?.place ?? START;
    const from = Math.max(0, after - first + 1);
    const read = this.queue.slice(from, from + limit);
    this.readTo = after + read.length;
    return read;
  }

  async end(): Promise<Place> {
    return [0, this.added];
  }

  async save({ cursors, delivered, retried, setAside, problem }: Progress): Promise<boolean> {
    this.delivered += delivered;
    this.retried += retried;
    this.problem = problem;
    this.settled += delivered + setAside.length;
    const [, settledTo] = earliest(cursors);
    const [, first = 1] = this.queue[0]?.place ?? START;
    if (settledTo >= first) this.queue = this.queue.slice(settledTo - first + 1);
    for (const { event, error, failedAt, nextAttemptAt } of setAside) {
      this.aside.set(event.id, { event, attempts: 1, failedAt, nextAttemptAt, reason: error.message });
    }
    this.makeRoomAside();
    for (const tell of this.waitingForRoom) tell();
    this.waitingForRoom.clear();
    return true;
  }

  async due(now: number, limit: number): Promise<readonly SetAside[]> {
    const due: SetAside[] = [];
    for (const { event, attempts, nextAttemptAt } of this.aside.values()) {
      if (nextAttemptAt !== undefined && nextAttemptAt <= now) due.push({ event, attempts });
      if (due.length === limit) break;
    }
    return due;
  }

  async saveRetried(retried: Retried, now: number): Promise<boolean> {
    this.retried++;
    const aside = this.aside.get(retried.eventId);
    this.aside.delete(retried.eventId);
    if (retried.delivered) {
      this.delivered++;
    } else if (aside) {
      const { attempts, nextAttemptAt, error } = retried;
      const { event } = aside;
      this.aside.set(event.id, { event, attempts, failedAt: now, nextAttemptAt, reason: error.message });
    }
    return true;
  }

  async release(): Promise<void> {}

  async status(now: number): Promise<DestinationStatus> {
    const retrying = this.retrying.length;
    const oldest = this.waiting > 0 ? this.queue[0]?.event.receivedAt.getTime() : undefined;
    return {
      destination: this.name,
      delivered: this.delivered,
      waiting: this.waiting + retrying,
      retried: this.retried,
      dead: this.aside.size - retrying,
      lag: oldest === undefined ? 0 : Math.max(0, now - oldest) / 1_000,
      ...(this.problem === undefined ? {} : { problem: this.problem }),
    };
  }

  async deadLetters(query: DeadLetterQuery): Promise<Page<DeadLetter>> {
    const limit = limitOf(query);
    const [after] = keyOf(query, ['string']) ?? [''];
    const dead = [...this.aside.values()]
      .filter(({ event, nextAttemptAt }) => nextAttemptAt === undefined && event.id > String(after))
      .sort((a, b) => (a.event.id < b.event.id ? -1 : 1));
    return pageOf(
      dead.slice(0, limit + 1),
      limit,
      ({ event, attempts, failedAt, reason }) => ({
        destination: this.name,
        event,
        attempts,
        failedAt: new Date(failedAt),
        reason,
      }),
      ({ event }) => [event.id],
    );
  }

  async sendAgain(eventIds: readonly string[] | undefined, now: number): Promise<number> {
    let count = 0;
    for (const [id, aside] of this.aside) {
      if (aside.nextAttemptAt !== undefined || (eventIds && !eventIds.includes(id))) continue;
      this.aside.set(id, { ...aside, attempts: 0, nextAttemptAt: now });
      count++;
    }
    return count;
  }

  /** What was added and is neither delivered nor set aside. */
  private get waiting(): number {
    return this.added - this.settled;
  }

  /** When too many are set aside, the oldest dead letters go, of which `delivery.onError` was told, and then others. */
  private makeRoomAside(): void {
    const tooMany = this.aside.size - this.maxQueueSize;
    if (tooMany <= 0) return;
    const isDead = ([, { nextAttemptAt }]: [string, Aside]) => nextAttemptAt === undefined;
    const all = [...this.aside];
    const oldestDeadFirst = [...all.filter(isDead), ...all.filter((each) => !isDead(each))];
    for (const [id, aside] of oldestDeadFirst.slice(0, tooMany)) {
      this.aside.delete(id);
      if (aside.nextAttemptAt !== undefined) this.giveUp(aside.event);
    }
  }
}
