import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';
import type { LimitDefinition, PeriodKind } from './definition.js';

const QUARTER_OF_AN_HOUR = 15 * 60_000;
const DAY = 86_400_000;
/** Days that are remembered: looking one up in a time zone costs more than all else about an event. */
const MAX_REMEMBERED = 10_000;

/** How the names of boards look; those of seasons cannot look so. */
const PATTERNS: Readonly<Partial<Record<PeriodKind, RegExp>>> = {
  all: /^all$/,
  day: /^\d{4,}-\d\d-\d\d$/,
  week: /^\d{4,}-W\d\d$/,
  month: /^\d{4,}-\d\d$/,
};

/** A day as a calendar on a wall shows it. */
export interface CalendarDay {
  /** Days since 1970-01-01. */
  readonly day: number;
  /** Weeks since that of 1970-01-01, which begin on Monday. */
  readonly week: number;
  /** `2026-11-26` */
  readonly dayKey: string;
  /** `2026-W48`: by ISO 8601, so that days around new year can belong to the other year. */
  readonly weekKey: string;
  /** `2026-11` */
  readonly monthKey: string;
}

/** A season in milliseconds since 1970. */
export interface Season {
  readonly id: string;
  readonly from: number;
  readonly until: number;
}

/** Tells days, weeks, months and seasons in the time zones of players. */
export class Calendar {
  private readonly days = new LRUCache<string, CalendarDay>({ max: MAX_REMEMBERED });
  private readonly zones = new LRUCache<string, string>({ max: MAX_REMEMBERED });

  /**
   * @param timeZone IANA name of the zone of players who told none, or one that does not exist
   * @param seasons without overlap
   */
  constructor(
    readonly timeZone: string,
    private readonly seasons: readonly Season[],
  ) {}

  /** The day of a moment. All zones differ by whole quarters of an hour, and have since 1972. */
  dayOf(time: number, timeZone: unknown): CalendarDay {
    const quarter = Math.floor(time / QUARTER_OF_AN_HOUR);
    const zone = this.zoneOf(timeZone);
    const key = `${zone} ${quarter}`;
    const known = this.days.get(key);
    if (known) return known;
    const date = Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_OF_AN_HOUR)
      .toZonedDateTimeISO(zone)
      .toPlainDate();
    const day = new Temporal.PlainDate(1970, 1, 1).until(date).days;
    const found = {
      day,
      // 1970-01-01 was a Thursday.
      week: Math.floor((day + 3) / 7),
      dayKey: date.toString(),
      weekKey: `${date.yearOfWeek}-W${String(date.weekOfYear).padStart(2, '0')}`,
      monthKey: date.toPlainYearMonth().toString(),
    };
    this.days.set(key, found);
    return found;
  }

  /** The board of a moment, such as `2026-W48`; nothing for a season where there is none. */
  periodOf(kind: PeriodKind, time: number, timeZone: unknown): string | undefined {
    switch (kind) {
      case 'all':
        return 'all';
      case 'day':
        return this.dayOf(time, timeZone).dayKey;
      case 'week':
        return this.dayOf(time, timeZone).weekKey;
      case 'month':
        return this.dayOf(time, timeZone).monthKey;
      case 'season':
        return this.seasons.find(({ from, until }) => from <= time && time < until)?.id;
    }
  }

  /** The date of a day, by its number. */
  dateOf(day: number): string {
    // What Temporal says takes ten times as long, and lists of players ask for many dates.
    return new Date(day * DAY).toISOString().slice(0, 'yyyy-mm-dd'.length);
  }

  /** The date of a week's first day, by the week's number. */
  mondayOf(week: number): string {
    return this.dateOf(week * 7 - 3);
  }

  /** Whether a board is one of this kind. */
  isOfKind(kind: PeriodKind, period: string): boolean {
    return kind === 'season'
      ? this.seasons.some(({ id }) => id === period)
      : (PATTERNS[kind]?.test(period) ?? false);
  }

  /** Whether a board of this kind was finished at a moment. */
  endsBefore(kind: PeriodKind, period: string, time: number, timeZone: unknown): boolean {
    if (kind === 'season') return this.seasons.some(({ id, until }) => id === period && until <= time);
    // Days, weeks and months sort as they follow each other.
    return period < (this.periodOf(kind, time, timeZone) ?? '');
  }

  /** The span of a moment for which a limit counts. Outside of seasons, all is one span. */
  spanOf(per: LimitDefinition['per'], time: number, timeZone: unknown): string {
    if (per === 'ever') return '';
    if (per !== 'hour') return this.periodOf(per, time, timeZone) ?? '';
    // An hour of the wall's clock begins where the zone's offset says, which can be half an hour off.
    const zoned = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(this.zoneOf(timeZone));
    return `${zoned.toPlainDate()}T${zoned.hour} ${zoned.offset}`;
  }

  private zoneOf(timeZone: unknown): string {
    if (typeof timeZone !== 'string' || timeZone === this.timeZone) return this.timeZone;
    const known = this.zones.get(timeZone);
    if (known !== undefined) return known;
    const zone = isTimeZone(timeZone) ? timeZone : this.timeZone;
    this.zones.set(timeZone, zone);
    return zone;
  }
}

/** Whether this is the name of a time zone that Node knows. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
