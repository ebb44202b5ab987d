import type { StreakDefinition } from './definition.js';

/** Runs of days that are remembered: what is older only counts for the longest streak. */
const MAX_RUNS = 100;
/** Days that are there only by events which can be taken back, and are kept apart. Older ones stay. */
const MAX_OPEN_DAYS = 64;

/** The days (or weeks) on which a player was active, as numbers that count up. */
export interface StreakDays {
  /** Runs without a gap, from the first to the last day, in order. */
  r: [first: number, last: number][];
  /** The longest streak among runs that are no longer remembered. */
  b?: number;
  /** Of days that only events stand for which can be taken back, how many of these: `[day, events]`. */
  o?: [day: number, events: number][];
}

/** What the days of a player come to. */
export interface Streak {
  readonly length: number;
  readonly longest: number;
  /** Freezes that are held. */
  readonly freezes: number;
  /** The last active day. */
  readonly last: number;
}

/** Adds an event's day. @param open whether the event can be taken back */
export function addDay(
  days: StreakDays | undefined,
  day: number,
  open: boolean,
  freezes: StreakDefinition['freezes'],
): StreakDays {
  const into = days ?? { r: [] };
  const known = into.r.some(([first, last]) => first <= day && day <= last);
  const place = into.o?.findIndex(([each]) => each === day) ?? -1;
  const entry = into.o?.[place];
  if (!open) {
    if (entry) into.o?.splice(place, 1);
  } else if (entry) {
    entry[1]++;
  } else if (!known) {
    into.o ??= [];
    into.o.push([day, 1]);
    if (into.o.length > MAX_OPEN_DAYS) into.o.shift();
  }
  if (into.o?.length === 0) delete into.o;
  if (!known) insert(into, day, freezes);
  return into;
}

/** Takes an event's day back. @returns the days, or nothing where none is left */
export function takeDay(days: StreakDays, day: number): StreakDays | undefined {
  const place = days.o?.findIndex(([each]) => each === day) ?? -1;
  const entry = days.o?.[place];
  if (!entry) return days;
  entry[1]--;
  if (entry[1] > 0) return days;
  days.o?.splice(place, 1);
  if (days.o?.length === 0) delete days.o;
  days.r = days.r.flatMap(([first, last]): [number, number][] => {
    if (day < first || day > last) return [[first, last]];
    return [
      ...(first < day ? [[first, day - 1] as [number, number]] : []),
      ...(day < last ? [[day + 1, last] as [number, number]] : []),
    ];
  });
  return days.r.length > 0 || days.b ? days : undefined;
}

/** What the days come to on the last of them. */
export function streakOf({ r, b = 0 }: StreakDays, freezes: StreakDefinition['freezes']): Streak {
  let length = 0;
  let longest = b;
  let held = 0;
  let before: number | undefined;
  for (const [first, last] of r) {
    const missed = before === undefined ? 0 : first - before - 1;
    if (missed > held) {
      length = 0;
      held = 0;
    } else {
      held -= missed;
    }
    if (freezes) {
      const earned =
        Math.floor((length + last - first + 1) / freezes.every) - Math.floor(length / freezes.every);
      held = Math.min(freezes.max, held + earned);
    }
    length += last - first + 1;
    longest = Math.max(longest, length);
    before = last;
  }
  return { length, longest, freezes: held, last: before ?? Number.NEGATIVE_INFINITY };
}

/** What the days come to on another day: nothing is left of a streak that was missed for longer than freezes bridge. */
export function streakOn(day: number, days: StreakDays, freezes: StreakDefinition['freezes']): Streak {
  const streak = streakOf(days, freezes);
  // The day itself can still become active.
  const missed = Math.max(0, day - streak.last - 1);
  return missed > streak.freezes ? { ...streak, length: 0, freezes: 0 } : streak;
}

/** The active days since one, in order. */
export function activeDays({ r }: StreakDays, since: number): readonly number[] {
  return r.flatMap(([first, last]) => {
    const start = Math.max(first, since);
    return Array.from({ length: Math.max(0, last - start + 1) }, (_, index) => start + index);
  });
}

function insert(days: StreakDays, day: number, freezes: StreakDefinition['freezes']): void {
  const last = days.r.at(-1);
  if (last && day === last[1] + 1) {
    last[1] = day;
    return;
  }
  days.r.push([day, day]);
  if (last && day < last[0]) days.r = joined(days.r);
  if (days.r.length > MAX_RUNS) {
    days.b = streakOf({ r: days.r.slice(0, 1), b: days.b ?? 0 }, freezes).longest;
    days.r.shift();
  }
}

function joined(runs: readonly [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [first, last] of [...runs].sort(([a], [b]) => a - b)) {
    const before = result.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}
