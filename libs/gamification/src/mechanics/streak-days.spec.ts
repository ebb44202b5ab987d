import { describe, expect, it } from '@jest/globals';
import { addDay, type StreakDays, streakOf, streakOn, takeDay } from './streak-days.js';

const days = (...list: number[]) =>
  list.reduce<StreakDays | undefined>((known, day) => addDay(known, day, false, undefined), undefined) ?? {
    r: [],
  };

describe('a streak', () => {
  it('counts days in a row, and begins anew after a missed one', () => {
    expect(streakOf(days(1, 2, 2, 3), undefined)).toMatchObject({ length: 3, longest: 3, last: 3 });
    expect(streakOf(days(1, 2, 3, 5), undefined)).toMatchObject({ length: 1, longest: 3, last: 5 });
  });

  it('lasts until the day after the last one is over', () => {
    expect(streakOn(3, days(1, 2), undefined).length).toBe(2);
    expect(streakOn(4, days(1, 2), undefined).length).toBe(0);
  });

  it('is bridged by freezes that it earned, and by no more than can be held', () => {
    const freezes = { every: 2, max: 1 };
    expect(streakOf(days(1, 2, 4), freezes)).toMatchObject({ length: 3, freezes: 0 });
    expect(streakOf(days(1, 2, 3, 4, 7), freezes)).toMatchObject({ length: 1, longest: 4 });
    expect(streakOn(4, days(1, 2), freezes).length).toBe(2);
    expect(streakOn(5, days(1, 2), freezes).length).toBe(0);
  });

  it('joins runs when the day between them comes', () => {
    expect(days(1, 3, 2).r).toEqual([[1, 3]]);
    expect(days(5, 1, 3).r).toEqual([
      [1, 1],
      [3, 3],
      [5, 5],
    ]);
  });

  it('loses a day with the last event that stood for it', () => {
    let known = days(1);
    known = addDay(known, 2, true, undefined);
    known = addDay(known, 2, true, undefined);
    known = addDay(known, 3, false, undefined);
    takeDay(known, 2);
    expect(streakOf(known, undefined).length).toBe(3);
    takeDay(known, 2);
    expect(streakOf(known, undefined)).toMatchObject({ length: 1, longest: 1 });
  });

  it('keeps a day for which an event stands that cannot be taken back', () => {
    let known = addDay(undefined, 1, true, undefined);
    known = addDay(known, 1, false, undefined);
    expect(takeDay(known, 1)).toBe(known);
    expect(streakOf(known, undefined).length).toBe(1);
  });

  it('remembers the longest of more runs than it keeps', () => {
    let known = days(1, 2, 3);
    for (let run = 0; run < 200; run++) known = addDay(known, 10 + run * 2, false, undefined);
    expect(known.r.length).toBeLessThanOrEqual(100);
    expect(streakOf(known, undefined)).toMatchObject({ length: 1, longest: 3 });
  });
});
