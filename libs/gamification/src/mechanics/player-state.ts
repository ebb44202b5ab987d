import type { CompiledMechanics, CompiledRating } from './compiled-mechanics.js';
import type { Grants } from './grant-list.js';
import { type Gift, type RatingCell, standing } from './rating-cell.js';
import type { StreakDays } from './streak-days.js';

/** How often a rule gave in the current span of its limit. Short names: it is kept for every rule of every player. */
export interface RuleUse {
  /** The span. */
  p: string;
  /** To how many events. */
  n: number;
  /** How much. */
  s: number;
  /** When last. */
  l: number;
}

/** How far a player is with a challenge. */
export interface ChallengeState {
  /** When the first event counted, in milliseconds since 1970. */
  first: number;
  /** By step: how many events counted, and when it was passed. */
  steps: Record<string, { n: number; at?: number }>;
  /** Set while it is complete: since when, and what it gave. */
  done?: { at: number; gave: [resource: string, amount: number][] };
}

/**
 * All that a player's events have come to, as JSON keeps it. It is a function of the events in the order in which they
 * occurred, and holds what is needed to go on from here; nothing in it grows without a bound.
 */
export interface PlayerState {
  /** When the last event occurred, in milliseconds since 1970. */
  at: number;
  traits: Record<string, unknown>;
  counts: Record<string, number>;
  /** By rating, then board. */
  ratings: Record<string, Record<string, RatingCell>>;
  /** Levels that stay, by rating: each as it was reached, with its place and when. */
  levels: Record<string, [level: number, at: number][]>;
  uses: Record<string, RuleUse>;
  /** What the events gave of each resource. */
  due: Record<string, number>;
  /** How much less of each resource was taken than events said, because the wallet did not hold it. */
  short: Record<string, number>;
  badges: Record<string, Grants>;
  /** Badges that are earned again when their condition comes true anew, and whose condition is true. */
  holding: string[];
  challenges: Record<string, ChallengeState>;
  streaks: Record<string, StreakDays>;
  /** By feature: since when. */
  features: Record<string, number>;
}

/** A player before the first event. */
export function emptyState(): PlayerState {
  return {
    at: Number.MIN_SAFE_INTEGER,
    traits: {},
    counts: {},
    ratings: {},
    levels: {},
    uses: {},
    due: {},
    short: {},
    badges: {},
    holding: [],
    challenges: {},
    streaks: {},
    features: {},
  };
}

/** A state as JSON, without those of its parts that are empty. */
export function stateToJson(state: PlayerState): string {
  const parts = Object.entries(state).filter(
    ([, part]) => typeof part !== 'object' || Object.keys(part).length > 0,
  );
  return JSON.stringify(Object.fromEntries(parts));
}

export function stateFromJson(json: string): PlayerState {
  return Object.assign(emptyState(), JSON.parse(json));
}

/** What a player's wallet got of a resource: what the events gave, and what they took but for what was not there. */
export function paidOf({ due, short }: PlayerState, resource: string): number {
  return (due[resource] ?? 0) + (short[resource] ?? 0);
}

/** Less was taken, or is no longer missing. */
export function addShort({ short }: PlayerState, resource: string, amount: number): void {
  const sum = (short[resource] ?? 0) + amount;
  if (sum === 0) delete short[resource];
  else short[resource] = sum;
}

/** The value of a rating on one of its boards, in its smallest units, and when it was reached. */
export function standingOn(
  state: PlayerState,
  { id, aggregate }: CompiledRating,
  period: string,
): Gift | undefined {
  const cell = state.ratings[id]?.[period];
  return cell && standing(cell, aggregate);
}

/** The value that counts as the rating's at a moment: that of its first board. */
export function valueAt(
  state: PlayerState,
  rating: CompiledRating,
  at: number,
  mechanics: CompiledMechanics,
): Gift | undefined {
  const [kind = 'all'] = rating.periods;
  const period = mechanics.calendar.periodOf(kind, at, state.traits.timeZone);
  return period === undefined ? undefined : standingOn(state, rating, period);
}

/** The place of a rating's level among its levels; -1 below the first. */
export function levelAt(
  state: PlayerState,
  rating: CompiledRating,
  at: number,
  mechanics: CompiledMechanics,
): number {
  const reached = levelOf(valueAt(state, rating, at, mechanics)?.[0], rating);
  return Math.max(reached, ...(state.levels[rating.id] ?? []).map(([level]) => level));
}

/** The place of the level that a value reaches. */
export function levelOf(
  value: number | undefined,
  { definition, scale, lowerIsBetter }: CompiledRating,
): number {
  if (value === undefined) return -1;
  const levels = definition.levels ?? [];
  return levels.findLastIndex(({ from }) => (lowerIsBetter ? value <= from * scale : value >= from * scale));
}

/** The weight of the steps that are passed. */
export function progressOf(
  state: ChallengeState | undefined,
  steps: readonly { id: string; weight: number }[],
): number {
  if (!state) return 0;
  return steps.reduce((sum, { id, weight }) => (state.steps[id]?.at === undefined ? sum : sum + weight), 0);
}

/** The progress, and when it was reached; nothing where no step is passed. */
export function progressStanding(
  state: ChallengeState | undefined,
  steps: readonly { id: string; weight: number }[],
): Gift | undefined {
  const passedAt = Object.values(state?.steps ?? {}).flatMap(({ at }) => at ?? []);
  return passedAt.length === 0 ? undefined : [progressOf(state, steps), Math.max(...passedAt)];
}
