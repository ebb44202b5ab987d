import type { Clock } from '../../clock.js';
import type { InteraktOptions } from './interakt.options.js';
import type { InteraktAnswer } from './interakt-answers.js';
import type { InteraktClient } from './interakt-client.js';
import type { NewInteraktEvent, NewInteraktUser } from './interakt-inputs.js';
import { eventMessage, type InteraktMessage, userMessage } from './interakt-message.js';
import { MessageQueue } from './message-queue.js';

/** How long `flush()` waits unless told, in milliseconds. */
const FLUSH_TIMEOUT = 10_000;

/** What became of a message when the call for it returned. */
export type InteraktReceipt =
  /** With `syncMode`: Interakt took it. */
  | { readonly status: 'sent'; readonly message: InteraktMessage; readonly answer: InteraktAnswer }
  /**
   * Without `syncMode`. `queued`: it is sent soon, and where that fails for good, `onError` is told. `refused`: the queue
   * is full or closed, and it is not sent.
   */
  | { readonly status: 'queued' | 'refused'; readonly message: InteraktMessage };

/** Tells Interakt of users and of what they do. */
export class InteraktService {
  private readonly queue: MessageQueue;

  /** Not for applications: they inject the service. */
  constructor(
    private readonly client: InteraktClient,
    private readonly options: InteraktOptions,
    clock: Clock,
  ) {
    this.queue = new MessageQueue(client, options, clock);
  }

  /** Messages of the queue that are neither sent nor given up. */
  get waiting(): number {
    return this.queue.waiting;
  }

  /**
   * Makes a user known, or adds traits to one and replaces those of the same name. What is given is copied first.
   *
   * @throws InvalidRequestError naming every field that is wrong; nothing is sent
   * @throws InteraktError, RemoteUnavailableError, InvalidRemoteResponseError with `syncMode`
   */
  async user(user: NewInteraktUser): Promise<InteraktReceipt> {
    return this.pass(userMessage(user));
  }

  /**
   * Adds an event to a user's history. What is given is copied first. Where a connection breaks, a repeat can add the
   * event twice: Interakt has no id for an event by which it would know it again.
   *
   * @throws as {@link user}
   */
  async event(event: NewInteraktEvent): Promise<InteraktReceipt> {
    return this.pass(eventMessage(event));
  }

  /**
   * Resolves when every message taken so far was sent or given up.
   *
   * @param timeout how long to wait, in milliseconds; 10 s unless told
   * @throws InteraktFlushTimeoutError saying how many are left
   */
  flush(timeout: number = FLUSH_TIMEOUT): Promise<void> {
    return this.queue.flush(timeout);
  }

  /**
   * Takes nothing new, sends what it can within the time, and reports what was left to `onError`. The module calls it
   * when the application shuts down.
   *
   * @param timeout in milliseconds
   */
  async close(timeout: number): Promise<void> {
    await this.queue.close(timeout);
    this.client.close();
  }

  private async pass(message: InteraktMessage): Promise<InteraktReceipt> {
    if (this.options.syncMode) return { status: 'sent', message, answer: await this.client.post(message) };
    return { status: this.queue.take(message) ? 'queued' : 'refused', message };
  }
}
