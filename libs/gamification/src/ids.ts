import { v7 } from 'uuid';

/** Where the library takes new ids from. */
export abstract class Ids {
  /** A new UUIDv7 in lower case; of one process, a later one sorts behind an earlier one. */
  abstract next(): string;
}

export class UuidV7Ids extends Ids {
  next(): string {
    return v7();
  }
}
