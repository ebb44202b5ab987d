import { InvalidQueryError } from '../../gamification.errors.js';
import { Leaderboards, type TopQuery } from '../../leaderboards/leaderboards.js';
import type { PlayerChallenge, PlayerRating } from '../../players/players.js';
import { inShort } from '../../validation.js';
import type { GmfyService } from './gmfy.service.js';
import { known, needIdentifier } from './gmfy-domain-errors.js';
import type { GmfySort } from './gmfy-inputs.js';
import { toChallenge, toRating } from './gmfy-players.js';

/** Most places of a leaderboard at a time. */
const MAX_LIMIT = 1_000;

/** {@link Leaderboards} as GMFY keeps them. A rating or a challenge that it does not know has no players. */
export class GmfyLeaderboards extends Leaderboards {
  constructor(private readonly gmfy: GmfyService) {
    super();
  }

  async top(
    ratingId: string,
    { offset = 0, limit = 10, sort = 'asc' }: TopQuery = {},
  ): Promise<readonly PlayerRating[]> {
    needIdentifier('ratingId', ratingId);
    needLimit(limit);
    const ratings = await known(
      () => this.gmfy.getRatingTopUsers(ratingId, { offset, limit, sort: sortOf(sort) }),
      () => [],
    );
    return ratings.map(toRating);
  }

  async topOfChallenge(
    challengeId: string,
    { limit = 10 }: Pick<TopQuery, 'limit'> = {},
  ): Promise<readonly PlayerChallenge[]> {
    needIdentifier('challengeId', challengeId);
    needLimit(limit);
    const challenges = await known(
      () => this.gmfy.getChallengeTopUsers(challengeId, { limit }),
      () => [],
    );
    return challenges.map(toChallenge);
  }
}

function needLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return;
  throw new InvalidQueryError(`limit is ${inShort(limit)}, allowed: a whole number from 1 to ${MAX_LIMIT}`);
}

function sortOf(sort: unknown): GmfySort {
  if (sort === 'asc') return 'ASC';
  if (sort === 'desc') return 'DESC';
  throw new InvalidQueryError(`sort is ${inShort(sort)}, allowed: "asc" or "desc"`);
}
