import type { Page, PageRequest } from '../page.js';

/** Texts that whoever configured a mechanic keeps with it, such as the URL of a picture. */
export type MetaInfo = Readonly<Record<string, string>>;

/** What a player has of a rating. */
export interface PlayerRating {
  readonly userId: string;
  readonly ratingId: string;
  readonly name: string;
  readonly value: number;
  /** The place on the leaderboard, 1 for the first. */
  readonly position: number;
  readonly metaInfo: MetaInfo;
}

/** A step of a challenge that a player has passed. */
export interface PassedStep {
  readonly challengeStepId: string;
  readonly order: number;
  readonly weight: number;
  readonly dateComplete: Date;
}

/** How far a player is with a challenge. */
export interface PlayerChallenge {
  readonly userId: string;
  readonly challengeId: string;
  readonly name: string;
  /** The weight of the passed steps. */
  readonly progress: number;
  readonly passedSteps: readonly PassedStep[];
  readonly metaInfo: MetaInfo;
}

/** A badge that a player has earned. */
export interface PlayerBadge {
  readonly userId: string;
  readonly badgeId: string;
  readonly name: string;
  readonly description: string;
  /** Whether it stays when what it was given for is no longer so. */
  readonly permanent: boolean;
  /** How often it was earned. */
  readonly count: number;
  readonly acquisitionDate: Date;
  readonly metaInfo: MetaInfo;
}

/** A feature that a player has access to. */
export interface PlayerFeature {
  readonly userId: string;
  readonly featureId: string;
  readonly name: string;
  readonly description: string;
  /** Since when. */
  readonly accessDate: Date;
  readonly metaInfo: MetaInfo;
}

/** What a player has of a resource. */
export interface PlayerBalance {
  readonly userId: string;
  readonly resourceKey: string;
  readonly amount: number;
}

/** All that a user's events gave them. A user without events has a player without anything. */
export interface Player {
  readonly userId: string;
  readonly ratings: readonly PlayerRating[];
  readonly challenges: readonly PlayerChallenge[];
  readonly badges: readonly PlayerBadge[];
  readonly features: readonly PlayerFeature[];
  readonly balances: readonly PlayerBalance[];
}

/**
 * What users have achieved.
 *
 * The class is its own injection token: `constructor(private readonly players: Players) {}`.
 */
export abstract class Players {
  /** A user's player. @throws InvalidQueryError when the user id cannot be one */
  abstract get(userId: string): Promise<Player>;

  /** All players, by user id. @throws InvalidQueryError */
  abstract list(request?: PageRequest): Promise<Page<Player>>;

  /** The badges of a user. @throws InvalidQueryError when the user id cannot be one */
  abstract badges(userId: string): Promise<readonly PlayerBadge[]>;
}
