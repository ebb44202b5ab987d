import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BalanceOutOfRangeError,
  type Entry,
  EntryNotFoundError,
  GamificationError,
  IdempotencyConflictError,
  InvalidEntryError,
  InvalidQueryError,
  InvalidRemoteResponseError,
  ItemAlreadyUsedError,
  type NewEntry,
  NotEnoughFundsError,
  type Page,
  type PageRequest,
  type Wallets,
  type WalletTotal,
} from 'nestjs-gamification';

/** An implementation of `Wallets` under test, empty. */
export interface WalletsUnderTest {
  readonly wallets: Wallets;
  /** Who `wallets` writes as unless told. */
  readonly authorityId: string;
  /** Another authority of the same wallets. */
  readonly shop: { readonly authorityId: string; createEntry(entry: NewEntry): Promise<Entry> };
  close(): Promise<void>;
}

/**
 * What an implementation may be unable to do, and what it does in its place: most often it refuses, and writes nothing.
 * This is all that implementations may differ in.
 */
const FEATURES = {
  currencies: refusal('resource', (wallets) => wallets.createEntry({ ...ENTRY, resource: 'coins' })),
  idempotencyKeys: refusal('idempotencyKey', (wallets) =>
    wallets.createEntry({ ...ENTRY, idempotencyKey: 'k' }),
  ),
  writingAsAnother: refusal('authorityId', (wallets) =>
    wallets.createEntry({ ...ENTRY, authorityId: 'another' }),
  ),
  transfers: refusal('transfer', (wallets) =>
    wallets.transfer({ from: 'alice', to: 'bob', amount: 1, reason: 'gift' }),
  ),
  history: refusal('entries', (wallets) => wallets.entries({ userId: 'alice' })),
  anyData: async (wallets: Wallets): Promise<void> => {
    for (const data of ['text', [1], { a: null }, { deep: { list: [1] } }]) {
      const item = { name: 'x', data };
      await refusal('item.data', () => wallets.createEntry({ ...ENTRY, item }))(wallets);
    }
  },
  /** Without it, a total that is no safe integer comes about, and is an error wherever it is read. */
  safeTotals: async (wallets: Wallets): Promise<void> => {
    await wallets.createEntry({ ...ENTRY, amount: Number.MAX_SAFE_INTEGER });
    await wallets.createEntry(ENTRY);

    await expect(wallets.getWallets()).rejects.toThrow(InvalidRemoteResponseError);
  },
  /** Without it, such a total is refused in other words. */
  rangeErrors: async (wallets: Wallets): Promise<void> => {
    await wallets.createEntry({ ...ENTRY, amount: Number.MAX_SAFE_INTEGER });
    await expect(wallets.createEntry(ENTRY)).rejects.toThrow(GamificationError);
    const { items } = await wallets.getWallets({ userIds: [ENTRY.userId] });
    expect(items).toMatchObject([{ total: Number.MAX_SAFE_INTEGER }]);
  },
  /** Without it, an item is used at least once by all who try at once, and by nobody after them. */
  exclusiveUse: async (wallets: Wallets): Promise<void> => {
    const { entryId } = await wallets.createEntry({ ...ENTRY, item: { name: 'Voucher' } });

    const results = await Promise.allSettled(Array.from({ length: 10 }, () => wallets.useItem(entryId)));

    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
    await expect(wallets.useItem(entryId)).rejects.toThrow(ItemAlreadyUsedError);
  },
};

type Feature = keyof typeof FEATURES;

const ENTRY = { userId: 'alice', amount: 1, reason: 'test' };

/** @param field what the refusal names */
function refusal(field: string, call: (wallets: Wallets) => Promise<unknown>) {
  return async (wallets: Wallets): Promise<void> => {
    await expect(call(wallets)).rejects.toMatchObject({ code: 'NOT_SUPPORTED', field });
    expect((await wallets.getWallets()).items).toEqual([]);
  };
}

/**
 * What every implementation of `Wallets` does.
 *
 * @param cannot what this one is unable to do: its tests are replaced by tests of what comes in its place
 */
