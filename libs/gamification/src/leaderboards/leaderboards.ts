import type { PeriodKind } from '../mechanics/definition.js';
import type { PlayerChallenge, PlayerRating } from '../players/players.js';

/** Which board of a rating is wanted. */
export interface BoardQuery {
  /**
   * The board of now (`day`, `week`, `month`, `season`), or one by its name (`2026-W48`, a season's id), finished ones
   * included; the rating's first unless told.
   */
  readonly period?: PeriodKind | (string & {});
}

/** Which part of a leaderboard is wanted. */
export interface TopQuery extends BoardQuery {
  /** How many places to leave out: 0 or more, 0 unless told. */
  readonly offset?: number;
  /** How many places at most: 1 to 1,000, 10 unless told. */
  readonly limit?: number;
  /** `asc`, the default: from the first place down; `desc`: from the last place up. */
  readonly sort?: 'asc' | 'desc';
  /** Only these users, at most 1,000; places are counted among them. */
  readonly users?: readonly string[];
  /** Only this user and the user's friends, whom {@link Friends} tells; places are counted among them. */
  readonly friendsOf?: string;
  /** Only users with this value of a trait that the mechanics name in `groups`; places are counted among them. */
  readonly group?: { readonly trait: string; readonly value: string };
}

/**
 * Who is ahead. Of equal values, who reached theirs first; of those who reached theirs at the same moment, whose user id is smaller.
 *
 * The class is its own injection token: `constructor(private readonly leaderboards: Leaderboards) {}`.
 */
export abstract class Leaderboards {
  /**
   * The players of a rating, in the order of their places.
   *
   * @param ratingId the rating's id
   * @throws InvalidQueryError
   */
  abstract top(ratingId: string, query?: TopQuery): Promise<readonly PlayerRating[]>;

  /**
   * A player's value and place.
   *
   * @returns nothing where the player is not on the board
   * @throws InvalidQueryError
   */
  abstract rank(ratingId: string, userId: string, query?: BoardQuery): Promise<PlayerRating | undefined>;

  /**
   * A player with those around.
   *
   * @param n how many ahead and how many behind at most: 0 to 100
   * @returns nobody where the player is not on the board
   * @throws InvalidQueryError
   */
  abstract around(
    ratingId: string,
    userId: string,
    n: number,
    query?: BoardQuery,
  ): Promise<readonly PlayerRating[]>;

  /**
   * The players who are furthest with a challenge, the furthest first; of those who are equally far, who got there first.
   *
   * @param challengeId the challenge's id
   * @throws InvalidQueryError
   */
  abstract topOfChallenge(
    challengeId: string,
    query?: Pick<TopQuery, 'limit'>,
  ): Promise<readonly PlayerChallenge[]>;
}
