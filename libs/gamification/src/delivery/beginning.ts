/**
 * The transactions of a log when a destination was new: a number from which on none had ended, then those below it that
 * still ran. What the others recorded is from before the destination. An empty one says that nothing is.
 */
export type Beginning = readonly number[];

/** Whether what a transaction recorded is from before the destination. */
export function isBefore(transaction: number, beginning: Beginning): boolean {
  return transaction < firstAfter(beginning) && !beginning.includes(transaction);
}

/** The number from which on nothing is from before the destination. */
export function firstAfter([first = Number.MIN_SAFE_INTEGER]: Beginning): number {
  return first;
}

/** The text is a list of numbers (see the schema). */
export function toBeginning(text: string): Beginning {
  return JSON.parse(text) as Beginning;
}
