import { Logger } from '@nestjs/common';
import PQueue from 'p-queue';
import { callListener } from '../../call-listener.js';
import type { Clock } from '../../clock.js';
import { RemoteUnavailableError } from '../../http/remote.errors.js';
import { repeat, waitAfter } from '../../http/repeat.js';
import { ThrottledLog } from '../../throttled-log.js';
import { toError } from '../../to-error.js';
import { InteraktFlushTimeoutError } from './interakt.errors.js';
import type { InteraktOptions } from './interakt.options.js';
import type { InteraktClient } from './interakt-client.js';
import { type InteraktMessage, namesOfUser } from './interakt-message.js';

/** The first delay before a repeat is random between 0 and this, in milliseconds; it doubles with each repeat. */
const FIRST_DELAY = 1_000;

/**
 * The messages that nobody waits for: kept in memory, bounded, sent several at a time, those about one user one after
 * the other in the order in which they came.
 */
export class MessageQueue {
  private readonly logger = new Logger('Interakt');
  private readonly refusalLog: ThrottledLog;
  private readonly failureLog: ThrottledLog;
  private readonly workers: PQueue;
  /** Each message that is not settled, with the promise that never rejects and resolves when it is. */
  private readonly unsettled = new Map<InteraktMessage, Promise<void>>();
  /** The latest message about a user, by each of the user's names. */
  private readonly latest = new Map<string, Promise<void>>();
  /** Takes nothing new. */
  private closed = false;
  /** Tries nothing again, and tells nobody: everything was reported. */
  private readonly finished = new AbortController();

  constructor(
    private readonly client: InteraktClient,
    private readonly options: InteraktOptions,
    clock: Clock,
  ) {
    this.refusalLog = new ThrottledLog(this.logger, clock);
    this.failureLog = new ThrottledLog(this.logger, clock);
    this.workers = new PQueue({ concurrency: options.concurrency });
  }

  /** How many messages are not settled. */
  get waiting(): number {
    return this.unsettled.size;
  }

  private get isFinished(): boolean {
    return this.finished.signal.aborted;
  }

  /** Takes a message if there is room. @returns whether it did */
  take(message: InteraktMessage): boolean {
    const { maxQueueSize } = this.options;
    if (this.closed || this.waiting >= maxQueueSize) {
      const reason = this.closed ? 'the application is shutting down' : `${maxQueueSize} wait (maxQueueSize)`;
      this.refusalLog.error(`a message to interakt was refused: ${reason}`);
      return false;
    }
    const names = namesOfUser(message);
    const earlier = names.map((name) => this.latest.get(name));
    const settled = Promise.all(earlier)
      .then(() => this.workers.add(() => this.send(message)))
      .then(() => {
        this.unsettled.delete(message);
        for (const name of names) if (this.latest.get(name) === settled) this.latest.delete(name);
      });
    this.unsettled.set(message, settled);
    for (const name of names) this.latest.set(name, settled);
    return true;
  }

  /**
   * Resolves when every message taken so far was sent or given up.
   *
   * @param timeout in milliseconds
   * @throws InteraktFlushTimeoutError saying how many are left
   */
  async flush(timeout: number): Promise<void> {
    const taken = [...this.unsettled.keys()];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const left = taken.filter((message) => this.unsettled.has(message)).length;
        reject(new InteraktFlushTimeoutError(left, timeout));
      }, timeout);
    });
    try {
      await Promise.race([Promise.all(this.unsettled.values()), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes nothing new, sends what it can within the time, and reports what was left. @param timeout in milliseconds */
  async close(timeout: number): Promise<void> {
    if (this.isFinished) return;
    this.closed = true;
    try {
      await this.flush(timeout);
    } catch (error) {
      this.logger.error(toError(error).message);
    }
    for (const message of this.unsettled.keys()) {
      const { operation } = message;
      const detail = 'the application shut down before interakt took it';
      this.report(new RemoteUnavailableError({ system: 'interakt', operation }, 'closed', detail), message);
    }
    this.finished.abort();
  }

  /** Never rejects. */
  private async send(message: InteraktMessage): Promise<void> {
    try {
      await repeat(() => this.client.post(message), {
        tries: this.options.maxRetries + 1,
        firstDelay: FIRST_DELAY,
        signal: this.finished.signal,
        waitAfter: waitOf,
      });
    } catch (error) {
      this.report(toError(error), message);
    }
  }

  private report(error: Error, message: InteraktMessage): void {
    if (this.isFinished) return;
    const { onError } = this.options;
    if (onError) callListener(() => onError(error, message), this.logger, 'onError');
    else this.failureLog.error(error.message);
  }
}

/** As with every call, but too many calls are waited for by the pacer, for everybody, and an open breaker closes again. */
function waitOf(error: RemoteUnavailableError): number | undefined {
  if (error.reason === 'rate_limited') return 0;
  return error.reason === 'circuit_open' ? error.retryAfter : waitAfter(error);
}
