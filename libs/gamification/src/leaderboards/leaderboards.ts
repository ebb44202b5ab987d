import type { PlayerChallenge, PlayerRating } from '../players/players.js';

/** Which part of a leaderboard is wanted. */
export interface TopQuery {
  /** How many places to leave out: 0 or more, 0 unless told. */
  readonly offset?: number;
  /** How many places at most: 1 to 1,000, 10 unless told. */
  readonly limit?: number;
  /** `asc`, the default: from the first place down; `desc`: from the last place up. */
  readonly sort?: 'asc' | 'desc';
}

/**
 * Who is ahead.
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
   * The players who are furthest with a challenge, the furthest first.
   *
   * @param challengeId the challenge's id
   * @throws InvalidQueryError
   */
  abstract topOfChallenge(
    challengeId: string,
    query?: Pick<TopQuery, 'limit'>,
  ): Promise<readonly PlayerChallenge[]>;
}
