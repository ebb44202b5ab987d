import type { Page, PageRequest } from '../page.js';
import type { SocialFriends } from './friend-inputs.js';

/** Another user, as one user's list of friends has them. */
export interface Friend {
  readonly userId: string;
  /** Since when they are friends; of a request, when it was made. */
  readonly since: Date;
}

/** Who a user is in a social network. */
export interface SocialId {
  readonly userId: string;
  readonly network: string;
  readonly socialId: string;
}

/** Whose friends are wanted. */
export interface FriendQuery extends PageRequest {
  readonly userId: string;
  /**
   * - `friends`, the default: who has accepted,
   * - `received`: who asks the user and was not answered,
   * - `sent`: whom the user asks.
   */
  readonly kind?: 'friends' | 'received' | 'sent';
}

/**
 * Who is a friend of whom: always of each other. A user has at most 1,000 friends and requests together.
 *
 * The class is its own injection token: `constructor(private readonly friends: Friends) {}`.
 */
export abstract class Friends {
  /**
   * Asks another user to be a friend. Where the other one has asked already, they are friends at once; where the user has
   * asked before, or they are friends, nothing changes.
   *
   * @throws InvalidFriendError when one of the ids cannot be one, or both are the same
   * @throws TooManyFriendsError
   */
  abstract request(userId: string, friendId: string): Promise<'requested' | 'friends'>;

  /**
   * Accepts the request of another user. Where they are friends already, nothing changes.
   *
   * @throws FriendRequestNotFoundError when the other one has not asked
   */
  abstract accept(userId: string, friendId: string): Promise<void>;

  /** Ends a friendship, denies a request or takes one back. @returns whether there was one */
  abstract remove(userId: string, friendId: string): Promise<boolean>;

  /** Friends or requests of a user, by user id. @throws InvalidQueryError */
  abstract list(query: FriendQuery): Promise<Page<Friend>>;

  /**
   * Notes who a user is in a social network, and makes friends of the user and of those who are friends there, as far as
   * their ids were noted before. Nobody is asked: the ids have to come from the network itself, never from the user.
   *
   * @returns the users who are friends now and were not before
   * @throws InvalidFriendError, TooManyFriendsError
   * @throws SocialIdTakenError when another user was noted under that id
   */
  abstract import(given: SocialFriends): Promise<readonly string[]>;

  /** Who is known under an id of a social network, by {@link import}. @returns nothing where nobody is */
  abstract userOf(network: string, socialId: string): Promise<string | undefined>;

  /** Under which ids of social networks users are known. Unknown users have none. */
  abstract socialIdsOf(userIds: readonly string[]): Promise<readonly SocialId[]>;
}
