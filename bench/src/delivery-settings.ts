/** How many events a contestant of the benchmark `delivery` delivers to become warm, before the clock runs. */
export const WARM = 10_000;
/** How many are measured. */
export const EVENTS = 50_000;
/** What may wait anywhere: all of them, and some more. */
export const QUEUE = 70_000;
