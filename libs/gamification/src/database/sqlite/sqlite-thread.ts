import { Worker } from 'node:worker_threads';
import type { SqlRow } from '../sql.js';
import type { NativeSql } from '../statement.js';

/** The code of errors that come from the thread being gone. */
export const THREAD_ENDED = 'THREAD_ENDED';

/** An error of the thread, with SQLite's own code (`SQLITE_BUSY`) or Node's (`ERR_MODULE_NOT_FOUND`). */
class SqliteError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Reply =
  | { readonly id: number; readonly results: readonly (readonly SqlRow[])[] }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

interface Call {
  resolve(results: readonly (readonly SqlRow[])[]): void;
  reject(error: Error): void;
}

/** The calling side of `sqlite.worker.mjs`. Keeps the process alive only while an answer is outstanding. */
export class SqliteThread {
  private readonly worker: Worker;
  private readonly calls = new Map<number, Call>();
  private readonly ended: Promise<void>;
  private lastId = 0;
  private exited = false;

  /**
   * @param path the database file, or `:memory:`
   * @param readonlyReader whether reads get a connection of their own (not possible in memory)
   */
  constructor(path: string, readonlyReader: boolean) {
    this.worker = new Worker(new URL('./sqlite.worker.mjs', import.meta.url), {
      workerData: { path, readonlyReader },
      name: 'gamification-sqlite',
      // Not the host's own flags: some, such as --input-type, are refused here, and its loaders have no business here.
      execArgv: [],
    });
    this.worker.unref();
    this.worker.on('message', (reply: Reply) => this.settle(reply));
    this.ended = new Promise((resolve) => {
      this.worker.once('error', (error) => this.failAll(error.message));
      this.worker.once('exit', () => {
        this.failAll('the SQLite thread has ended');
        resolve();
      });
    });
  }

  /** Whether the thread is gone, so that another one is needed. */
  get hasEnded(): boolean {
    return this.exited;
  }

  /** Runs the statements in order and returns the rows of each. @throws SqliteError */
  run(
    connection: 'writer' | 'reader',
    statements: readonly NativeSql[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    return this.call({ connection, statements });
  }

  /** Rolls back what is open on the writer, if anything is. Where the thread is gone, so is what was open. */
  async rollBack(): Promise<void> {
    await this.call({ connection: 'writer', statements: [], rollback: true }).catch(() => undefined);
  }

  /** Lets the thread finish what it was told, and close its connections. */
  async close(): Promise<void> {
    if (this.exited) return;
    this.worker.ref();
    this.worker.postMessage('close');
    await this.ended;
  }

  private call(request: {
    connection: 'writer' | 'reader';
    statements: readonly NativeSql[];
    rollback?: boolean;
  }): Promise<readonly (readonly SqlRow[])[]> {
    if (this.exited) return Promise.reject(new SqliteError(THREAD_ENDED, 'the SQLite thread has ended'));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      if (this.calls.size === 0) this.worker.ref();
      this.calls.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...request });
    });
  }

  private settle(reply: Reply): void {
    const call = this.calls.get(reply.id);
    this.calls.delete(reply.id);
    if (this.calls.size === 0) this.worker.unref();
    if ('results' in reply) call?.resolve(reply.results);
    else call?.reject(new SqliteError(reply.error.code, reply.error.message));
  }

  private failAll(message: string): void {
    this.exited = true;
    for (const { reject } of this.calls.values()) reject(new SqliteError(THREAD_ENDED, message));
    this.calls.clear();
  }
}
