/** The events of the benchmarks `delivery` and `outage`: each has a number, by which the sink knows it again. */

export interface Order {
  readonly userId: string;
  readonly traits: { readonly orderNumber: string; readonly total: number };
}

/** What stands before an event's number, and nowhere else in what a client sends. */
export const NUMBER_MARK = 'order-';

const USERS = 100;

export function order(number: number): Order {
  return {
    userId: `user-${number % USERS}`,
    traits: { orderNumber: `${NUMBER_MARK}${number}`, total: number },
  };
}
