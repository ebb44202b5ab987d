/**
 * How many events of a player may lie between an event that comes late and the time it occurred, at least; never more
 * than twice as many. Together with the horizon it bounds what is gone through again for a late event.
 */
const MAX_OVERTAKEN = 10_000;

/** What the order of a player's next event depends on: a function of the events in the order in which they came. */
export interface Arrival {
  /** When the latest of the events occurred, in milliseconds since 1970. */
  readonly latest: number;
  /** How many came. */
  readonly seq: number;
  /** No event may come to stand before this. */
  readonly floor: number;
  /** What will be the floor when {@link MAX_OVERTAKEN} more have come. */
  readonly nextFloor: number;
}

/** The place of an event among those of its player, by when it occurred, then by when it came. */
export interface EventOrder {
  readonly at: number;
  readonly seq: number;
}

export const NO_ARRIVALS: Arrival = {
  latest: Number.MIN_SAFE_INTEGER,
  seq: 0,
  floor: Number.MIN_SAFE_INTEGER,
  nextFloor: Number.MIN_SAFE_INTEGER,
};

/**
 * The place of the next event, and what the one after it depends on. An event that is later than the horizon counts as
 * if it had occurred at the horizon.
 *
 * @param lateness the horizon, in milliseconds
 */
export function arrive(
  before: Arrival,
  occurredAt: number,
  lateness: number,
): { order: EventOrder; after: Arrival } {
  const at = Math.max(occurredAt, horizonOf(before, lateness));
  const seq = before.seq + 1;
  const latest = Math.max(before.latest, at);
  const moves = seq % MAX_OVERTAKEN === 0;
  return {
    order: { at, seq },
    after: {
      latest,
      seq,
      floor: moves ? before.nextFloor : before.floor,
      nextFloor: moves ? latest : before.nextFloor,
    },
  };
}

/** Before this, no further event can come to stand. */
export function horizonOf({ latest, floor }: Arrival, lateness: number): number {
  return Math.max(latest - lateness, floor);
}

/** Orders events as they occurred. */
export function compareOrder(a: EventOrder, b: EventOrder): number {
  return a.at - b.at || a.seq - b.seq;
}
