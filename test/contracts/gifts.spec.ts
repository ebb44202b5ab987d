import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  EventTracker,
  eachOf,
  Friends,
  GiftAlreadyAcceptedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  Gifts,
  InvalidGiftError,
  InvalidQueryError,
  ItemNotOwnedError,
  type NewGift,
  NotEnoughFundsError,
  Notifications,
  Wallets,
} from 'nestjs-gamification';
import { storages } from '../support/storages.js';
import { type EmbeddedUnderTest, openEmbedded } from './embedded.js';

const HOUR = 60 * 60 * 1_000;

describe.each(storages)('Gifts on $name', (kind) => {
  let underTest: EmbeddedUnderTest;
  let gifts: Gifts;
  let wallets: Wallets;

  beforeEach(async () => {
    underTest = await openEmbedded(kind, {
      gifts: { requestedMessage: '{from} asks for {item_name}', acceptedMessage: '{from} gave' },
    });
    gifts = underTest.apps[0].get(Gifts);
    wallets = underTest.apps[0].get(Wallets);
    await befriend('ada', 'bob');
    await befriend('ada', 'eve');
  });

  afterEach(() => underTest.close());

  async function befriend(one: string, other: string): Promise<void> {
    const friends = underTest.apps[0].get(Friends);
    await friends.request(one, other);
    await friends.accept(other, one);
  }

  const received = async (userId: string, sort?: 'asc' | 'desc') =>
    (await gifts.list({ userId, ...(sort ? { sort } : {}) })).items;

  const totalOf = async (userId: string) =>
    (await wallets.getWallets({ userIds: [userId] })).items[0]?.total ?? 0;

  const give = (userId: string, amount: number) => wallets.createEntry({ userId, amount, reason: 'test' });

  it('are requested from all friends, with what the application passes along', async () => {
    await underTest.apps[0].get(EventTracker).identify('ada', { firstName: 'Ada', language: 'en' });
    const attributes = { item_id: '1234', item_name: 'item1', constructor: 'x' };
    const id = await gifts.request({ userId: 'ada', attributes });

    const expected = {
      id,
      attributes,
      expiresAt: new Date(underTest.clock.now() + 24 * HOUR),
      from: { userId: 'ada', firstName: 'Ada', language: 'en' },
    };
    expect(await received('bob')).toEqual([expected]);
    expect(await received('eve')).toEqual([expected]);
    expect(await received('ada')).toEqual([]);
    expect(await received('mallory')).toEqual([]);
  });

  it('are told to friends, and to the asker when one is given', async () => {
    const id = await gifts.request({ userId: 'ada', attributes: { item_name: 'tea' } });
    await gifts.reply({ userId: 'bob', requestId: id });

    const told = async (userId: string) =>
      (await underTest.apps[0].get(Notifications).list({ userId })).items.map((each) => [
        each.change,
        each.message,
      ]);
    expect(await told('eve')).toEqual([['gift.requested', 'ada asks for tea']]);
    expect(await told('ada')).toEqual([['gift.accepted', 'bob gave']]);
  });

  it('are listed by expiry in both directions and in pages, expired ones included', async () => {
    const ids: string[] = [];
    for (const expiresIn of [3_600, 60, 86_400, 60])
      ids.push(await gifts.request({ userId: 'ada', expiresIn }));
    underTest.clock.advance(2 * HOUR);
    const ordered = [ids[1], ids[3], ids[0], ids[2]];

    expect((await received('bob')).map(({ id }) => id)).toEqual(ordered);
    expect((await received('bob', 'desc')).map(({ id }) => id)).toEqual(ordered.toReversed());
    const paged: string[] = [];
    for await (const { id } of eachOf((page) => gifts.list({ ...page, userId: 'bob', sort: 'desc' }), 1)) {
      paged.push(id);
    }
    expect(paged).toEqual(ordered.toReversed());
  });

  it('can be accepted or denied by each friend, and are no longer listed for that one', async () => {
    const id = await gifts.request({ userId: 'ada' });
    await gifts.reply({ userId: 'bob', requestId: id, response: 'deny' });
    expect([(await received('bob')).length, (await received('eve')).length]).toEqual([0, 1]);

    // Who has denied may still think better of it, but nobody can take back what was given.
    await gifts.reply({ userId: 'bob', requestId: id });
    await gifts.reply({ userId: 'bob', requestId: id });
    await expect(gifts.reply({ userId: 'bob', requestId: id, response: 'deny' })).rejects.toThrow(
      GiftAlreadyAcceptedError,
    );
  });

  it('cannot be replied to by others, when expired, or when there are none', async () => {
    const requestId = await gifts.request({ userId: 'ada', expiresIn: 60 });
    await expect(gifts.reply({ userId: 'ada', requestId })).rejects.toThrow(GiftRequestNotFoundError);
    await expect(gifts.reply({ userId: 'mallory', requestId })).rejects.toThrow(GiftRequestNotFoundError);
    await expect(gifts.reply({ userId: 'bob', requestId: 'none' })).rejects.toThrow(GiftRequestNotFoundError);
    await underTest.apps[0].get(Friends).remove('eve', 'ada');
    await expect(gifts.reply({ userId: 'eve', requestId })).rejects.toThrow(GiftRequestNotFoundError);
    expect(await received('eve')).toEqual([]);
    underTest.clock.advance(60_000);
    await expect(gifts.reply({ userId: 'bob', requestId })).rejects.toThrow(GiftRequestExpiredError);
  });

  it.each<[string, object]>([
    ['no user', { userId: '' }],
    ['an expiry that is over', { userId: 'ada', expiresIn: 0 }],
    ['attributes that are no texts', { userId: 'ada', attributes: { a: 1 } }],
    ['half a gift', { userId: 'ada', gift: { resource: 'points' } }],
    ['two gifts', { userId: 'ada', gift: { resource: 'points', amount: 1, item: 'tea' } }],
    ['less than nothing', { userId: 'ada', gift: { resource: 'points', amount: -1 } }],
  ])('are refused: %s', async (_, request) => {
    await expect(gifts.request(request as { userId: string })).rejects.toThrow(InvalidGiftError);
    expect(await received('bob')).toEqual([]);
    await expect(gifts.list({ userId: 'bob', limit: 0 })).rejects.toThrow(InvalidQueryError);
  });

  describe('that move', () => {
    const ask = (gift: NewGift) => gifts.request({ userId: 'ada', gift });

    it('take a resource from who accepts to who asked, once however often it is accepted', async () => {
      await give('bob', 10);
      const requestId = await ask({ resource: 'points', amount: 4 });
      expect((await received('bob'))[0]?.gift).toEqual({ resource: 'points', amount: 4 });

      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          underTest.apps[index % 2]?.get(Gifts).reply({ userId: 'bob', requestId }),
        ),
      );

      expect([await totalOf('bob'), await totalOf('ada')]).toEqual([6, 4]);
    });

    it('come from each friend who accepts', async () => {
      await give('bob', 4);
      await give('eve', 4);
      const requestId = await ask({ resource: 'points', amount: 4 });

      await Promise.all([
        gifts.reply({ userId: 'bob', requestId }),
        underTest.apps[1].get(Gifts).reply({ userId: 'eve', requestId }),
      ]);

      expect([await totalOf('bob'), await totalOf('eve'), await totalOf('ada')]).toEqual([0, 0, 8]);
    });

    it('are refused where the giver cannot afford them, and stay open', async () => {
      await give('bob', 3);
      const requestId = await ask({ resource: 'points', amount: 4 });

      await expect(gifts.reply({ userId: 'bob', requestId })).rejects.toThrow(NotEnoughFundsError);

      expect([await totalOf('bob'), await totalOf('ada')]).toEqual([3, 0]);
      expect(await received('bob')).toHaveLength(1);
      await give('bob', 1);
      await gifts.reply({ userId: 'bob', requestId });
      expect(await totalOf('ada')).toBe(4);
    });

    it('take an item, with its data, and only one that is not used', async () => {
      const item = { name: 'tea', data: { sort: 'green' } };
      await wallets.createEntry({ userId: 'bob', amount: 1, reason: 'test', item });
      const first = await ask({ item: 'tea' });
      const second = await ask({ item: 'tea' });

      const replies = await Promise.allSettled([
        gifts.reply({ userId: 'bob', requestId: first }),
        underTest.apps[1].get(Gifts).reply({ userId: 'bob', requestId: second }),
      ]);

      expect(replies.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const refusal = replies.find((reply) => reply.status === 'rejected');
      expect(refusal?.reason).toBeInstanceOf(ItemNotOwnedError);
      const inventory = async (userId: string) =>
        (await wallets.getInventory({ userIds: [userId] })).items.map((each) => each.item);
      expect(await inventory('bob')).toEqual([]);
      expect(await inventory('ada')).toEqual([{ ...item, used: false }]);
    });
  });
});
