/**
 * The transactions of the log when a destination was new: the first number that was not given yet, then those that were
 * given and still ran. What the others recorded is from before the destination.
 */
export type Beginning = readonly [next: number, ...running: number[]];

export const NOTHING_BEFORE: Beginning = [0];

/** Whether what a transaction recorded is from before the destination. */
export function isBefore(transaction: number, [next, ...running]: Beginning): boolean {
  return transaction < next && !running.includes(transaction);
}

/** The text was made of a beginning. */
export function toBeginning(text: string): Beginning {
  return JSON.parse(text) as Beginning;
}
