import { randomFillSync } from 'node:crypto';
import { V7Generator } from 'uuidv7';

/** Random numbers that are fetched at once: a call to the system costs more than all else that an id takes. */
const POOL_SIZE = 1_024;

/** Where the library takes new ids from. */
export abstract class Ids {
  /** A new UUIDv7 in lower case; of one process, a later one sorts behind an earlier one. */
  abstract next(): string;
}

export class UuidV7Ids extends Ids {
  private readonly generator = new V7Generator(new RandomPool());

  next(): string {
    const hex = Buffer.from(this.generator.generate().bytes).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}

/** The random numbers of ids, from the system's secure source. */
class RandomPool {
  private readonly pool = new Uint32Array(POOL_SIZE);
  private next = POOL_SIZE;

  nextUint32(): number {
    if (this.next === POOL_SIZE) {
      randomFillSync(this.pool);
      this.next = 0;
    }
    return this.pool[this.next++] ?? 0;
  }
}
