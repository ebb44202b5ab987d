import { V7Generator } from 'uuidv7';

/** Where the library takes new ids from. */
export abstract class Ids {
  /** A new UUIDv7 in lower case; of one process, a later one sorts behind an earlier one. */
  abstract next(): string;
}

export class UuidV7Ids extends Ids {
  private readonly generator = new V7Generator();

  next(): string {
    return this.generator.generate().toString();
  }
}
