/** A rating's value on one of its boards changed. */
export interface RatingChange {
  readonly ratingId: string;
  /** The board: `all`, `2026-11-26`, `2026-W48`, `2026-11`, or a season's id. */
  readonly period: string;
  /** `null`: the player was not on it. */
  readonly from: number | null;
  /** `null`: the player is no longer on it. */
  readonly to: number | null;
}

/** Another level of a rating was reached. */
export interface LevelChange {
  readonly ratingId: string;
  /** The level's name; `null` below the first. */
  readonly from: string | null;
  readonly to: string | null;
}

/** A badge was earned or lost. */
export interface BadgeChange {
  readonly badgeId: string;
  /** How often the player had it. */
  readonly from: number;
  readonly to: number;
}

/** A challenge went on, or back. */
export interface ChallengeChange {
  readonly challengeId: string;
  /** The progress: the weight of the passed steps. */
  readonly from: number;
  readonly to: number;
  /** The ids of the steps that are passed now and were not. */
  readonly passed: readonly string[];
  /** The ids of the steps that were passed and are no longer. */
  readonly takenBack: readonly string[];
  /** Whether it is complete now. */
  readonly completed: boolean;
}

/** A streak became longer or shorter. */
export interface StreakChange {
  readonly streakId: string;
  readonly from: number;
  readonly to: number;
}

/** A feature opened or closed. */
export interface FeatureChange {
  readonly featureId: string;
  readonly granted: boolean;
}

/** A balance changed. */
export interface BalanceChange {
  readonly resourceKey: string;
  /** What was added or, when negative, taken. */
  readonly amount: number;
  /** What the wallet held after it. */
  readonly total: number;
}

/** A place on a board changed, as the board was when the event was committed. */
export interface RankChange {
  readonly ratingId: string;
  readonly period: string;
  /** `null`: the player was not on it. */
  readonly from: number | null;
  /** `null`: the player is no longer on it. */
  readonly to: number | null;
}

/** What one event changed for its player. A list is empty where nothing of its kind changed. */
export interface Changes {
  readonly ratings: readonly RatingChange[];
  readonly levels: readonly LevelChange[];
  readonly badges: readonly BadgeChange[];
  readonly challenges: readonly ChallengeChange[];
  readonly streaks: readonly StreakChange[];
  readonly features: readonly FeatureChange[];
  readonly balances: readonly BalanceChange[];
  readonly ranks: readonly RankChange[];
}

/** What an event changes that concerns no mechanic. */
export const NO_CHANGES: Changes = {
  ratings: [],
  levels: [],
  badges: [],
  challenges: [],
  streaks: [],
  features: [],
  balances: [],
  ranks: [],
};
