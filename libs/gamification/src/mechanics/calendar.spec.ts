import { describe, expect, it } from '@jest/globals';
import { Calendar, isTimeZone } from './calendar.js';

const utc = (text: string) => Date.parse(text);

describe('Calendar', () => {
  const calendar = new Calendar('UTC', [
    { id: 'winter', from: utc('2026-12-01T00:00:00Z'), until: utc('2027-03-01T00:00:00Z') },
  ]);

  it.each([
    ['2026-11-26T23:30:00Z', 'UTC', '2026-11-26'],
    ['2026-11-26T23:30:00Z', 'Europe/Berlin', '2026-11-27'],
    ['2026-11-27T07:59:59Z', 'America/Los_Angeles', '2026-11-26'],
    // The night of 25 October 2026 has an hour twice in Berlin, that of 29 March lacks one.
    ['2026-10-24T22:00:00Z', 'Europe/Berlin', '2026-10-25'],
    ['2026-10-25T22:59:59Z', 'Europe/Berlin', '2026-10-25'],
    ['2026-10-25T23:00:00Z', 'Europe/Berlin', '2026-10-26'],
    ['2026-03-28T23:00:00Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T21:59:59Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T22:00:00Z', 'Europe/Berlin', '2026-03-30'],
    // Offsets of a quarter of an hour.
    ['2026-11-26T18:14:59Z', 'Asia/Kathmandu', '2026-11-26'],
    ['2026-11-26T18:15:00Z', 'Asia/Kathmandu', '2026-11-27'],
  ])('tells that %s in %s is %s', (time, zone, day) => {
    expect(calendar.periodOf('day', utc(time), zone)).toBe(day);
  });

  it('counts days without a gap across a change of the clocks', () => {
    const days = ['2026-03-28', '2026-03-29', '2026-03-30'].map(
      (day) => calendar.dayOf(utc(`${day}T12:00:00Z`), 'Europe/Berlin').day,
    );
    expect(days).toEqual([days[0], Number(days[0]) + 1, Number(days[0]) + 2]);
  });

  it('begins weeks on Monday, and names them by the year that most of their days are in', () => {
    const weekOf = (day: string) => calendar.dayOf(utc(`${day}T12:00:00Z`), 'UTC');
    expect(weekOf('2026-11-29')).toMatchObject({ weekKey: '2026-W48' });
    expect(weekOf('2026-11-30').week).toBe(weekOf('2026-11-29').week + 1);
    expect(weekOf('2027-01-03').weekKey).toBe('2026-W53');
    expect(weekOf('1969-12-29').week).toBe(0);
    expect(weekOf('1969-12-28').week).toBe(-1);
  });

  it('tells the dates of days and weeks', () => {
    const { day, week } = calendar.dayOf(utc('2026-11-26T12:00:00Z'), undefined);
    expect([calendar.dateOf(day), calendar.mondayOf(week)]).toEqual(['2026-11-26', '2026-11-23']);
  });

  it('knows months and seasons, and that there may be no season', () => {
    expect(calendar.periodOf('month', utc('2026-11-30T23:59:59Z'), undefined)).toBe('2026-11');
    expect(calendar.periodOf('season', utc('2026-11-30T23:59:59Z'), undefined)).toBeUndefined();
    expect(calendar.periodOf('season', utc('2026-12-01T00:00:00Z'), undefined)).toBe('winter');
    expect(calendar.periodOf('season', utc('2027-03-01T00:00:00Z'), undefined)).toBeUndefined();
  });

  it('takes its own time zone for a player who named none that there is', () => {
    const berlin = new Calendar('Europe/Berlin', []);
    for (const zone of [undefined, 42, 'Mars/Olympus']) {
      expect(berlin.periodOf('day', utc('2026-11-26T23:30:00Z'), zone)).toBe('2026-11-27');
    }
  });

  it('tells hours that the clocks show twice apart', () => {
    const hours = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((time) =>
      calendar.spanOf('hour', utc(time), 'Europe/Berlin'),
    );
    expect(hours[0]).not.toBe(hours[1]);
  });

  it('knows which boards are finished', () => {
    const now = utc('2026-11-26T12:00:00Z');
    expect(calendar.endsBefore('day', '2026-11-25', now, undefined)).toBe(true);
    expect(calendar.endsBefore('day', '2026-11-26', now, undefined)).toBe(false);
    expect(calendar.endsBefore('season', 'winter', now, undefined)).toBe(false);
    expect(calendar.endsBefore('season', 'winter', utc('2027-03-01T00:00:00Z'), undefined)).toBe(true);
  });
});

it.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['', false],
])('isTimeZone(%p) is %p', (name, known) => {
  expect(isTimeZone(name)).toBe(known);
});
