import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';

/** Users who cannot be friends, or friends of a social network that cannot be noted as they are. */
export class InvalidFriendError extends InvalidInputError {
  readonly code = 'FRIEND_INVALID';

  constructor(problems: readonly Problem[]) {
    super('friend', problems);
  }
}

/** The other user has not asked to be a friend. */
export class FriendRequestNotFoundError extends GamificationError {
  readonly code = 'FRIEND_REQUEST_NOT_FOUND';

  constructor(
    readonly userId: string,
    readonly friendId: string,
  ) {
    super(`user ${JSON.stringify(friendId)} has not asked ${JSON.stringify(userId)} to be a friend`);
  }
}

/** A user would have more friends and requests than anybody can have. */
export class TooManyFriendsError extends GamificationError {
  readonly code = 'TOO_MANY_FRIENDS';

  constructor(
    readonly userId: string,
    readonly max: number,
  ) {
    super(`user ${JSON.stringify(userId)} can have at most ${max} friends and requests`);
  }
}

/** Another user was noted under that id of a social network. */
export class SocialIdTakenError extends GamificationError {
  readonly code = 'SOCIAL_ID_TAKEN';

  constructor(
    readonly network: string,
    readonly userId: string,
  ) {
    super(`the id of user ${JSON.stringify(userId)} in ${JSON.stringify(network)} is another user's`);
  }
}