export function describeWallets(
  name: string,
  open: () => Promise<WalletsUnderTest>,
  { cannot = [] }: { readonly cannot?: readonly Feature[] } = {},
): void {
  describe(`Wallets on ${name}`, () => {
    let underTest: WalletsUnderTest;
    let wallets: Wallets;

    const can = (feature: Feature): boolean => !cannot.includes(feature);

    /** A test of what needs features. Where one is missing, a test of what comes in its place. */
    function itNeeds(features: readonly Feature[], what: string, test: () => Promise<void>): void {
      const missing = features.find((feature) => !can(feature));
      if (missing === undefined) it(what, test);
      else it(`${what}: cannot, it has no ${missing}`, () => FEATURES[missing](wallets));
    }

    beforeEach(async () => {
      underTest = await open();
      wallets = underTest.wallets;
    });

    afterEach(() => underTest.close());

    const earn = (userId: string, amount: number, more: Partial<NewEntry> = {}): Promise<Entry> =>
      wallets.createEntry({ userId, amount, reason: 'test', ...more });

    /** What another authority writes. */
    const shop = (userId: string, amount: number, more: Partial<NewEntry> = {}): Promise<Entry> =>
      underTest.shop.createEntry({ userId, amount, reason: 'test', ...more });

    const totalOf = async (userId: string, resource = 'points'): Promise<number | undefined> => {
      const { items } = await wallets.getWallets({ userIds: [userId], resources: [resource] });
      return items[0]?.total;
    };

    describe('createEntry', () => {
      it('adds to a wallet and answers the entry', async () => {
        const entry = await earn('alice', 1000, { reason: 'payday' });

        expect(entry).toEqual({
          entryId: expect.any(String),
          authorityId: underTest.authorityId,
          userId: 'alice',
          resource: 'points',
          createdOn: expect.any(Date),
          amount: 1000,
          reason: 'payday',
        });
        expect(await totalOf('alice')).toBe(1000);
      });

      it('takes from a wallet down to nothing', async () => {
        await earn('alice', 100);
        await earn('alice', -100);

        expect(await totalOf('alice')).toBe(0);
      });

      it('refuses to take more than there is, says how much is missing, and writes nothing', async () => {
        await earn('alice', 100);

        const refusal = earn('alice', -101, { item: { name: 'Sunglasses' } });

        await expect(refusal).rejects.toThrow(NotEnoughFundsError);
        await expect(refusal).rejects.toMatchObject({ userId: 'alice', needed: 101, available: 100 });
        expect(await totalOf('alice')).toBe(100);
        expect((await wallets.getInventory({ used: 'any' })).items).toEqual([]);
        if (can('history')) expect((await wallets.entries({ userId: 'alice' })).items).toHaveLength(1);
      });

      it('refuses to take from a user it does not know, and makes no wallet', async () => {
        await expect(earn('nobody', -1)).rejects.toMatchObject({ needed: 1, available: 0 });
        expect((await wallets.getWallets()).items).toEqual([]);
      });

      itNeeds(['currencies'], 'keeps currencies apart', async () => {
        await earn('alice', 5);
        await earn('alice', 7, { resource: 'coins' });

        await expect(earn('alice', -6)).rejects.toThrow(NotEnoughFundsError);
        expect((await wallets.getWallets({ userIds: ['alice'] })).items).toEqual([
          { userId: 'alice', resource: 'coins', total: 7 },
          { userId: 'alice', resource: 'points', total: 5 },
        ]);
      });

      it('gives an item with data', async () => {
        const data = { id: '001122', deep: { text: 'ünï', number: 1.5, yes: true } };
        const entry = await earn('alice', 1, { item: { name: 'Cool Shades', data } });

        expect(entry.item).toEqual({ name: 'Cool Shades', used: false, data });
        expect((await wallets.getInventory()).items).toEqual([
          { entryId: entry.entryId, authorityId: underTest.authorityId, userId: 'alice', item: entry.item },
        ]);
      });

      itNeeds(['anyData'], 'gives an item with any data that JSON can hold', async () => {
        for (const data of [{ sizes: [1, 2], deep: { none: null } }, 'text', 7, [null]]) {
          const { item } = await earn('alice', 1, { item: { name: 'Cool Shades', data } });
          expect(item).toEqual({ name: 'Cool Shades', used: false, data });
        }
        expect((await wallets.getInventory()).items.map(({ item }) => item.data)).toEqual([
          { sizes: [1, 2], deep: { none: null } },
          'text',
          7,
          [null],
        ]);
      });

      it.each([
        ['userId', { userId: '' }],
        ['userId', { userId: 'a\0b' }],
        ['amount', { amount: 0.5 }],
        ['amount', { amount: Number.NaN }],
        ['amount', { amount: 2 ** 53 }],
        ['reason', { reason: '' }],
        ['resource', { resource: '' }],
        ['item.name', { item: { name: '' } }],
        ['item.data', { item: { name: 'x', data: 1n } }],
        ['item', { item: [{}] }],
        ['item', { item: [] }],
        ['idempotencyKey', { idempotencyKey: '' }],
        ['extra', { extra: 1 }],
      ])('refuses a wrong %s, naming it: %p', async (path, wrong) => {
        const refusal = earn('alice', 1, wrong as Partial<NewEntry>);

        await expect(refusal).rejects.toThrow(InvalidEntryError);
        await expect(refusal).rejects.toMatchObject({ problems: [expect.objectContaining({ path })] });
        expect((await wallets.getWallets()).items).toEqual([]);
      });

      it.each([undefined, null, 'alice', [], 7])('refuses %p for an entry', async (given) => {
        const nothing = given as unknown as NewEntry;
        await expect(wallets.createEntry(nothing)).rejects.toThrow(InvalidEntryError);
      });

      it('takes null for what may be left out, as JSON has it', async () => {
        const optional = { resource: null, authorityId: null, idempotencyKey: null, item: null };
        const entry = await earn('alice', 1, optional as unknown as Partial<NewEntry>);

        expect(entry).toMatchObject({ resource: 'points', authorityId: underTest.authorityId });
      });

      it('keeps the data of an item as JSON has it, whatever made it', async () => {
        class Size {
          readonly #size = 5;
          toJSON() {
            return { size: this.#size };
          }
        }
        const { item } = await earn('alice', 1, {
          item: { name: 'x', data: { shoe: new Size(), deep: { constructor: 'c' }, left: undefined } },
        });

        expect(item?.data).toEqual({ shoe: { size: 5 }, deep: { constructor: 'c' } });
      });

      itNeeds(
        ['safeTotals', 'rangeErrors'],
        'refuses a total that would no longer be a safe integer',
        async () => {
          await earn('alice', Number.MAX_SAFE_INTEGER);

          await expect(earn('alice', 1)).rejects.toThrow(BalanceOutOfRangeError);
          expect(await totalOf('alice')).toBe(Number.MAX_SAFE_INTEGER);
        },
      );

      itNeeds(
        ['safeTotals', 'rangeErrors'],
        'refuses a total of one authority that would no longer be a safe integer',
        async () => {
          await earn('alice', Number.MAX_SAFE_INTEGER);
          await shop('alice', -Number.MAX_SAFE_INTEGER);

          await expect(earn('alice', Number.MAX_SAFE_INTEGER)).rejects.toThrow(BalanceOutOfRangeError);
          expect(await totalOf('alice')).toBe(0);
        },
      );

      it('never goes below zero, whoever asks at once', async () => {
        await earn('alice', 10);

        const results = await Promise.allSettled(Array.from({ length: 25 }, () => earn('alice', -1)));

        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
        expect(await totalOf('alice')).toBe(0);
      });

      it('lets one refused entry fail alone among many', async () => {
        const results = await Promise.allSettled([earn('alice', 1), earn('bob', -1), earn('carol', 1)]);

        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      });
    });

    itNeeds(['writingAsAnother'], 'writes as another authority where an entry says so', async () => {
      const entry = await earn('alice', 1, { authorityId: 'another' });

      expect(entry.authorityId).toBe('another');
    });

    describe('an idempotency key', () => {
      itNeeds(['idempotencyKeys'], 'makes a repeat answer the first entry', async () => {
        const first = await earn('alice', 5, { idempotencyKey: 'order-1' });
        const second = await earn('alice', 5, { idempotencyKey: 'order-1', reason: 'again' });

        expect(second).toEqual(first);
        expect(await totalOf('alice')).toBe(5);
      });

      itNeeds(['idempotencyKeys'], 'counts once when used many times at once', async () => {
        const entries = await Promise.all(
          Array.from({ length: 20 }, () => earn('alice', 5, { idempotencyKey: 'order-1' })),
        );

        expect(new Set(entries.map(({ entryId }) => entryId)).size).toBe(1);
        expect(await totalOf('alice')).toBe(5);
      });

      for (const [differing, change] of [
        ['user', { userId: 'bob' }],
        ['amount', { amount: 6 }],
        ['resource', { resource: 'coins' }],
      ] as const) {
        itNeeds(['idempotencyKeys', 'currencies'], `is refused with another ${differing}`, async () => {
          await earn('alice', 5, { idempotencyKey: 'order-1' });

          const conflict = earn('alice', 5, { idempotencyKey: 'order-1', ...change });

          await expect(conflict).rejects.toThrow(IdempotencyConflictError);
          await expect(conflict).rejects.toMatchObject({ differing: [differing] });
        });
      }

      itNeeds(
        ['idempotencyKeys'],
        'is refused for another user at the same time, and one of them wins',
        async () => {
          const results = await Promise.allSettled(
            ['alice', 'bob'].map((userId) => earn(userId, 5, { idempotencyKey: 'order-1' })),
          );

          expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
          expect((await wallets.getWallets()).items).toHaveLength(1);
        },
      );

      itNeeds(['idempotencyKeys'], 'of a refused entry can be used again', async () => {
        await expect(earn('alice', -5, { idempotencyKey: 'k' })).rejects.toThrow(NotEnoughFundsError);
        await earn('alice', 5);

        await earn('alice', -5, { idempotencyKey: 'k' });

        expect(await totalOf('alice')).toBe(0);
      });

      itNeeds(['idempotencyKeys', 'transfers'], 'of a transfer is refused for an entry', async () => {
        await earn('alice', 5);
        await wallets.transfer({ from: 'alice', to: 'bob', amount: 5, reason: 'gift', idempotencyKey: 'k' });

        await expect(earn('alice', -5, { idempotencyKey: 'k' })).rejects.toMatchObject({
          differing: ['kind of write'],
        });
      });
    });

    describe('transfer', () => {
      const transfer = (amount: number, more: { idempotencyKey?: string; resource?: string } = {}) =>
        wallets.transfer({ from: 'alice', to: 'bob', amount, reason: 'gift', ...more });

      itNeeds(['transfers'], 'moves an amount and answers both entries', async () => {
        await earn('alice', 10);

        const { debit, credit } = await transfer(4);

        expect(debit).toMatchObject({ userId: 'alice', amount: -4, transferId: expect.any(String) });
        expect(credit).toMatchObject({ userId: 'bob', amount: 4, transferId: debit.transferId });
        expect([await totalOf('alice'), await totalOf('bob')]).toEqual([6, 4]);
      });

      itNeeds(['transfers'], 'writes neither entry when the giver has too little', async () => {
        await earn('alice', 3);

        await expect(transfer(4)).rejects.toThrow(NotEnoughFundsError);
        expect((await wallets.getWallets()).items).toEqual([
          { userId: 'alice', resource: 'points', total: 3 },
        ]);
      });

      itNeeds(['transfers'], 'writes neither entry when the receiver has too much', async () => {
        await earn('alice', 1);
        await earn('bob', Number.MAX_SAFE_INTEGER);

        await expect(transfer(1)).rejects.toThrow(BalanceOutOfRangeError);
        expect(await totalOf('alice')).toBe(1);
      });

      itNeeds(['transfers', 'idempotencyKeys'], 'with a known key answers the first', async () => {
        await earn('alice', 10);

        const first = await transfer(4, { idempotencyKey: 'k' });
        const second = await transfer(4, { idempotencyKey: 'k' });

        expect(second).toEqual(first);
        expect(await totalOf('alice')).toBe(6);
      });

      itNeeds(['transfers'], 'is refused to oneself and for nothing', async () => {
        await expect(wallets.transfer({ from: 'a', to: 'a', amount: 1, reason: 'x' })).rejects.toMatchObject({
          problems: [expect.objectContaining({ path: 'to' })],
        });
        await expect(transfer(-1)).rejects.toMatchObject({
          problems: [expect.objectContaining({ path: 'amount' })],
        });
      });

      itNeeds(['transfers'], 'in circles at once neither blocks nor changes the sum', async () => {
        const users = ['alice', 'bob', 'carol'];
        await Promise.all(users.map((userId) => earn(userId, 100)));

        await Promise.all(
          Array.from({ length: 60 }, (_, index) =>
            wallets.transfer({
              from: users[index % 3] ?? '',
              to: users[(index + 1 + (index % 2)) % 3] ?? '',
              amount: 1,
              reason: 'circle',
            }),
          ),
        );

        const { items } = await wallets.getWallets();
        expect(items.reduce((sum, { total }) => sum + total, 0)).toBe(300);
      });
    });

    describe('useItem', () => {
      it('uses an item once', async () => {
        const { entryId } = await earn('alice', 1, { item: { name: 'Voucher', data: { percent: 10 } } });

        const used = await wallets.useItem(entryId);

        expect(used).toMatchObject({
          entryId,
          amount: 1,
          item: { name: 'Voucher', used: true, data: { percent: 10 } },
        });
        await expect(wallets.useItem(entryId)).rejects.toThrow(ItemAlreadyUsedError);
      });

      itNeeds(['exclusiveUse'], 'uses it once for all who try at once', async () => {
        const { entryId } = await earn('alice', 1, { item: { name: 'Voucher' } });

        const results = await Promise.allSettled(Array.from({ length: 10 }, () => wallets.useItem(entryId)));

        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });

      it('refuses an unknown entry, one without an item, and what cannot be an id', async () => {
        const { entryId } = await earn('alice', 1);

        await expect(wallets.useItem('00000000-0000-7000-8000-000000000000')).rejects.toThrow(
          EntryNotFoundError,
        );
        await expect(wallets.useItem(entryId)).rejects.toThrow(EntryNotFoundError);
        await expect(wallets.useItem('')).rejects.toThrow(EntryNotFoundError);
        await expect(wallets.useItem('a\0b')).rejects.toThrow(EntryNotFoundError);
      });
    });

    describe('getWallets', () => {
      it('restricts to users, and sums only what the named authorities wrote', async () => {
        await earn('alice', 10);
        await shop('alice', 5);
        await shop('alice', -8);
        await shop('bob', 1);
        const authorityIds = [underTest.shop.authorityId];

        expect((await wallets.getWallets({ userIds: ['alice', 'ghost'] })).items).toEqual([
          { userId: 'alice', resource: 'points', total: 7 },
        ]);
        expect((await wallets.getWallets({ authorityIds })).items).toEqual([
          { userId: 'alice', resource: 'points', total: -3 },
          { userId: 'bob', resource: 'points', total: 1 },
        ]);
        expect((await wallets.getWallets({ userIds: [] })).items).toEqual([]);
        expect((await wallets.getWallets({ authorityIds: [] })).items).toEqual([]);
        expect((await wallets.getWallets({ resources: ['no such'] })).items).toEqual([]);
      });

      it('goes through all of them page by page, in one order', async () => {
        const users = ['Zoë', 'alice', 'bob', '😀', '\uffee', 'Ångström', 'a,b', 'a b'];
        const resources = can('currencies') ? ['coins', 'points'] : ['points'];
        for (const userId of users) {
          for (const resource of resources) await earn(userId, 1, { resource });
        }

        const all = await readPages<WalletTotal>(3, (page) => wallets.getWallets(page));

        expect(all.map(({ userId, resource }) => `${userId}:${resource}`)).toEqual(
          [...users].sort(byCodePoint).flatMap((user) => resources.map((resource) => `${user}:${resource}`)),
        );
      });
    });

    describe('getInventory', () => {
      it('shows unused items unless told, used ones, or both', async () => {
        const one = await earn('alice', 1, { item: { name: 'one' } });
        await earn('alice', 1, { item: { name: 'two' } });
        await wallets.useItem(one.entryId);
        const names = async (used?: boolean | 'any') =>
          (await wallets.getInventory(used === undefined ? {} : { used })).items.map(({ item }) => item.name);

        expect(await names()).toEqual(['two']);
        expect(await names(false)).toEqual(['two']);
        expect(await names(true)).toEqual(['one']);
        expect(await names('any')).toEqual(['one', 'two']);
      });

      it('restricts to entries, users and authorities, together', async () => {
        const one = await earn('alice', 1, { item: { name: 'one' } });
        const two = await shop('alice', 1, { item: { name: 'two' } });
        await shop('bob', 1, { item: { name: 'three' } });
        await earn('a,b', 1, { item: { name: 'four' } });
        const authorityIds = [underTest.shop.authorityId];
        const names = async (query: Parameters<Wallets['getInventory']>[0]) =>
          (await wallets.getInventory(query)).items.map(({ item }) => item.name);

        expect(await names({ entryIds: [one.entryId] })).toEqual(['one']);
        expect(await names({ userIds: ['alice'] })).toEqual(['one', 'two']);
        expect(await names({ userIds: ['a,b', 'bob'] })).toEqual(['three', 'four']);
        expect(await names({ authorityIds })).toEqual(['two', 'three']);
        expect(
          await names({ entryIds: [one.entryId, two.entryId], authorityIds, userIds: ['alice'] }),
        ).toEqual(['two']);
        expect(await names({ entryIds: [] })).toEqual([]);
        expect(await names({ userIds: [] })).toEqual([]);
        expect(await names({ authorityIds: [] })).toEqual([]);
      });
    });

    describe('entries', () => {
      itNeeds(['history', 'currencies'], "lists a user's entries, latest first, page by page", async () => {
        for (const amount of [1, 2, 3, 4, 5])
          await earn('alice', amount, { resource: amount % 2 ? 'points' : 'coins' });
        await earn('bob', 9);
        const amounts = async (resource?: string) =>
          (
            await readPages<Entry>(2, (page) =>
              wallets.entries({ userId: 'alice', ...(resource ? { resource } : {}), ...page }),
            )
          ).map(({ amount }) => amount);

        expect(await amounts()).toEqual([5, 4, 3, 2, 1]);
        expect(await amounts('coins')).toEqual([4, 2]);
      });

      itNeeds(['history'], 'lists those of them that are asked for', async () => {
        const { entryId } = await earn('alice', 1);
        await earn('alice', 2);
        const other = await earn('bob', 3);
        const entryIds = [entryId, other.entryId, 'none'];
        expect((await wallets.entries({ userId: 'alice', entryIds })).items).toMatchObject([{ entryId }]);
        expect((await wallets.entries({ userId: 'alice', entryIds: [] })).items).toEqual([]);
      });

      itNeeds(['history'], 'refuses the cursor of wallets', async () => {
        const text = Buffer.from('["x"]').toString('base64url');
        await expect(wallets.entries({ userId: 'alice', after: text })).rejects.toThrow(InvalidQueryError);
      });
    });

    describe('a list', () => {
      it.each([{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { after: 'x' }])(
        'refuses a limit and a cursor that cannot be: %p',
        async (page) => {
          await expect(wallets.getWallets(page)).rejects.toThrow(InvalidQueryError);
          await expect(wallets.getInventory(page)).rejects.toThrow(InvalidQueryError);
          if (can('history')) {
            await expect(wallets.entries({ userId: 'alice', ...page })).rejects.toThrow(InvalidQueryError);
          }
        },
      );

      it('of items goes on where the page before ended, though items are used meanwhile', async () => {
        const [one] = [
          await earn('alice', 1, { item: { name: 'one' } }),
          await earn('alice', 1),
          await earn('bob', 1, { item: { name: 'two' } }),
          await earn('alice', 1, { item: { name: 'three' } }),
        ];
        const first = await wallets.getInventory({ limit: 1 });
        await wallets.useItem(one.entryId);

        const rest = await wallets.getInventory({ limit: 2, after: first.next ?? '' });

        expect([...first.items, ...rest.items].map(({ item }) => item.name)).toEqual(['one', 'two', 'three']);
        expect(rest.next).toBeUndefined();
      });

      it('refuses the cursor of another list', async () => {
        for (const userId of ['alice', 'bob']) await earn(userId, 1, { item: { name: 'x' } });
        const wallet = (await wallets.getWallets({ limit: 1 })).next ?? '';
        const item = (await wallets.getInventory({ limit: 1 })).next ?? '';

        await expect(wallets.getInventory({ after: wallet })).rejects.toThrow(InvalidQueryError);
        await expect(wallets.getWallets({ after: item })).rejects.toThrow(InvalidQueryError);
      });

      it('refuses a filter that is no list, rather than showing everybody', async () => {
        await earn('alice', 1);
        const nobody = null as unknown as string[];

        await expect(wallets.getWallets({ userIds: nobody })).rejects.toThrow(InvalidQueryError);
        await expect(wallets.getInventory({ userIds: nobody })).rejects.toThrow(InvalidQueryError);
      });

      it('finds nothing for what cannot be an id', async () => {
        await earn('alice', 1, { item: { name: 'x' } });
        const ids = ['\0', '', '\ud800', 'x'.repeat(256)];

        expect((await wallets.getWallets({ userIds: ids })).items).toEqual([]);
        expect((await wallets.getWallets({ authorityIds: ids })).items).toEqual([]);
        expect((await wallets.getWallets({ resources: ids })).items).toEqual([]);
        expect((await wallets.getInventory({ entryIds: ids })).items).toEqual([]);
        if (!can('history')) return;
        for (const userId of ids) expect((await wallets.entries({ userId })).items).toEqual([]);
      });
    });

    it('answers that it is healthy', async () => {
      await expect(wallets.checkHealth()).resolves.toBeUndefined();
    });

    it('holds for random calls at once: totals are sums of entries, never below zero, replays change nothing', async () => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(arbitraryCall(can), { minLength: 1, maxLength: 40 }), async (calls) => {
          const prefix = `round-${round++}:`;
          const first = await Promise.all(calls.map((call) => perform(wallets, call, prefix)));
          const before = await totalsOf(wallets, prefix);
          const repeatable = calls
            .map((call, index) => ({ call, entryId: first[index]?.entryId }))
            .filter(({ call, entryId }) => call.key !== undefined && entryId !== undefined);
          const repeated = await Promise.all(repeatable.map(({ call }) => perform(wallets, call, prefix)));

          expect(repeated.map((entry) => entry?.entryId)).toEqual(repeatable.map(({ entryId }) => entryId));
          expect(await totalsOf(wallets, prefix)).toEqual(before);
          const written = can('history') ? await historyOf(wallets, prefix) : first.filter(isEntry);
          expect(before).toEqual(sumsOf(written));
          for (const total of before.values()) expect(total).toBeGreaterThanOrEqual(0);
        }),
        { numRuns: 30 },
      );
    }, 120_000);
  });
}

