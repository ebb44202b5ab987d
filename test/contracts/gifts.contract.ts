import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import {
  EventTracker,
  eachOf,
  Friends,
  GamificationError,
  GiftAlreadyAcceptedError,
  GiftProfileNotFoundError,
  GiftRefusedError,
  GiftRequestExpiredError,
  GiftRequestNotFoundError,
  type Gifts,
  InvalidGiftError,
  InvalidQueryError,
  ItemNotOwnedError,
  type NewGift,
  NotEnoughFundsError,
  Notifications,
  Wallets,
} from 'nestjs-gamification';
import type { TestClock } from '../support/application.js';
import { failureOf } from '../support/failure-of.js';

const HOUR = 60 * 60 * 1_000;
const BRACKETS = ['item[id]', 'items[]', 'items[0]', 'item[id]s', '[item]'];

/** An implementation of `Gifts` under test, without users. */
export interface GiftsUnderTest {
  /** Two callers, of two instances where there can be two. */
  readonly gifts: readonly [Gifts, Gifts];
  readonly clock: TestClock;
  /** The application that has the friends, wallets and notifications of who gives; of a remote system, the one behind it. */
  readonly home: INestApplicationContext;
  /** What a user of `gifts` is called there. */
  atHome(userId: string): string;
  /** Makes a user known who has no friends. */
  join(userId: string): Promise<void>;
  /** Makes users known, and friends. */
  befriend(userId: string, friendId: string): Promise<void>;
  /**
   * Asks for a gift that moves, in the application at `home` where the implementation has no place for one.
   *
   * @returns the request's id, as `gifts` knows it
   */
  requestMoving(userId: string, gift: NewGift): Promise<string>;
  close(): Promise<void>;
}

/** What an implementation may be unable to do, and what it does in its place. This is all that they may differ in. */
const FEATURES = {
  /** Without it, a request that names a gift is refused, and nobody is asked. */
  moving: async ([gifts]: readonly [Gifts, Gifts]): Promise<void> => {
    const request = { userId: 'ada', gift: { resource: 'points', amount: 1 } };
    await expect(gifts.request(request)).rejects.toThrow(InvalidGiftError);
    expect((await gifts.list({ userId: 'bob' })).items).toEqual([]);
  },
  /** Without it, who was never seen cannot do anything. */
  strangers: async ([gifts]: readonly [Gifts, Gifts]): Promise<void> => {
    const requestId = await gifts.request({ userId: 'ada' });
    for (const call of [
      () => gifts.request({ userId: 'stranger' }),
      () => gifts.list({ userId: 'stranger' }),
      () => gifts.reply({ userId: 'stranger', requestId }),
    ]) {
      await expect(call()).rejects.toThrow(GiftProfileNotFoundError);
    }
  },
  /** Without it, brackets in the name of an attribute are refused, and nobody is asked. */
  brackets: async ([gifts]: readonly [Gifts, Gifts]): Promise<void> => {
    for (const name of BRACKETS) {
      const request = { userId: 'ada', attributes: { [name]: 'x' } };
      await expect(gifts.request(request)).rejects.toThrow(GamificationError);
    }
    expect((await gifts.list({ userId: 'bob' })).items).toEqual([]);
  },
};

type Feature = keyof typeof FEATURES | 'ownErrors';

/**
 * What every implementation of `Gifts` does.
 *
 * @param cannot what this one is unable to do: its tests are replaced by tests of what comes in its place. Without
 *   `ownErrors`, what would have an error of its own is a `GiftRefusedError`, whose code is that error's, behind `E_`.
 */
