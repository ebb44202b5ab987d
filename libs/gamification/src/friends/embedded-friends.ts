import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import { keyOf, limitOf, type Page, pageOf } from '../page.js';
import {
  checkedOr,
  IDENTIFIER_RULE,
  identifierRows,
  inShort,
  isIdentifier,
  needIdentifier,
  needOneOf,
} from '../validation.js';
import { changeFriendship, type Friendship, type FriendshipChange } from './change-friendship.js';
import { SocialFriends } from './friend-inputs.js';
import { friendsFrom } from './friend-rows.js';
import { InvalidFriendError } from './friends.errors.js';
import { type Friend, type FriendQuery, Friends, type SocialId } from './friends.js';
import { importFriends, socialIds, socialUser } from './import-friends.js';

/** {@link Friends} in the library's own database. */
export class EmbeddedFriends extends Friends {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  async request(userId: string, friendId: string): Promise<'requested' | 'friends'> {
    return (await this.change('request', userId, friendId)) === 'friends' ? 'friends' : 'requested';
  }

  async accept(userId: string, friendId: string): Promise<void> {
    await this.change('accept', userId, friendId);
  }

  async remove(userId: string, friendId: string): Promise<boolean> {
    return (await this.change('remove', userId, friendId)) !== 'none';
  }

  async list(query: FriendQuery): Promise<Page<Friend>> {
    const { userId, kind = 'friends' } = query;
    const limit = limitOf(query);
    const after = String(keyOf(query, ['string'])?.[0] ?? '');
    needIdentifier('userId', userId);
    needOneOf('kind', kind, ['friends', 'received', 'sent']);
    const rows = await this.database.read((sql) => friendsFrom(sql, kind, userId, after, limit + 1));
    return pageOf(
      rows,
      limit,
      ({ friend_id, since }) => ({ userId: friend_id, since: new Date(Number(since)) }),
      ({ friend_id }) => [friend_id],
    );
  }

  async import(given: SocialFriends): Promise<readonly string[]> {
    const friends = checkedOr(SocialFriends, given, (problems) => new InvalidFriendError(problems));
    return this.database.write(
      importFriends,
      { ...friends, at: this.clock.now() },
      { keys: [friends.userId] },
    );
  }

  async userOf(network: string, socialId: string): Promise<string | undefined> {
    if (!isIdentifier(network) || !isIdentifier(socialId)) return undefined;
    return this.database.read((sql) => socialUser(sql, network, socialId));
  }

  async socialIdsOf(userIds: readonly string[]): Promise<readonly SocialId[]> {
    return this.database.read((sql) => socialIds(sql, identifierRows(userIds)));
  }

  private async change(
    kind: FriendshipChange['kind'],
    userId: string,
    friendId: string,
  ): Promise<Friendship> {
    needUser('userId', userId);
    needUser('friendId', friendId);
    if (userId === friendId) {
      throw new InvalidFriendError([
        { path: 'friendId', got: inShort(friendId), allowed: 'another user than `userId`' },
      ]);
    }
    const change = { kind, userId, friendId, at: this.clock.now() };
    return this.database.write(changeFriendship, change, { keys: [userId, friendId].sort() });
  }
}

function needUser(path: string, id: unknown): void {
  if (isIdentifier(id)) return;
  throw new InvalidFriendError([{ path, got: inShort(id), allowed: IDENTIFIER_RULE }]);
}
