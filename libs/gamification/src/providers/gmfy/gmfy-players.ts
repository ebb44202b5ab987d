import { compare, keyOf, limitOf, type Page, type PageRequest, pageOf } from '../../page.js';
import {
  type Player,
  type PlayerBadge,
  type PlayerChallenge,
  type PlayerRating,
  Players,
} from '../../players/players.js';
import { needIdentifier } from '../../validation.js';
import { NotSupportedByGmfyError } from './gmfy.errors.js';
import type { GmfyService } from './gmfy.service.js';
import type { GmfyUserBadge, GmfyUserChallenge, GmfyUserContext, GmfyUserRating } from './gmfy-answers.js';
import { known } from './gmfy-domain-errors.js';

/** {@link Players} as GMFY knows them. A page of the list is cut out of GMFY's whole list, which it has no pages of. */
export class GmfyPlayers extends Players {
  constructor(private readonly gmfy: GmfyService) {
    super();
  }

  async get(userId: string): Promise<Player> {
    needIdentifier('userId', userId);
    const user = await known(
      () => this.gmfy.getUser(userId),
      () => undefined,
    );
    if (user) return toPlayer(user);
    return { userId, ratings: [], challenges: [], badges: [], features: [], balances: [], streaks: [] };
  }

  async list(request: PageRequest = {}): Promise<Page<Player>> {
    const limit = limitOf(request);
    const after = keyOf(request, ['string'])?.[0];
    const users = [...(await this.gmfy.getUsers())].sort((a, b) => compare(a.userId, b.userId));
    const first =
      after === undefined ? 0 : users.findIndex(({ userId }) => compare(userId, String(after)) > 0);
    const rows = first < 0 ? [] : users.slice(first, first + limit + 1);
    return pageOf(rows, limit, toPlayer, ({ userId }) => [userId]);
  }

  async badges(userId: string): Promise<readonly PlayerBadge[]> {
    needIdentifier('userId', userId);
    const badges = await known(
      () => this.gmfy.getUserBadges(userId),
      () => [],
    );
    return badges.map(toBadge);
  }

  async traits(): Promise<never> {
    throw new NotSupportedByGmfyError('the traits of a user');
  }

  // biome-ignore lint/correctness/useYield: there is nothing to give
  async *export(): AsyncGenerator<never, void, undefined> {
    throw new NotSupportedByGmfyError('the export of a user');
  }

  async erase(): Promise<never> {
    throw new NotSupportedByGmfyError('erasing a user');
  }
}

/** A user of GMFY in the words of the library. */
function toPlayer(user: GmfyUserContext): Player {
  return {
    userId: user.userId,
    ratings: user.userRatings.map(toRating),
    challenges: user.userChallenges.map(toChallenge),
    badges: user.userBadges.map(toBadge),
    features: user.userFeatures.map(({ userId, featureId, name, description, accessDate, metaInfo }) => ({
      userId,
      featureId,
      name,
      description: description ?? '',
      accessDate,
      metaInfo,
    })),
    balances: user.userAccountBalances.map(({ userId, resourceKey, amount }) => ({
      userId,
      resourceKey,
      amount,
    })),
    // GMFY has none.
    streaks: [],
  };
}

export function toRating(rating: GmfyUserRating): PlayerRating {
  const { userId, ratingId, name, value, position, metaInfo } = rating;
  return { userId, ratingId, name, value, position, metaInfo };
}

export function toChallenge(challenge: GmfyUserChallenge): PlayerChallenge {
  const { userId, challengeId, name, progress, metaInfo } = challenge;
  const passedSteps = challenge.passedSteps.map(({ challengeStepId, order, weight, dateComplete }) => ({
    challengeStepId,
    order,
    weight,
    dateComplete,
  }));
  return { userId, challengeId, name, progress, passedSteps, metaInfo };
}

function toBadge(badge: GmfyUserBadge): PlayerBadge {
  const { userId, badgeId, name, permanent, count, acquisitionDate, metaInfo } = badge;
  return {
    userId,
    badgeId,
    name,
    description: badge.description ?? '',
    permanent,
    count,
    acquisitionDate,
    metaInfo,
  };
}
