import { toError } from '../to-error.js';
import { RowsLockedError, StorageUnavailableError, TransactionConflictError } from './database.errors.js';
import type { DatabaseDriver } from './driver.js';
import type { Sql } from './sql.js';

/** What became of one input of a {@link WriteCommand}. */
export type Written<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly error: Error };

/**
 * A kind of write. It takes a set of inputs at a time, because a statement for a set costs little more than one for a
 * single row, and refuses the inputs that cannot be written without touching the others.
 */
export interface WriteCommand<Input, Output> {
  /** Also decides the order in which the commands of one transaction run: the same in every process. */
  readonly name: string;

  /**
   * Writes the inputs in their order, inside a transaction.
   *
   * Must be safe to run again with the same inputs after it was rolled back, and, where its inputs carry ids of their
   * own, after a commit whose answer was lost.
   *
   * @returns for each input, in order, what was written or why it was refused
   */
  run(sql: Sql, inputs: readonly Input[]): Promise<readonly Written<Output>[]>;
}

/** Most writes that share a transaction. */
const MAX_BATCH = 500;
/** How often a transaction that met another is run again before its writes are run one at a time. */
const MAX_CONFLICTS = 5;

/** How long a write waits for a lock that its batch waited for in vain, in milliseconds. */
const SHORT_LOCK_TIMEOUT = 50;

interface Waiting {
  readonly command: WriteCommand<unknown, unknown>;
  readonly input: unknown;
  readonly keys: readonly string[];
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Lets concurrent writes share a transaction.
 *
 * A batch forms while the ones before it commit; when nothing is under way, the next turn of the event loop starts
 * one, so that an idle system never waits. Writes that share a key are never under way in two transactions, which
 * keeps their order and keeps them from waiting for each other's row locks. One failing write fails alone.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private readonly keysUnderWay = new Set<string>();
  private underWay = 0;
  private scheduled = false;
  private idle: (() => void)[] = [];

  /** @param maxWaiting writes that may wait at most; more are refused with `StorageUnavailableError` */
  constructor(
    private readonly driver: DatabaseDriver,
    private readonly maxWaiting: number,
  ) {}

  /**
   * Writes one input.
   *
   * @param keys what it must not overtake and not run beside: the users it concerns
   * @throws StorageUnavailableError when the storage cannot be used or too many writes wait
   * @throws the command's refusal of this input
   */
  write<Input, Output>(
    command: WriteCommand<Input, Output>,
    input: Input,
    keys: readonly string[],
  ): Promise<Output> {
    if (this.waiting.length >= this.maxWaiting) {
      return Promise.reject(
        new StorageUnavailableError('overloaded', `${this.maxWaiting} writes are waiting already`),
      );
    }
    return new Promise<Output>((resolve, reject) => {
      // A queue of many kinds of writes forgets each one's types; `command` and `input` were checked together above,
      // and `resolve` only ever gets what that command returned.
      this.waiting.push({ command, input, keys, resolve, reject } as Waiting);
      this.schedule();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    if (this.waiting.length === 0 && this.underWay === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** Starts nothing more, and refuses what waits. */
  stop(): void {
    const closed = new StorageUnavailableError('closed', 'the application is shutting down');
    for (const write of this.waiting.splice(0)) write.reject(closed);
  }

  private schedule(): void {
    if (this.scheduled || this.underWay >= this.driver.parallelTransactions) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.start();
    });
  }

  private start(): void {
    const batch = this.takeBatch();
    if (batch.length === 0) return;
    this.underWay++;
    for (const { keys } of batch) for (const key of keys) this.keysUnderWay.add(key);
    void this.commit(batch).then(() => {
      this.underWay--;
      for (const { keys } of batch) for (const key of keys) this.keysUnderWay.delete(key);
      if (this.waiting.length > 0) this.schedule();
      else if (this.underWay === 0) this.becomeIdle();
    });
    if (this.waiting.length > 0) this.schedule();
  }

  private becomeIdle(): void {
    for (const resolve of this.idle.splice(0)) resolve();
  }

  /** The first writes whose keys are free, each key's writes in their order. */
  private takeBatch(): Waiting[] {
    if (this.keysUnderWay.size === 0) return this.waiting.splice(0, MAX_BATCH);
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    const overtaken = new Set<string>();
    for (const write of this.waiting) {
      const free = write.keys.every((key) => !this.keysUnderWay.has(key) && !overtaken.has(key));
      if (free && batch.length < MAX_BATCH) {
        batch.push(write);
      } else {
        left.push(write);
        for (const key of write.keys) overtaken.add(key);
      }
    }
    this.waiting = left;
    return batch;
  }

  /**
   * One of them broke the transaction, or waits for a locked row: alone, each gets its own answer. They waited for the
   * lock together already, so now none waits long, and behind one that is locked those with the same keys need not try.
   * Where the storage itself fails, it has failed for all.
   */
  private async commitOneByOne(batch: readonly Waiting[]): Promise<void> {
    const locked = new Set<string>();
    let refusal: unknown;
    for (const write of batch) {
      const outage = refusal !== undefined && !(refusal instanceof RowsLockedError);
      if (outage || write.keys.some((key) => locked.has(key))) {
        write.reject(toError(refusal));
        continue;
      }
      const error = await this.commit([write], SHORT_LOCK_TIMEOUT);
      if (error instanceof StorageUnavailableError) refusal = error;
      if (error instanceof RowsLockedError) for (const key of write.keys) locked.add(key);
    }
  }

  /**
   * Settles every write of the batch; never rejects.
   *
   * @returns what a batch as a whole failed with, if it did
   */
  private async commit(batch: readonly Waiting[], lockTimeout?: number): Promise<unknown> {
    for (let conflicts = 0; ; conflicts++) {
      try {
        const results = await this.driver.transaction((sql) => runAll(sql, batch), lockTimeout);
        for (const [index, write] of batch.entries()) {
          const result = results[index];
          if (result?.ok) write.resolve(result.value);
          else write.reject(result?.error ?? new Error(`${write.command.name} gave no result`));
        }
        return undefined;
      } catch (error) {
        if (error instanceof TransactionConflictError && conflicts < MAX_CONFLICTS) continue;
        const outage = error instanceof StorageUnavailableError && !(error instanceof RowsLockedError);
        if (outage || batch.length === 1) {
          for (const write of batch) write.reject(toError(error));
        } else {
          await this.commitOneByOne(batch);
        }
        return error;
      }
    }
  }
}

async function runAll(sql: Sql, batch: readonly Waiting[]): Promise<Written<unknown>[]> {
  const places = new Map<WriteCommand<unknown, unknown>, number[]>();
  for (const [index, { command }] of batch.entries()) {
    const known = places.get(command);
    if (known) known.push(index);
    else places.set(command, [index]);
  }
  const results: Written<unknown>[] = [];
  for (const [command, indexes] of [...places].sort(([a], [b]) => (a.name < b.name ? -1 : 1))) {
    const written = await command.run(
      sql,
      indexes.map((index) => batch[index]?.input),
    );
    for (const [place, index] of indexes.entries()) {
      const result = written[place];
      if (result) results[index] = result;
    }
  }
  return results;
}
