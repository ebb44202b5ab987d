import {
  InvalidRemoteResponseError,
  RemoteRefusalError,
  RemoteUnavailableError,
} from '../http/remote.errors.js';
import { toError } from '../to-error.js';
import type { Placed, Refused } from './delivery-store.js';
import type { Destination } from './destination.js';

/** HTTP statuses that say that the content of a request is wrong. */
const ABOUT_THE_CONTENT: ReadonlySet<number> = new Set([400, 409, 413, 422]);

/** What an error is about. */
export type Subject =
  /** The system: nothing can be delivered. */
  | 'system'
  /** The events that were sent. */
  | 'event'
  /** One of the two: no connection, no answer in time, HTTP 5xx, 403, 404, an answer that is none. */
  | 'either';

/**
 * What is made of a failure that can be the system's or an event's.
 *
 * - `system`: it is the system's; everything waits.
 * - `find`: the batch is taken apart, and an event that fails while one behind it does not is to blame.
 * - `events`: the system has shown that it works, so an event that fails alone is to blame.
 */
export type Blame = 'system' | 'find' | 'events';

/** How a batch is delivered. */
export interface BatchSettings {
  readonly blame: Blame;
  /** How many events in a row may fail alone before it is the system that is to blame, not they. */
  readonly patience: number;
  /** Asked before each call: false ends it. */
  readonly mayGoOn: () => boolean;
}

/** What became of a batch. */
export interface BatchResult {
  /** How many events, from the first on, need not be sent again: they were delivered or are `refused`. */
  readonly settled: number;
  readonly refused: readonly Refused[];
  /** Whether the system has shown that it works: it took an event, or refused one for what it is. */
  readonly works: boolean;
  /** Why the rest was not delivered: the system's failure, not that of an event. */
  readonly failure?: Error;
}

/** Delivers a batch; where it is refused, finds out which of its events are to blame. Never rejects. */
export async function deliverBatch(
  destination: Destination,
  batch: readonly Placed[],
  { blame, patience, mayGoOn }: BatchSettings,
): Promise<BatchResult> {
  const events = batch.map(({ event }) => event);
  const failures = new Map<number, Error>();
  let settled = 0;
  let inARow = 0;
  let works = false;
  let failure: Error | undefined;

  const settle = (count: number) => {
    settled = count;
    inARow = 0;
  };
  const fail = (index: number, error: Error, subject: Subject) => {
    failures.set(index, error);
    if (subject === 'event') works = true;
    if (subject === 'event' || blame === 'events') settle(index + 1);
    else if (++inARow >= patience) failure = error;
    return failure === undefined;
  };
  const deliverHalves = async (from: number, to: number): Promise<boolean> => {
    const middle = from + Math.ceil((to - from) / 2);
    return (await deliver(from, middle)) && (await deliver(middle, to));
  };
  /** @returns whether to go on */
  const deliver = async (from: number, to: number): Promise<boolean> => {
    if (!mayGoOn()) return false;
    if (to - from > destination.maxBatchSize) return deliverHalves(from, to);
    try {
      await destination.deliver(to - from === events.length ? events : events.slice(from, to));
      works = true;
      settle(to);
      return true;
    } catch (thrown) {
      const error = toError(thrown);
      const subject = subjectOf(error);
      if (subject === 'system' || (subject === 'either' && blame === 'system')) {
        failure = error;
        return false;
      }
      return to - from === 1 ? fail(from, error, subject) : deliverHalves(from, to);
    }
  };

  await deliver(0, events.length);
  const refused = [...failures].flatMap(([index, error]) => {
    const event = events[index];
    return event && index < settled ? [{ event, error }] : [];
  });
  if (settled < events.length) failure ??= failures.get(events.length - 1);
  return { settled, refused, works, ...(failure ? { failure } : {}) };
}

/** What an error says something about. */
export function subjectOf(error: Error): Subject {
  if (error instanceof RemoteUnavailableError) {
    const { reason } = error;
    return reason === 'timeout' || reason === 'network' || reason === 'failing' ? 'either' : 'system';
  }
  if (error instanceof InvalidRemoteResponseError) return 'either';
  if (!(error instanceof RemoteRefusalError)) return 'event';
  const { status = 0 } = error;
  if (status === 401) return 'system';
  const saysNoItself = status >= 200 && status < 300;
  return saysNoItself || ABOUT_THE_CONTENT.has(status) ? 'event' : 'either';
}

/** Why a system takes nothing, in one word that may be public. */
export function problemOf(error: Error): string {
  if (error instanceof RemoteUnavailableError) return error.reason;
  if (!(error instanceof RemoteRefusalError)) return 'failing';
  return error.status === 401 || error.status === 403 ? 'unauthorized' : 'refused';
}
