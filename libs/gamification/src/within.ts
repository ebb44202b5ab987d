import { setTimeout as delay } from 'node:timers/promises';

/** Longest time that a timer of Node can wait, in milliseconds. */
const MAX_TIMER = 2_147_483_647;

/**
 * Waits for some work, but no longer than a time in milliseconds. The work itself goes on.
 *
 * @returns whether it was done in time
 */
export async function within(timeout: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(Math.min(timeout, MAX_TIMER), false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
