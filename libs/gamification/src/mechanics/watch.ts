import type { BadgeChange, ChallengeChange, FeatureChange, LevelChange, StreakChange } from './changes.js';
import type {
  CompiledChallenge,
  CompiledMechanics,
  CompiledRating,
  CompiledStreak,
} from './compiled-mechanics.js';
import { levelAt, type PlayerState, paidOf, progressStanding, standingOn } from './player-state.js';
import type { Gift } from './rating-cell.js';
import { streakOn } from './streak-days.js';

/** A player moved on a board, joined it (no `from`) or left it (no `to`). */
export interface Move {
  readonly from: Gift | undefined;
  readonly to: Gift | undefined;
}

/** A move on a rating's board. */
export interface RatingMove extends Move {
  readonly rating: CompiledRating;
  readonly period: string;
}

/** A move on a challenge's board: of equal progress, who reached it first is ahead. */
export interface ProgressMove extends Move {
  readonly challengeId: string;
}

/** What changed in a player's state, before it is known what that means for wallets and places. */
export interface StateChanges {
  readonly ratings: readonly RatingMove[];
  readonly levels: readonly LevelChange[];
  readonly badges: readonly BadgeChange[];
  readonly challenges: readonly ChallengeChange[];
  readonly progress: readonly ProgressMove[];
  readonly streaks: readonly StreakChange[];
  readonly features: readonly FeatureChange[];
  /** What is to be added to wallets, or taken. */
  readonly resources: readonly { readonly resource: string; readonly amount: number }[];
}

/** What a player had on boards that the state no longer has, because they are finished. */
export class FinishedBoards {
  private readonly standings = new Map<CompiledRating, Map<string, Gift>>();

  readonly add = (rating: CompiledRating, period: string, standing: Gift): void => {
    const known = this.standings.get(rating) ?? new Map<string, Gift>();
    this.standings.set(rating, known.set(period, standing));
  };

  standingOn(rating: CompiledRating, period: string): Gift | undefined {
    return this.standings.get(rating)?.get(period);
  }

  periodsOf(rating: CompiledRating): readonly string[] {
    return [...(this.standings.get(rating)?.keys() ?? [])];
  }
}

interface Progress {
  readonly standing: Gift | undefined;
  readonly passed: ReadonlySet<string>;
  readonly completed: boolean;
}

/** What was as it was before, by what it is of. Most events touch few kinds of things, so most of these are never made. */
type Before<Of, Was> = Map<Of, Was> | undefined;

/**
 * Remembers how parts of a player's state were before something touched them, and tells at the end what changed.
 * Whoever is about to change a part says so first; only the first time counts.
 */
export class Watch {
  private readonly ratings: {
    readonly rating: CompiledRating;
    readonly period: string;
    readonly from: Gift | undefined;
  }[] = [];
  private levels: Before<CompiledRating, number>;
  private badges: Before<string, number>;
  private challenges: Before<CompiledChallenge, Progress>;
  private streaks: Before<CompiledStreak, number>;
  private features: Before<string, boolean>;
  private paid: Before<string, number>;
  private finished: FinishedBoards | undefined;

  /** @param at the moment for which levels and streaks are told */
  constructor(
    private readonly mechanics: CompiledMechanics,
    private readonly at: number,
  ) {}

  /** @param finished what the player had on the board if the state has let go of it */
  rating(state: PlayerState, rating: CompiledRating, period: string, finished?: Gift): void {
    for (const each of this.ratings) if (each.rating === rating && each.period === period) return;
    this.ratings.push({ rating, period, from: standingOn(state, rating, period) ?? finished });
    if (rating.definition.levels === undefined || this.levels?.has(rating)) return;
    this.levels ??= new Map();
    this.levels.set(rating, levelAt(state, rating, this.at, this.mechanics));
  }

  badge(state: PlayerState, id: string): void {
    this.badges ??= new Map();
    if (!this.badges.has(id)) this.badges.set(id, state.badges[id]?.n ?? 0);
  }

  challenge(state: PlayerState, challenge: CompiledChallenge): void {
    this.challenges ??= new Map();
    if (!this.challenges.has(challenge)) this.challenges.set(challenge, progress(state, challenge));
  }

  streak(state: PlayerState, streak: CompiledStreak): void {
    this.streaks ??= new Map();
    if (!this.streaks.has(streak)) this.streaks.set(streak, this.lengthOf(state, streak));
  }

  feature(state: PlayerState, id: string): void {
    this.features ??= new Map();
    if (!this.features.has(id)) this.features.set(id, state.features[id] !== undefined);
  }

  resource(state: PlayerState, resource: string): void {
    this.paid ??= new Map();
    if (!this.paid.has(resource)) this.paid.set(resource, paidOf(state, resource));
  }

