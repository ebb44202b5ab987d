import type { RatingDefinition } from './definition.js';

export type Aggregate = NonNullable<RatingDefinition['aggregate']>;

/**
 * Gifts of events that can still be taken back and that a cell keeps apart, at most. The oldest beyond that counts as
 * one that stays: of a sum, only the moment it was reached can then be too late; of a best or last value, it is kept.
 */
export const MAX_OPEN = 64;

/** A value and when it was given, in milliseconds since 1970. */
export type Gift = readonly [value: number, at: number];

/**
 * A gift that can be taken back, with the number of its event: two can have the same value at the same time. What was
 * kept without a number is told by the rest.
 */
export type OpenGift = readonly [...Gift, seq?: number];

/**
 * A player's value on one board of a rating, with what is needed to take any part of it back.
 * Short names, because every player's state is full of them.
 */
export interface RatingCell {
  /** How many gifts it is made of. */
  n: number;
  /** The sum of them; of other aggregates, nothing. */
  v?: number;
  /** The best or last gift that stays; of a sum, only when the last one that stays was given. */
  f?: Gift;
  /** Gifts that can be taken back, first given first. */
  o?: OpenGift[];
}

/** Adds a gift. @param seq the number of its event, where it can be taken back */
export function addGift(
  cell: RatingCell | undefined,
  aggregate: Aggregate,
  gift: Gift,
  seq: number | undefined,
): RatingCell {
  const into = cell ?? { n: 0 };
  into.n++;
  if (aggregate === 'sum') into.v = (into.v ?? 0) + gift[0];
  if (seq === undefined) {
    into.f = better(aggregate, into.f, gift);
    // None of those before it can be the last any more.
    if (aggregate === 'last') delete into.o;
    return into;
  }
  into.o ??= [];
  into.o.push([...gift, seq]);
  if (into.o.length > MAX_OPEN) {
    const [oldest] = into.o.splice(0, 1);
    if (oldest) into.f = better(aggregate, into.f, [oldest[0], oldest[1]]);
  }
  return into;
}

/** Takes an event's gift back. @returns the cell, or nothing where no gift is left */
export function takeGift(
  cell: RatingCell,
  aggregate: Aggregate,
  [value, at]: Gift,
  seq: number,
): RatingCell | undefined {
  cell.n--;
  if (aggregate === 'sum') cell.v = (cell.v ?? 0) - value;
  const isTaken = ([its, given, by = seq]: OpenGift) => its === value && given === at && by === seq;
  const place = cell.o?.findIndex(isTaken) ?? -1;
  if (place >= 0) cell.o?.splice(place, 1);
  if (cell.o?.length === 0) delete cell.o;
  return cell.n > 0 ? cell : undefined;
}

/** The value of a cell, and when it was reached. */
export function standing(cell: RatingCell, aggregate: Aggregate): Gift {
  let gift: Gift | OpenGift | undefined = cell.f;
  for (const each of cell.o ?? []) gift = better<Gift | OpenGift>(aggregate, gift, each);
  const [value, at] = gift ?? [0, 0];
  return [aggregate === 'sum' ? (cell.v ?? 0) : value, at];
}

/** Which of two gifts tells the value. Of equal ones, the first given; of a sum and a last value, the last. */
function better<Each extends Gift | OpenGift>(
  aggregate: Aggregate,
  known: Each | undefined,
  gift: Each,
): Each {
  if (known === undefined) return gift;
  switch (aggregate) {
    case 'sum':
    case 'last':
      return gift[1] >= known[1] ? gift : known;
    case 'max':
      return gift[0] > known[0] || (gift[0] === known[0] && gift[1] < known[1]) ? gift : known;
    case 'min':
      return gift[0] < known[0] || (gift[0] === known[0] && gift[1] < known[1]) ? gift : known;
  }
}
