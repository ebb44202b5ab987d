import { RemoteRefusalError, RemoteUnavailableError } from '../http/remote.errors.js';
import { toError } from '../to-error.js';
import type { Placed, Refused } from './delivery-store.js';
import type { Destination } from './destination.js';

/** How many events in a row must fail alone before it is the system that is to blame, not they. */
const MAX_FAILING_IN_A_ROW = 3;

/**
 * What is made of a failure that can be the system's or an event's: no connection, no answer in time, HTTP 5xx.
 *
 * - `system`: it is the system's; everything waits.
 * - `find`: the batch is taken apart, and an event that fails while one behind it does not is to blame.
 * - `events`: the system has shown that it works, so an event that fails alone is to blame.
 */
export type Blame = 'system' | 'find' | 'events';

/** What became of a batch. */
export interface BatchResult {
  /** How many events, from the first on, need not be sent again: they were delivered or are `refused`. */
  readonly settled: number;
  readonly refused: readonly Refused[];
  /** Why the rest was not delivered: the system's failure, not that of an event. */
  readonly failure?: Error;
}

/** Delivers a batch; where it is refused, finds out which of its events are to blame. Never rejects. */
export async function deliverBatch(
  destination: Destination,
  batch: readonly Placed[],
  blame: Blame,
): Promise<BatchResult> {
  const events = batch.map(({ event }) => event);
  const failures = new Map<number, Error>();
  let settled = 0;
  let inARow = 0;
  let failure: Error | undefined;

  const settle = (count: number) => {
    settled = count;
    inARow = 0;
  };

  /** @returns whether to go on */
  const deliver = async (from: number, to: number): Promise<boolean> => {
    try {
      await destination.deliver(to - from === events.length ? events : events.slice(from, to));
      settle(to);
      return true;
    } catch (thrown) {
      const error = toError(thrown);
      const about = subjectOf(error);
      if (about === 'system' || (about === 'either' && blame === 'system')) {
        failure = error;
        return false;
      }
      if (to - from === 1) {
        failures.set(from, error);
        if (about === 'event' || blame === 'events') settle(to);
        else if (++inARow >= MAX_FAILING_IN_A_ROW) failure = error;
        return failure === undefined;
      }
      const middle = from + Math.ceil((to - from) / 2);
      return (await deliver(from, middle)) && (await deliver(middle, to));
    }
  };

  await deliver(0, events.length);
  const refused = [...failures].flatMap(([index, error]) => {
    const event = events[index];
    return event && index < settled ? [{ event, error }] : [];
  });
  if (settled < events.length) failure ??= failures.get(events.length - 1);
  return { settled, refused, ...(failure ? { failure } : {}) };
}

/** What an error says something about. */
export function subjectOf(error: Error): 'system' | 'event' | 'either' {
  if (error instanceof RemoteUnavailableError) {
    const { reason } = error;
    return reason === 'timeout' || reason === 'network' || reason === 'failing' ? 'either' : 'system';
  }
  return isUnauthorized(error) ? 'system' : 'event';
}

/** Why a system takes nothing, in one word that may be public. */
export function problemOf(error: Error): string {
  if (isUnauthorized(error)) return 'unauthorized';
  return error instanceof RemoteUnavailableError ? error.reason : 'failing';
}

function isUnauthorized(error: Error): boolean {
  return error instanceof RemoteRefusalError && (error.status === 401 || error.status === 403);
}