  /**
   * Remembers all of a state that will be replaced by another one as a whole.
   *
   * @param finished boards that each of the two has let go of
   */
  everything(
    before: PlayerState,
    after: PlayerState,
    finished: { readonly before: FinishedBoards; readonly after: FinishedBoards },
  ): void {
    this.finished = finished.after;
    for (const rating of this.mechanics.ratings.values()) {
      const periods = new Set([
        ...Object.keys({ ...before.ratings[rating.id], ...after.ratings[rating.id] }),
        ...[finished.before, finished.after].flatMap((boards) => boards.periodsOf(rating)),
      ]);
      for (const period of periods) {
        this.rating(before, rating, period, finished.before.standingOn(rating, period));
      }
    }
    for (const challenge of this.mechanics.challenges.values()) this.challenge(before, challenge);
    for (const streak of this.mechanics.streaks.values()) this.streak(before, streak);
    for (const id of this.mechanics.badges.keys()) this.badge(before, id);
    for (const id of this.mechanics.features.keys()) this.feature(before, id);
    for (const id of Object.keys({ ...before.due, ...after.due, ...before.short, ...after.short }))
      this.resource(before, id);
  }

  /** What is no longer as it was. */
  changes(state: PlayerState): StateChanges {
    const { mechanics, at } = this;
    const ratings: RatingMove[] = [];
    for (const { rating, period, from } of this.ratings) {
      const to = standingOn(state, rating, period) ?? this.finished?.standingOn(rating, period);
      if (!isSame(from, to)) ratings.push({ rating, period, from, to });
    }
    return {
      ratings,
      levels: changed(this.levels, (rating, from) => {
        const to = levelAt(state, rating, at, mechanics);
        if (from === to) return undefined;
        return { ratingId: rating.id, from: levelName(rating, from), to: levelName(rating, to) };
      }),
      badges: changed(this.badges, (badgeId, from) => {
        const to = state.badges[badgeId]?.n ?? 0;
        return from === to ? undefined : { badgeId, from, to };
      }),
      challenges: changed(this.challenges, (challenge, before) => challengeChange(challenge, before, state)),
      progress: changed(this.challenges, (challenge, { standing: from }) => {
        const to = progressStanding(state.challenges[challenge.id], challenge.steps);
        return isSame(from, to) ? undefined : { challengeId: challenge.id, from, to };
      }),
      streaks: changed(this.streaks, (streak, from) => {
        const to = this.lengthOf(state, streak);
        return from === to ? undefined : { streakId: streak.id, from, to };
      }),
      features: changed(this.features, (featureId, before) => {
        const granted = state.features[featureId] !== undefined;
        return before === granted ? undefined : { featureId, granted };
      }),
      resources: changed(this.paid, (resource, before) => {
        const amount = paidOf(state, resource) - before;
        return amount === 0 ? undefined : { resource, amount };
      }),
    };
  }

  private lengthOf(state: PlayerState, { id, definition }: CompiledStreak): number {
    const days = state.streaks[id];
    if (!days) return 0;
    const { day, week } = this.mechanics.calendar.dayOf(this.at, state.traits.timeZone);
    return streakOn(definition.every === 'day' ? day : week, days, definition.freezes).length;
  }
}

const NONE: readonly never[] = [];

function changed<Of, Was, Change>(
  before: Before<Of, Was>,
  changeOf: (of: Of, was: Was) => Change | undefined,
): readonly Change[] {
  if (!before) return NONE;
  const changes: Change[] = [];
  for (const [of, was] of before) {
    const change = changeOf(of, was);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

function challengeChange(
  challenge: CompiledChallenge,
  before: Progress,
  state: PlayerState,
): ChallengeChange | undefined {
  const now = progress(state, challenge);
  const passed = [...now.passed].filter((step) => !before.passed.has(step));
  const takenBack = [...before.passed].filter((step) => !now.passed.has(step));
  if (passed.length + takenBack.length === 0 && before.completed === now.completed) return undefined;
  const from = before.standing?.[0] ?? 0;
  const to = now.standing?.[0] ?? 0;
  return { challengeId: challenge.id, from, to, passed, takenBack, completed: now.completed };
}

function progress({ challenges }: PlayerState, { id, steps }: CompiledChallenge): Progress {
  const state = challenges[id];
  const passed = Object.entries(state?.steps ?? {}).flatMap(([step, { at }]) =>
    at === undefined ? [] : [step],
  );
  return {
    standing: progressStanding(state, steps),
    passed: new Set(passed),
    completed: state?.done !== undefined,
  };
}

function levelName({ definition }: CompiledRating, level: number): string | null {
  return definition.levels?.[level]?.name ?? null;
}

function isSame(a: Gift | undefined, b: Gift | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1]);
}
