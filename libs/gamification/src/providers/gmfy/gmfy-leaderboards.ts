import { Leaderboards, type TopQuery } from '../../leaderboards/leaderboards.js';
import { limitOf } from '../../page.js';
import type { PlayerChallenge, PlayerRating } from '../../players/players.js';
import { needIdentifier, needOneOf } from '../../validation.js';
import { NotSupportedByGmfyError } from './gmfy.errors.js';
import type { GmfyService } from './gmfy.service.js';
import { known } from './gmfy-domain-errors.js';
import { toChallenge, toRating } from './gmfy-players.js';

/** Places of a leaderboard, unless told. */
const DEFAULT_LIMIT = 10;

/** {@link Leaderboards} as GMFY keeps them. A rating or a challenge that it does not know has no players. */
export class GmfyLeaderboards extends Leaderboards {
  constructor(private readonly gmfy: GmfyService) {
    super();
  }

  async top(
    ratingId: string,
    { offset = 0, limit = DEFAULT_LIMIT, sort = 'asc', ...restriction }: TopQuery = {},
  ): Promise<readonly PlayerRating[]> {
    for (const [name, value] of Object.entries(restriction)) {
      if (value !== undefined) throw new NotSupportedByGmfyError(`a leaderboard by ${name}`);
    }
    needIdentifier('ratingId', ratingId);
    needOneOf('sort', sort, ['asc', 'desc']);
    const query = { offset, limit: limitOf({ limit }), sort: sort === 'asc' ? 'ASC' : 'DESC' } as const;
    const ratings = await known(
      () => this.gmfy.getRatingTopUsers(ratingId, query),
      () => [],
    );
    return ratings.map(toRating);
  }

  async rank(): Promise<never> {
    throw new NotSupportedByGmfyError('the place of one player');
  }

  async around(): Promise<never> {
    throw new NotSupportedByGmfyError('the players around one');
  }

  async topOfChallenge(
    challengeId: string,
    { limit = DEFAULT_LIMIT }: Pick<TopQuery, 'limit'> = {},
  ): Promise<readonly PlayerChallenge[]> {
    needIdentifier('challengeId', challengeId);
    const query = { limit: limitOf({ limit }) };
    const challenges = await known(
      () => this.gmfy.getChallengeTopUsers(challengeId, query),
      () => [],
    );
    return challenges.map(toChallenge);
  }
}
