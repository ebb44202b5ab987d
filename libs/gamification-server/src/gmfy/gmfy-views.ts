import type {
  Notification,
  Payment,
  Player,
  PlayerBadge,
  PlayerBalance,
  PlayerChallenge,
  PlayerFeature,
  PlayerRating,
} from 'nestjs-gamification';

/** What the library knows in GMFY's words. Ids of mechanics are those of the mechanics, not UUIDs ([inferred]). */
export class GmfyViews {
  constructor(private readonly clientId: string) {}

  rating({ userId, ratingId, name, value, metaInfo, position }: PlayerRating) {
    return { userId, clientId: this.clientId, ratingId, name, value, metaInfo, position };
  }

  challenge({ userId, challengeId, name, progress, passedSteps, metaInfo }: PlayerChallenge) {
    const steps = passedSteps.map(({ challengeStepId, order, weight, dateComplete }) => ({
      challengeStepId,
      order,
      weight,
      dateComplete,
    }));
    return { userId, challengeId, clientId: this.clientId, progress, passedSteps: steps, metaInfo, name };
  }

  badge({ userId, badgeId, acquisitionDate, metaInfo, name, description, permanent, count }: PlayerBadge) {
    return {
      userId,
      badgeId,
      clientId: this.clientId,
      acquisitionDate,
      metaInfo,
      name,
      description: description ?? '',
      permanent,
      count,
    };
  }

  feature({ userId, featureId, accessDate, metaInfo, name, description }: PlayerFeature) {
    return {
      userId,
      featureId,
      clientId: this.clientId,
      accessDate,
      metaInfo,
      name,
      description: description ?? '',
    };
  }

  balance({ userId, resourceKey, amount }: PlayerBalance) {
    return { userId, clientId: this.clientId, resourceKey, amount };
  }

  user({ userId, ratings, challenges, badges, features, balances }: Player) {
    return {
      userId,
      clientId: this.clientId,
      userRatings: ratings.map((each) => this.rating(each)),
      userChallenges: challenges.map((each) => this.challenge(each)),
      userBadges: badges.map((each) => this.badge(each)),
      userFeatures: features.map((each) => this.feature(each)),
      userAccountBalances: balances.map((each) => this.balance(each)),
    };
  }

  notification({ userId, message }: Notification) {
    return { userId, clientId: this.clientId, message };
  }

  payment({ id, status, amount, returnUrl, description, locale, expiresIn }: Payment) {
    return {
      id,
      clientId: this.clientId,
      value: Number(amount.value),
      currency: amount.currency,
      returnUrl,
      ...(description === undefined ? {} : { description }),
      status,
      locale,
      expiresIn,
    };
  }
}