export function describeGifts(
  name: string,
  open: () => Promise<GiftsUnderTest>,
  { cannot = [] }: { readonly cannot?: readonly Feature[] } = {},
): void {
  describe(`Gifts on ${name}`, () => {
    let underTest: GiftsUnderTest;
    let gifts: Gifts;

    const can = (feature: Feature): boolean => !cannot.includes(feature);

    /** A test of what needs a feature. Where it is missing, a test of what comes in its place. */
    function itNeeds(feature: keyof typeof FEATURES, what: string, test: () => Promise<void>): void {
      if (can(feature)) it(what, test);
      else it(`${what}: cannot, it has no ${feature}`, () => FEATURES[feature](underTest.gifts));
    }

    beforeEach(async () => {
      underTest = await open();
      [gifts] = underTest.gifts;
      await underTest.join('mallory');
      await underTest.befriend('ada', 'bob');
      await underTest.befriend('ada', 'eve');
    });

    afterEach(() => underTest.close());

    const received = async (userId: string, sort?: 'asc' | 'desc') =>
      (await gifts.list({ userId, ...(sort ? { sort } : {}) })).items;

    /** What users were told, as the changes that they were told of. */
    const told = async (userId: string) => {
      const list = underTest.home.get(Notifications).list({ userId: underTest.atHome(userId) });
      return (await list).items.map(({ change }) => change);
    };

    it('are requested from all friends, with what the application passes along', async () => {
      const traits = { firstName: 'Ada', lastName: 'Ames', language: 'en' };
      await underTest.home.get(EventTracker).identify(underTest.atHome('ada'), traits);
      const attributes = { item_id: '1234', item_name: 'item1', constructor: 'x' };
      const id = await gifts.request({ userId: 'ada', attributes });

      const expected = {
        id,
        attributes,
        expiresAt: new Date(underTest.clock.now() + 24 * HOUR),
        from: { userId: 'ada', ...traits },
      };
      expect(await received('bob')).toEqual([expected]);
      expect(await received('eve')).toEqual([expected]);
      expect(await received('ada')).toEqual([]);
      expect(await received('mallory')).toEqual([]);
    });

    it('keep attributes as they are, whatever is in them', async () => {
      const attributes = {
        'a name': 'a+b&c=d%20',
        'x.y': '',
        ключ: 'Grüße 🎁',
        lines: 'one\r\ntwo\n',
        'custom:a': 'custom:b',
        secret_key: 'mine',
        expiry: '1',
        long: 'x'.repeat(1_000),
        ...Object.fromEntries(Array.from({ length: 42 }, (_, index) => [`n${index}`, `${index}`])),
      };
      await gifts.request({ userId: 'ada', attributes });

      const [request] = await received('bob');
      expect(request?.attributes).toEqual(attributes);
      expect(Object.keys(attributes)).toHaveLength(50);
    });

    itNeeds('brackets', 'keep brackets in the names of attributes', async () => {
      const attributes = Object.fromEntries(BRACKETS.map((name) => [name, name]));
      await gifts.request({ userId: 'ada', attributes });
      expect((await received('bob'))[0]?.attributes).toEqual(attributes);
    });

    it('are among users with any ids', async () => {
      const asker = 'ü /?#%41&';
      await underTest.befriend('bob', asker);
      const requestId = await gifts.request({ userId: asker });

      expect(await received('bob')).toMatchObject([{ id: requestId, from: { userId: asker } }]);
      await gifts.reply({ userId: 'bob', requestId });
      expect(await told(asker)).toEqual(['gift.accepted']);
    });

    it('are told to friends, and to the asker when one is given', async () => {
      const requestId = await gifts.request({ userId: 'ada' });
      await gifts.reply({ userId: 'bob', requestId });
      await gifts.reply({ userId: 'eve', requestId, response: 'deny' });

      expect(await told('eve')).toEqual(['gift.requested']);
      expect(await told('ada')).toEqual(['gift.accepted']);
      expect(await told('mallory')).toEqual([]);
    });

    it('are listed by expiry in both directions and in pages, expired ones included', async () => {
      const ids: string[] = [];
      for (const expiresIn of [3_600, 60, 86_400, 60])
        ids.push(await gifts.request({ userId: 'ada', expiresIn }));
      underTest.clock.advance(2 * HOUR);
      const ordered = [ids[1], ids[3], ids[0], ids[2]];

      expect((await received('bob')).map(({ id }) => id)).toEqual(ordered);
      expect((await received('bob', 'desc')).map(({ id }) => id)).toEqual(ordered.toReversed());
      for (const limit of [1, 2, 3, 4]) {
        const paged: string[] = [];
        const pages = eachOf((page) => gifts.list({ ...page, userId: 'bob', sort: 'desc' }), limit);
        for await (const { id } of pages) paged.push(id);
        expect(paged).toEqual(ordered.toReversed());
      }
    });

    it('can be accepted or denied by each friend, and are no longer listed for that one', async () => {
      const id = await gifts.request({ userId: 'ada' });
      await gifts.reply({ userId: 'bob', requestId: id, response: 'deny' });
      expect([(await received('bob')).length, (await received('eve')).length]).toEqual([0, 1]);

      // Who has denied may still think better of it, but nobody can take back what was given.
      await gifts.reply({ userId: 'bob', requestId: id, attributes: { with: 'love' } });
      await gifts.reply({ userId: 'bob', requestId: id });
      await expectRefusal(
        gifts.reply({ userId: 'bob', requestId: id, response: 'deny' }),
        GiftAlreadyAcceptedError,
        'E_GIFT_ALREADY_ACCEPTED',
      );
      expect(await told('ada')).toEqual(['gift.accepted']);
    });

    it('are accepted once, however often and wherever at once', async () => {
      const requestId = await gifts.request({ userId: 'ada' });

      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          underTest.gifts[index % 2]?.reply({ userId: 'bob', requestId }),
        ),
      );

      expect(await told('ada')).toEqual(['gift.accepted']);
      expect([(await received('bob')).length, (await received('eve')).length]).toEqual([0, 1]);
    });

    it('are all there when many are requested at once', async () => {
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, index) => underTest.gifts[index % 2]?.request({ userId: 'ada' })),
      );

      expect(new Set(ids).size).toBe(20);
      expect(new Set((await received('bob')).map(({ id }) => id))).toEqual(new Set(ids));
    });

    it('cannot be replied to by others, when expired, or when there are none', async () => {
      const requestId = await gifts.request({ userId: 'ada', expiresIn: 60 });
      await expect(gifts.reply({ userId: 'ada', requestId })).rejects.toThrow(GiftRequestNotFoundError);
      await expect(gifts.reply({ userId: 'mallory', requestId })).rejects.toThrow(GiftRequestNotFoundError);
      for (const none of ['none', '0'.repeat(32), 'ü /?#%', '-', requestId.toUpperCase().slice(1)]) {
        const failure = await failureOf(gifts.reply({ userId: 'bob', requestId: none }));
        expect(failure).toBeInstanceOf(GiftRequestNotFoundError);
        expect(failure).toMatchObject({ requestId: none });
      }
      const [eve, ada] = [underTest.atHome('eve'), underTest.atHome('ada')];
      await underTest.home.get(Friends).remove(eve, ada);
      await expect(gifts.reply({ userId: 'eve', requestId })).rejects.toThrow(GiftRequestNotFoundError);
      expect(await received('eve')).toEqual([]);
      underTest.clock.advance(60_000);
      await expect(gifts.reply({ userId: 'bob', requestId })).rejects.toThrow(GiftRequestExpiredError);
      expect(await told('ada')).toEqual([]);
    });

    it('are refused when they are not as they must be', async () => {
      for (const wrong of [
        { userId: '' },
        { expiresIn: 0 },
        { expiresIn: 31_536_001 },
        { attributes: { a: 1 as unknown as string } },
        { gift: { resource: 'points' } },
        { gift: { resource: 'points', amount: 1, item: 'tea' } },
        { gift: { resource: 'points', amount: -1 } },
      ]) {
        await expect(gifts.request({ userId: 'ada', ...wrong })).rejects.toThrow(InvalidGiftError);
      }
      expect(await received('bob')).toEqual([]);
      for (const wrong of [
        { userId: '' },
        { limit: 0 },
        { limit: 1_001 },
        { after: 'x' },
        { sort: 'up' as 'asc' },
      ]) {
        await expect(gifts.list({ userId: 'bob', ...wrong })).rejects.toThrow(InvalidQueryError);
      }
    });

    it('are not replied to in other words', async () => {
      const requestId = await gifts.request({ userId: 'ada' });
      for (const wrong of [{ response: 'later' as 'deny' }, { requestId: '' }, { userId: '' }]) {
        await expect(gifts.reply({ userId: 'bob', requestId, ...wrong })).rejects.toThrow(InvalidGiftError);
      }
      expect(await received('bob')).toHaveLength(1);
    });

    itNeeds('strangers', 'can be asked for by anybody, who may have no friends yet', async () => {
      const requestId = await gifts.request({ userId: 'stranger' });
      expect(await received('stranger')).toEqual([]);
      await expect(gifts.reply({ userId: 'stranger', requestId })).rejects.toThrow(GiftRequestNotFoundError);
    });

    describe('that move', () => {
      const ask = (gift: NewGift) => underTest.requestMoving('ada', gift);

      const give = (userId: string, amount: number) =>
        underTest.home.get(Wallets).createEntry({ userId: underTest.atHome(userId), amount, reason: 'test' });

      const totalOf = async (userId: string) => {
        const wallets = underTest.home.get(Wallets).getWallets({ userIds: [underTest.atHome(userId)] });
        return (await wallets).items[0]?.total ?? 0;
      };

      itNeeds('moving', 'say what they are', async () => {
        const gift = { resource: 'points', amount: 4 };
        await gifts.request({ userId: 'ada', gift });
        await gifts.request({ userId: 'ada', gift: { item: 'tea' }, expiresIn: 60 });
        expect(await received('bob')).toMatchObject([{ gift: { item: 'tea' } }, { gift }]);
      });

      it('take a resource from who accepts to who asked, once however often it is accepted', async () => {
        await give('bob', 10);
        const requestId = await ask({ resource: 'points', amount: 4 });
        expect((await received('bob')).map(({ id }) => id)).toEqual([requestId]);

        await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            underTest.gifts[index % 2]?.reply({ userId: 'bob', requestId }),
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
          underTest.gifts[1].reply({ userId: 'eve', requestId }),
        ]);

        expect([await totalOf('bob'), await totalOf('eve'), await totalOf('ada')]).toEqual([0, 0, 8]);
      });

      it('stay where they are when they are denied', async () => {
        await give('bob', 4);
        const requestId = await ask({ resource: 'points', amount: 4 });
        await gifts.reply({ userId: 'bob', requestId, response: 'deny' });
        expect([await totalOf('bob'), await totalOf('ada')]).toEqual([4, 0]);
      });

      it('are refused where the giver cannot afford them, and stay open', async () => {
        await give('bob', 3);
        const requestId = await ask({ resource: 'points', amount: 4 });

        await expectRefusal(
          gifts.reply({ userId: 'bob', requestId }),
          NotEnoughFundsError,
          'E_NOT_ENOUGH_FUNDS',
        );

        expect([await totalOf('bob'), await totalOf('ada')]).toEqual([3, 0]);
        expect(await received('bob')).toHaveLength(1);
        await give('bob', 1);
        await gifts.reply({ userId: 'bob', requestId });
        expect(await totalOf('ada')).toBe(4);
      });

      it('take an item, with its data, and only one that is not used', async () => {
        const item = { name: 'tea', data: { sort: 'green' } };
        const wallets = underTest.home.get(Wallets);
        const [bob, ada] = [underTest.atHome('bob'), underTest.atHome('ada')];
        await wallets.createEntry({ userId: bob, amount: 1, reason: 'test', item });
        const first = await ask({ item: 'tea' });
        const second = await ask({ item: 'tea' });

        const replies = await Promise.allSettled([
          gifts.reply({ userId: 'bob', requestId: first }),
          underTest.gifts[1].reply({ userId: 'bob', requestId: second }),
        ]);

        expect(replies.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        const refusal = replies.find((reply) => reply.status === 'rejected');
        await expectRefusal(Promise.reject(refusal?.reason), ItemNotOwnedError, 'E_ITEM_NOT_OWNED');
        const inventory = async (userId: string) =>
          (await wallets.getInventory({ userIds: [userId] })).items.map((each) => each.item);
        expect(await inventory(bob)).toEqual([]);
        expect(await inventory(ada)).toEqual([{ ...item, used: false }]);
      });
    });

    async function expectRefusal(
      call: Promise<unknown>,
      error: abstract new (...args: never[]) => Error,
      code: string,
    ): Promise<void> {
      const failure = await failureOf(call);
      if (can('ownErrors')) expect(failure).toBeInstanceOf(error);
      else {
        expect(failure).toBeInstanceOf(GiftRefusedError);
        expect(failure).toMatchObject({ code });
      }
    }
  });
}
