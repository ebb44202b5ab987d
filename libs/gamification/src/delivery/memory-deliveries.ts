import type { RecordedEvent } from '../events/event.js';
import { keyOf, limitOf, type Page, pageOf } from '../page.js';
import {
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
import { type Place, START } from './place.js';

interface Aside {
  readonly event: RecordedEvent;
  readonly attempts: number;
  readonly failedAt: number;
  readonly nextAttemptAt: number | undefined;
  readonly reason: string;
}

/**
 * Deliveries without storage: what a destination has not taken is in memory, at most `maxQueueSize` events, those that
 * were set aside included.
 */
export class MemoryDeliveries implements DeliveryStore {
  readonly claimDuration = Number.POSITIVE_INFINITY;
  private queue: Placed[] = [];
  private readonly aside = new Map<string, Aside>();
  private readonly waitingForRoom = new Set<() => void>();
  private added = 0;
  private readSoFar = 0;
  /** Read and neither delivered nor set aside. */
  private underWay = 0;
  private delivered = 0;
  private retried = 0;
  private problem: string | undefined;
  private claimed = false;

  constructor(
    private readonly name: string,
    private readonly maxQueueSize: number,
  ) {}

  /** Whether so many more events can be held. A set that is larger than all there is fits when nothing else is held. */
  hasRoomFor(count: number): boolean {
    return this.held === 0 || this.held + count <= this.maxQueueSize;
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

  async claim(): Promise<readonly Place[] | boolean> {
    if (this.claimed) return true;
    this.claimed = true;
    return Array.from({ length: LANES }, () => START);
  }

  async read(_after: Place, limit: number): Promise<readonly Placed[]> {
    const read = this.queue.slice(this.readSoFar, this.readSoFar + limit);
    this.readSoFar += read.length;
    this.underWay += read.length;
    if (this.readSoFar > this.maxQueueSize || this.readSoFar === this.queue.length) {
      this.queue = this.queue.slice(this.readSoFar);
      this.readSoFar = 0;
    }
    return read;
  }

  async save({ delivered, retried, setAside, problem }: Progress): Promise<boolean> {
    this.delivered += delivered;
    this.retried += retried;
    this.problem = problem;
    this.underWay -= delivered + setAside.length;
    for (const { event, error, failedAt, nextAttemptAt } of setAside) {
      this.aside.set(event.id, { event, attempts: 1, failedAt, nextAttemptAt, reason: error.message });
    }
    this.forgetOldest();
    this.tellOfRoom();
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

  async saveRetried(retried: readonly Retried[], now: number): Promise<void> {
    this.retried += retried.length;
    for (const each of retried) {
      const aside = this.aside.get(each.eventId);
      if (!aside) continue;
      this.aside.delete(each.eventId);
      if (each.delivered) {
        this.delivered++;
      } else {
        const { attempts, nextAttemptAt, error } = each;
        this.aside.set(each.eventId, {
          event: aside.event,
          attempts,
          failedAt: now,
          nextAttemptAt,
          reason: error.message,
        });
      }
    }
    this.tellOfRoom();
  }

  async release(): Promise<void> {
    this.claimed = false;
  }

  async status(now: number): Promise<DestinationStatus> {
    const aside = [...this.aside.values()];
    const retrying = aside.filter(({ nextAttemptAt }) => nextAttemptAt !== undefined).length;
    const oldest = this.queue[this.readSoFar]?.event.receivedAt.getTime() ?? now;
    return {
      destination: this.name,
      delivered: this.delivered,
      waiting: this.held - (aside.length - retrying),
      retried: this.retried,
      dead: aside.length - retrying,
      lag: Math.max(0, now - oldest) / 1_000,
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

  /** What was not read yet, and what waits for another attempt. */
  get rest(): readonly RecordedEvent[] {
    const retrying = [...this.aside.values()].filter(({ nextAttemptAt }) => nextAttemptAt !== undefined);
    return [...retrying, ...this.queue.slice(this.readSoFar)].map(({ event }) => event);
  }

  private get held(): number {
    return this.queue.length - this.readSoFar + this.underWay + this.aside.size;
  }

  /** Dead letters would otherwise fill the memory that the living need: the oldest go when they take half of it. */
  private forgetOldest(): void {
    const dead = [...this.aside].filter(([, { nextAttemptAt }]) => nextAttemptAt === undefined);
    const tooMany = dead.length - Math.floor(this.maxQueueSize / 2);
    for (const [id] of dead.slice(0, Math.max(0, tooMany))) this.aside.delete(id);
  }

  private tellOfRoom(): void {
    for (const tell of this.waitingForRoom) tell();
    this.waitingForRoom.clear();
  }
}
