/**
 * A bounded queue in memory that sends batches, a few at a time, and nothing else: no check, no order by user, no second
 * try. What is least possible, and what clients without a queue of their own are given.
 */
export class PlainQueue<Item> {
  private items: Item[] = [];
  private sent = 0;
  private underWay = 0;
  private scheduled = false;
  private failure: unknown;
  private idle: (() => void) | undefined;

  /**
   * @param capacity items that may wait at most
   * @param batch items of one request at most
   * @param concurrency requests under way at most
   */
  constructor(
    private readonly send: (batch: Item[]) => Promise<unknown>,
    private readonly capacity: number,
    private readonly batch: number,
    private readonly concurrency: number,
  ) {}

  push(item: Item): void {
    if (this.waiting === this.capacity) throw new Error('the queue is full');
    this.items.push(item);
    this.schedule();
  }

  /** Resolves when nothing waits and nothing is under way. @throws what a request failed with */
  async drained(): Promise<void> {
    if (this.waiting + this.underWay > 0) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    }
    if (this.failure) throw this.failure;
  }

  private get waiting(): number {
    return this.items.length - this.sent;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.fill();
    });
  }

  private fill(): void {
    while (this.underWay < this.concurrency && this.waiting > 0) {
      // Beside a request under way, only a full batch.
      if (this.underWay > 0 && this.waiting < this.batch) return;
      const batch = this.items.slice(this.sent, this.sent + this.batch);
      this.sent += batch.length;
      if (this.sent * 2 > this.items.length) {
        this.items = this.items.slice(this.sent);
        this.sent = 0;
      }
      void this.sendOne(batch);
    }
  }

  private async sendOne(batch: Item[]): Promise<void> {
    this.underWay++;
    try {
      await this.send(batch);
    } catch (error) {
      this.failure ??= error;
    }
    this.underWay--;
    this.fill();
    if (this.underWay === 0) this.idle?.();
  }
}