const USERS = ['alice', 'bob', 'carol'];

interface Call {
  readonly kind: 'entry' | 'transfer';
  readonly user: number;
  readonly amount: number;
  readonly resource: string;
  readonly key: string | undefined;
}

function arbitraryCall(can: (feature: Feature) => boolean): fc.Arbitrary<Call> {
  return fc.record({
    kind: can('transfers')
      ? fc.constantFrom('entry' as const, 'entry' as const, 'transfer' as const)
      : fc.constant('entry' as const),
    user: fc.nat(USERS.length - 1),
    amount: fc.integer({ min: -20, max: 30 }).filter((amount) => amount !== 0),
    resource: can('currencies') ? fc.constantFrom('points', 'coins') : fc.constant('points'),
    key: can('idempotencyKeys')
      ? fc.option(fc.constantFrom('k1', 'k2', 'k3', 'k4'), { nil: undefined })
      : fc.constant(undefined),
  });
}

/** @returns the entry, the debit of a transfer, or nothing where the call was rightly refused */
async function perform(
  wallets: Wallets,
  { kind, user, amount, resource, key }: Call,
  prefix: string,
): Promise<Entry | undefined> {
  const common = { reason: 'property', resource, ...(key ? { idempotencyKey: prefix + key } : {}) };
  const [from = '', to = ''] = [USERS[user], USERS[(user + 1) % USERS.length]].map((name) => prefix + name);
  try {
    if (kind === 'entry') return await wallets.createEntry({ userId: from, amount, ...common });
    return (await wallets.transfer({ from, to, amount: Math.abs(amount), ...common })).debit;
  } catch (error) {
    if (error instanceof NotEnoughFundsError || error instanceof IdempotencyConflictError) return undefined;
    throw error;
  }
}

function isEntry(entry: Entry | undefined): entry is Entry {
  return entry !== undefined;
}

async function totalsOf(wallets: Wallets, prefix: string): Promise<Map<string, number>> {
  const { items } = await wallets.getWallets({ userIds: USERS.map((name) => prefix + name) });
  return new Map(items.map(({ userId, resource, total }) => [`${userId}/${resource}`, total]));
}

async function historyOf(wallets: Wallets, prefix: string): Promise<readonly Entry[]> {
  const histories = USERS.map((name) =>
    readPages<Entry>(1000, (page) => wallets.entries({ userId: prefix + name, ...page })),
  );
  return (await Promise.all(histories)).flat();
}

function sumsOf(entries: readonly Entry[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { userId, resource, amount } of entries) {
    const wallet = `${userId}/${resource}`;
    sums.set(wallet, (sums.get(wallet) ?? 0) + amount);
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All items of a list, read in pages of `limit`. */
async function readPages<T>(limit: number, read: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page = await read({ limit, ...(after ? { after } : {}) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

/** The order of code points, which is that of UTF-8 and of the storage; JavaScript's own differs beyond U+FFFF. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
