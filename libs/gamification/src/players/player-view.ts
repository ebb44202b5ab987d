import type {
  CompiledChallenge,
  CompiledMechanics,
  CompiledRating,
} from '../mechanics/compiled-mechanics.js';
import { lastGrant } from '../mechanics/grant-list.js';
import { levelAt, type PlayerState, progressOf, standingOn } from '../mechanics/player-state.js';
import type { Gift } from '../mechanics/rating-cell.js';
import { activeDays, streakOn } from '../mechanics/streak-days.js';
import type { PlayerBadge, PlayerChallenge, PlayerFeature, PlayerRating, PlayerStreak } from './players.js';

/** A player's value of a rating, before the place is known. */
export interface Rated {
  readonly rating: CompiledRating;
  readonly period: string;
  readonly standing: Gift;
}

/** The ratings of which a player has a value at a moment, each on its first board. */
export function ratingsOf(state: PlayerState, now: number, mechanics: CompiledMechanics): readonly Rated[] {
  return [...mechanics.ratings.values()].flatMap((rating) => {
    const [kind = 'all'] = rating.periods;
    const period = mechanics.calendar.periodOf(kind, now, state.traits.timeZone);
    const standing = period === undefined ? undefined : standingOn(state, rating, period);
    return period !== undefined && standing ? [{ rating, period, standing }] : [];
  });
}

export function toRating(
  userId: string,
  rating: CompiledRating,
  period: string,
  value: number,
  position: number,
  level: string | undefined,
): PlayerRating {
  const { id: ratingId, definition, scale } = rating;
  return {
    userId,
    ratingId,
    name: definition.name,
    value: value / scale,
    position,
    metaInfo: definition.metaInfo ?? {},
    period,
    ...(level === undefined ? {} : { level }),
  };
}

/** The name of the level that a player has at a moment. */
export function levelNameOf(
  state: PlayerState,
  rating: CompiledRating,
  now: number,
  mechanics: CompiledMechanics,
): string | undefined {
  return rating.definition.levels?.[levelAt(state, rating, now, mechanics)]?.name;
}

/** How far a player is with a challenge; nothing where no event counted. */
export function toChallenge(
  userId: string,
  state: PlayerState,
  { id: challengeId, definition, steps }: CompiledChallenge,
): PlayerChallenge | undefined {
  const known = state.challenges[challengeId];
  if (!known) return undefined;
  return {
    userId,
    challengeId,
    name: definition.name,
    progress: progressOf(known, steps),
    passedSteps: steps.flatMap(({ id: challengeStepId, index, weight }) => {
      const at = known.steps[challengeStepId]?.at;
      return at === undefined
        ? []
        : [{ challengeStepId, order: index + 1, weight, dateComplete: new Date(at) }];
    }),
    metaInfo: definition.metaInfo ?? {},
    completed: known.done !== undefined,
  };
}

export function badgesOf(
  userId: string,
  state: PlayerState,
  mechanics: CompiledMechanics,
): readonly PlayerBadge[] {
  return [...mechanics.badges.values()].flatMap(({ id: badgeId, definition, permanent }) => {
    const grants = state.badges[badgeId];
    if (!grants) return [];
    const { name, description = '', metaInfo = {} } = definition;
    const acquisitionDate = new Date(lastGrant(grants));
    return [{ userId, badgeId, name, description, permanent, count: grants.n, acquisitionDate, metaInfo }];
  });
}

export function featuresOf(
  userId: string,
  state: PlayerState,
  mechanics: CompiledMechanics,
): readonly PlayerFeature[] {
  return [...mechanics.features.values()].flatMap(({ id: featureId, definition }) => {
    const since = state.features[featureId];
    if (since === undefined) return [];
    const { name, description = '', metaInfo = {} } = definition;
    return [{ userId, featureId, name, description, accessDate: new Date(since), metaInfo }];
  });
}

/** Days or weeks of a streak that are shown. */
const RECENT = 35;

export function streaksOf(
  userId: string,
  state: PlayerState,
  now: number,
  mechanics: CompiledMechanics,
): readonly PlayerStreak[] {
  const { day, week } = mechanics.calendar.dayOf(now, state.traits.timeZone);
  return [...mechanics.streaks.values()].flatMap(({ id: streakId, definition }) => {
    const days = state.streaks[streakId];
    if (!days) return [];
    const { name, metaInfo = {}, every, freezes: rule } = definition;
    const today = every === 'day' ? day : week;
    const { length, longest, freezes } = streakOn(today, days, rule);
    const recent = activeDays(days, today - RECENT + 1).map((each) =>
      every === 'day' ? mechanics.calendar.dateOf(each) : mechanics.calendar.mondayOf(each),
    );
    return [{ userId, streakId, name, length, longest, freezes, recent, metaInfo }];
  });
}
