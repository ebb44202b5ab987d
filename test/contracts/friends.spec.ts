import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  EventTracker,
  eachOf,
  FriendRequestNotFoundError,
  Friends,
  InvalidFriendError,
  InvalidQueryError,
  Leaderboards,
  Players,
  SocialIdTakenError,
  TooManyFriendsError,
} from 'nestjs-gamification';
import { storages } from '../support/storages.js';
import { type EmbeddedUnderTest, openEmbedded } from './embedded.js';

describe.each(storages)('Friends on $name', (kind) => {
  let underTest: EmbeddedUnderTest;
  let friends: Friends;

  beforeEach(async () => {
    underTest = await openEmbedded(kind, {
      mechanics: { ratings: { xp: { name: 'Experience', rules: [{ on: 'win', value: 'event.n' }] } } },
    });
    friends = underTest.apps[0].get(Friends);
  });

  afterEach(() => underTest.close());

  const namesOf = async (userId: string, of: 'friends' | 'received' | 'sent' = 'friends') =>
    (await friends.list({ userId, kind: of })).items.map((friend) => friend.userId);

  it('become friends when one asks and the other accepts', async () => {
    expect(await friends.request('ada', 'bob')).toBe('requested');
    expect(await friends.request('ada', 'bob')).toBe('requested');
    expect([await namesOf('ada', 'sent'), await namesOf('bob', 'received')]).toEqual([['bob'], ['ada']]);
    expect([await namesOf('ada'), await namesOf('bob'), await namesOf('bob', 'sent')]).toEqual([[], [], []]);

    await friends.accept('bob', 'ada');
    await friends.accept('bob', 'ada');

    expect([await namesOf('ada'), await namesOf('bob')]).toEqual([['bob'], ['ada']]);
    expect(await namesOf('bob', 'received')).toEqual([]);
    expect(await friends.request('bob', 'ada')).toBe('friends');
  });

  it('become friends at once when both ask, also at the same moment', async () => {
    const [first, second] = underTest.apps.map((app) => app.get(Friends));
    await Promise.all([first?.request('ada', 'bob'), second?.request('bob', 'ada')]);

    expect([await namesOf('ada'), await namesOf('bob')]).toEqual([['bob'], ['ada']]);
  });

  it('cannot accept what nobody asked, nor what they asked themselves', async () => {
    await friends.request('ada', 'bob');

    await expect(friends.accept('ada', 'bob')).rejects.toThrow(FriendRequestNotFoundError);
    await expect(friends.accept('bob', 'eve')).rejects.toThrow(FriendRequestNotFoundError);
    expect(await namesOf('ada')).toEqual([]);
  });

  it('are no friends any more once one of them ends it', async () => {
    await friends.request('ada', 'bob');
    expect(await friends.remove('bob', 'ada')).toBe(true);
    expect(await friends.remove('bob', 'ada')).toBe(false);
    expect(await namesOf('ada', 'sent')).toEqual([]);
  });

  it('refuse what cannot be', async () => {
    await expect(friends.request('ada', 'ada')).rejects.toThrow(InvalidFriendError);
    await expect(friends.request('ada', '')).rejects.toThrow(InvalidFriendError);
    await expect(friends.list({ userId: 'ada', kind: 'all' as 'sent' })).rejects.toThrow(InvalidQueryError);
    await expect(friends.list({ userId: 'ada', after: 'x' })).rejects.toThrow(InvalidQueryError);
  });

  it('come from a social network, once both are known there', async () => {
    const network = 'facebook';
    const ada = { userId: 'ada', network, socialId: 'fb-1', friends: ['fb-2', 'fb-3'] };
    expect(await friends.import(ada)).toEqual([]);
    expect(await friends.import({ userId: 'bob', network, socialId: 'fb-2', friends: ['fb-1'] })).toEqual([
      'ada',
    ]);
    expect(await friends.import(ada)).toEqual([]);
    // Of another network, the same id is somebody else.
    await friends.import({ userId: 'eve', network: 'twitter', socialId: 'fb-3', friends: ['fb-1'] });

    expect(await namesOf('ada')).toEqual(['bob']);
    await expect(friends.import({ ...ada, userId: 'mallory' })).rejects.toThrow(SocialIdTakenError);
    expect(await namesOf('mallory')).toEqual([]);
    expect(await friends.userOf(network, 'fb-2')).toBe('bob');
    expect(await friends.userOf('twitter', 'fb-2')).toBeUndefined();
    expect(await friends.socialIdsOf(['bob', 'nobody'])).toEqual([
      { userId: 'bob', network, socialId: 'fb-2' },
    ]);
  });

  it('are listed in pages, and have a bound', async () => {
    const network = 'facebook';
    const ids = Array.from({ length: 1_000 }, (_, index) => `u${String(index).padStart(4, '0')}`);
    await Promise.all(
      ids.map((userId) => friends.import({ userId, network, socialId: userId, friends: [] })),
    );
    await friends.import({ userId: 'ada', network, socialId: 'ada', friends: ids });

    const listed: string[] = [];
    for await (const { userId } of eachOf((page) => friends.list({ ...page, userId: 'ada' }), 300)) {
      listed.push(userId);
    }
    expect(listed).toEqual(ids);
    await expect(friends.request('bob', 'ada')).rejects.toThrow(TooManyFriendsError);
    await expect(
      friends.import({ userId: 'bob', network, socialId: 'bob', friends: [...ids, 'ada'] }),
    ).rejects.toThrow(TooManyFriendsError);
  });

  it('have a leaderboard of their own', async () => {
    const tracker = underTest.apps[0].get(EventTracker);
    for (const [userId, n] of [
      ['ada', 1],
      ['bob', 3],
      ['eve', 2],
    ] as const) {
      await tracker.track('win', { userId, traits: { n } });
    }
    await friends.request('ada', 'bob');
    await friends.accept('bob', 'ada');

    const top = await underTest.apps[0].get(Leaderboards).top('xp', { friendsOf: 'ada' });
    expect(top.map(({ userId, position }) => [userId, position])).toEqual([
      ['bob', 1],
      ['ada', 2],
    ]);
    const lonely = await underTest.apps[0].get(Leaderboards).top('xp', { friendsOf: 'eve' });
    expect(lonely.map(({ userId }) => userId)).toEqual(['eve']);
  });

  it('are forgotten with their user', async () => {
    await friends.request('ada', 'bob');
    await friends.accept('bob', 'ada');

    expect(await underTest.apps[0].get(Players).erase('ada')).toBe(true);

    expect(await namesOf('bob')).toEqual([]);
  });
});
