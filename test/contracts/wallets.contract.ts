import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BalanceOutOfRangeError,
  type Entry,
  EntryNotFoundError,
  IdempotencyConflictError,
  InvalidEntryError,
  InvalidQueryError,
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
  close(): Promise<void>;
}

/** What every implementation of `Wallets` does. */
export function describeWallets(name: string, open: () => Promise<WalletsUnderTest>): void {
  describe(`Wallets on ${name}`, () => {
    let underTest: WalletsUnderTest;
    let wallets: Wallets;

    beforeEach(async () => {
      underTest = await open();
      wallets = underTest.wallets;
    });

    afterEach(() => underTest.close());

    const earn = (userId: string, amount: number, more: Partial<NewEntry> = {}): Promise<Entry> =>
      wallets.createEntry({ userId, amount, reason: 'test', ...more });

    const totalOf = async (userId: string, resource = 'points'): Promise<number | undefined> => {
      const { items } = await wallets.getWallets({ userIds: [userId], resources: [resource] });
      return items[0]?.total;
    };

    describe('createEntry', () => {
      it('adds to a wallet and answers the entry', async () => {
        const entry = await earn('alice', 1000, { reason: 'payday' });

        expect(entry).toEqual({
          entryId: expect.any(String),
          authorityId: 'application',
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
        expect((await wallets.entries({ userId: 'alice' })).items).toHaveLength(1);
        expect((await wallets.getInventory()).items).toEqual([]);
      });

      it('refuses to take from a user it does not know, and makes no wallet', async () => {
        await expect(earn('nobody', -1)).rejects.toMatchObject({ needed: 1, available: 0 });
        expect((await wallets.getWallets()).items).toEqual([]);
      });

      it('keeps currencies apart', async () => {
        await earn('alice', 5);
        await earn('alice', 7, { resource: 'coins' });

        await expect(earn('alice', -6)).rejects.toThrow(NotEnoughFundsError);
        expect((await wallets.getWallets({ userIds: ['alice'] })).items).toEqual([
          { userId: 'alice', resource: 'coins', total: 7 },
          { userId: 'alice', resource: 'points', total: 5 },
        ]);
      });

      it('gives an item with any data that JSON can hold', async () => {
        const data = { id: '001122', sizes: [1, 2], deep: { text: 'ünï', none: null } };
        const entry = await earn('alice', 1, { item: { name: 'Cool Shades', data } });

        expect(entry.item).toEqual({ name: 'Cool Shades', used: false, data });
        expect((await wallets.getInventory()).items).toEqual([
          { entryId: entry.entryId, authorityId: 'application', userId: 'alice', item: entry.item },
        ]);
      });

      it.each([
        ['userId', { userId: '' }],
        ['userId', { userId: 'a\0b' }],
        ['amount', { amount: 0 }],
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

        expect(entry).toMatchObject({ resource: 'points', authorityId: 'application' });
      });

      it('keeps the data of an item as JSON has it, whatever made it', async () => {
        class Size {
          readonly #size = 5;
          toJSON() {
            return { size: this.#size };
          }
        }
        const { item } = await earn('alice', 1, {
          item: { name: 'x', data: [new Size(), { constructor: 'c' }] },
        });

        expect(item?.data).toEqual([{ size: 5 }, { constructor: 'c' }]);
      });

      it('refuses a total that would no longer be a safe integer', async () => {
        await earn('alice', Number.MAX_SAFE_INTEGER);

        await expect(earn('alice', 1)).rejects.toThrow(BalanceOutOfRangeError);
        expect(await totalOf('alice')).toBe(Number.MAX_SAFE_INTEGER);
      });

      it('refuses a total of one authority that would no longer be a safe integer', async () => {
        await earn('alice', Number.MAX_SAFE_INTEGER);
        await earn('alice', -Number.MAX_SAFE_INTEGER, { authorityId: 'shop' });

        await expect(earn('alice', Number.MAX_SAFE_INTEGER)).rejects.toThrow(BalanceOutOfRangeError);
        expect(await totalOf('alice')).toBe(0);
      });

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

    describe('an idempotency key', () => {
      it('makes a repeat answer the first entry', async () => {
        const first = await earn('alice', 5, { idempotencyKey: 'order-1' });
        const second = await earn('alice', 5, { idempotencyKey: 'order-1', reason: 'again' });

        expect(second).toEqual(first);
        expect(await totalOf('alice')).toBe(5);
      });

      it('counts once when used many times at once', async () => {
        const entries = await Promise.all(
          Array.from({ length: 20 }, () => earn('alice', 5, { idempotencyKey: 'order-1' })),
        );

        expect(new Set(entries.map(({ entryId }) => entryId)).size).toBe(1);
        expect(await totalOf('alice')).toBe(5);
      });

      it.each([
        ['user', { userId: 'bob' }],
        ['amount', { amount: 6 }],
        ['resource', { resource: 'coins' }],
      ])('is refused with another %s', async (differing, change) => {
        await earn('alice', 5, { idempotencyKey: 'order-1' });

        const conflict = earn('alice', 5, { idempotencyKey: 'order-1', ...change });

        await expect(conflict).rejects.toThrow(IdempotencyConflictError);
        await expect(conflict).rejects.toMatchObject({ differing: [differing] });
      });

      it('is refused for another user at the same time, and one of them wins', async () => {
        const results = await Promise.allSettled(
          ['alice', 'bob'].map((userId) => earn(userId, 5, { idempotencyKey: 'order-1' })),
        );

        expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect((await wallets.getWallets()).items).toHaveLength(1);
      });

      it('of a refused entry can be used again', async () => {
        await expect(earn('alice', -5, { idempotencyKey: 'k' })).rejects.toThrow(NotEnoughFundsError);
        await earn('alice', 5);

        await earn('alice', -5, { idempotencyKey: 'k' });

        expect(await totalOf('alice')).toBe(0);
      });

      it('of a transfer is refused for an entry', async () => {
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

      it('moves an amount and answers both entries', async () => {
        await earn('alice', 10);

        const { debit, credit } = await transfer(4);

        expect(debit).toMatchObject({ userId: 'alice', amount: -4, transferId: expect.any(String) });
        expect(credit).toMatchObject({ userId: 'bob', amount: 4, transferId: debit.transferId });
        expect([await totalOf('alice'), await totalOf('bob')]).toEqual([6, 4]);
      });

      it('writes neither entry when the giver has too little', async () => {
        await earn('alice', 3);

        await expect(transfer(4)).rejects.toThrow(NotEnoughFundsError);
        expect((await wallets.getWallets()).items).toEqual([
          { userId: 'alice', resource: 'points', total: 3 },
        ]);
      });

      it('writes neither entry when the receiver has too much', async () => {
        await earn('alice', 1);
        await earn('bob', Number.MAX_SAFE_INTEGER);

        await expect(transfer(1)).rejects.toThrow(BalanceOutOfRangeError);
        expect(await totalOf('alice')).toBe(1);
      });

      it('with a known key answers the first', async () => {
        await earn('alice', 10);

        const first = await transfer(4, { idempotencyKey: 'k' });
        const second = await transfer(4, { idempotencyKey: 'k' });

        expect(second).toEqual(first);
        expect(await totalOf('alice')).toBe(6);
      });

      it('is refused to oneself and for nothing', async () => {
        await expect(wallets.transfer({ from: 'a', to: 'a', amount: 1, reason: 'x' })).rejects.toMatchObject({
          problems: [expect.objectContaining({ path: 'to' })],
        });
        await expect(transfer(-1)).rejects.toMatchObject({
          problems: [expect.objectContaining({ path: 'amount' })],
        });
      });

      it('in circles at once neither blocks nor changes the sum', async () => {
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

      it('uses it once for all who try at once', async () => {
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
        await earn('alice', 5, { authorityId: 'shop' });
        await earn('alice', -8, { authorityId: 'shop' });
        await earn('bob', 1, { authorityId: 'shop' });

        expect((await wallets.getWallets({ userIds: ['alice', 'ghost'] })).items).toEqual([
          { userId: 'alice', resource: 'points', total: 7 },
        ]);
        expect((await wallets.getWallets({ authorityIds: ['shop'] })).items).toEqual([
          { userId: 'alice', resource: 'points', total: -3 },
          { userId: 'bob', resource: 'points', total: 1 },
        ]);
        expect((await wallets.getWallets({ userIds: [] })).items).toEqual([]);
      });

      it('goes through all of them page by page, in one order', async () => {
        const users = ['Zoë', 'alice', 'bob', '😀', 'Ångström'];
        for (const userId of users) {
          await earn(userId, 1);
          await earn(userId, 1, { resource: 'coins' });
        }

        const all = await readPages<WalletTotal>(3, (page) => wallets.getWallets(page));

        expect(all.map(({ userId, resource }) => `${userId}:${resource}`)).toEqual(
          [...users].sort(byCodePoint).flatMap((user) => [`${user}:coins`, `${user}:points`]),
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
        const two = await earn('alice', 1, { item: { name: 'two' }, authorityId: 'shop' });
        await earn('bob', 1, { item: { name: 'three' }, authorityId: 'shop' });
        const names = async (query: Parameters<Wallets['getInventory']>[0]) =>
          (await wallets.getInventory(query)).items.map(({ item }) => item.name);

        expect(await names({ entryIds: [one.entryId] })).toEqual(['one']);
        expect(await names({ userIds: ['alice'] })).toEqual(['one', 'two']);
        expect(await names({ authorityIds: ['shop'] })).toEqual(['two', 'three']);
        expect(
          await names({ entryIds: [one.entryId, two.entryId], authorityIds: ['shop'], userIds: ['alice'] }),
        ).toEqual(['two']);
        expect(await names({ entryIds: [] })).toEqual([]);
      });
    });

    describe('entries', () => {
      it("lists a user's entries, latest first, page by page", async () => {
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

      it('refuses a limit and a cursor that cannot be', async () => {
        await expect(wallets.entries({ userId: 'alice', limit: 0 })).rejects.toThrow(InvalidQueryError);
        await expect(wallets.entries({ userId: 'alice', limit: 1001 })).rejects.toThrow(InvalidQueryError);
        await expect(wallets.entries({ userId: 'alice', after: 'x' })).rejects.toThrow(InvalidQueryError);
      });

      it('refuses the cursor of another list', async () => {
        for (const userId of ['alice', 'bob']) await earn(userId, 1, { item: { name: 'x' } });
        const wallet = (await wallets.getWallets({ limit: 1 })).next ?? '';
        const item = (await wallets.getInventory({ limit: 1 })).next ?? '';

        await expect(wallets.getInventory({ after: wallet })).rejects.toThrow(InvalidQueryError);
        await expect(wallets.getWallets({ after: item })).rejects.toThrow(InvalidQueryError);
        const text = Buffer.from('["x"]').toString('base64url');
        await expect(wallets.entries({ userId: 'alice', after: text })).rejects.toThrow(InvalidQueryError);
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
        for (const userId of ids) expect((await wallets.entries({ userId })).items).toEqual([]);
      });
    });

    it('answers that it is healthy', async () => {
      await expect(wallets.checkHealth()).resolves.toBeUndefined();
    });

    it('holds for random calls at once: totals are sums of entries, never below zero, replays change nothing', async () => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(arbitraryCall, { minLength: 1, maxLength: 40 }), async (calls) => {
          const prefix = `round-${round++}:`;
          const first = await Promise.all(calls.map((call) => perform(wallets, call, prefix)));
          const before = await totalsOf(wallets, prefix);
          const repeatable = calls
            .map((call, index) => ({ call, entryId: first[index] }))
            .filter(({ call, entryId }) => call.key !== undefined && entryId !== undefined);
          const repeated = await Promise.all(repeatable.map(({ call }) => perform(wallets, call, prefix)));

          expect(repeated).toEqual(repeatable.map(({ entryId }) => entryId));
          expect(await totalsOf(wallets, prefix)).toEqual(before);
          expect(before).toEqual(await sumsOf(wallets, prefix));
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

const arbitraryCall: fc.Arbitrary<Call> = fc.record({
  kind: fc.constantFrom('entry' as const, 'entry' as const, 'transfer' as const),
  user: fc.nat(USERS.length - 1),
  amount: fc.integer({ min: -20, max: 30 }).filter((amount) => amount !== 0),
  resource: fc.constantFrom('points', 'coins'),
  key: fc.option(fc.constantFrom('k1', 'k2', 'k3', 'k4'), { nil: undefined }),
});

/** @returns the entry's id, or nothing where the call was rightly refused */
async function perform(
  wallets: Wallets,
  { kind, user, amount, resource, key }: Call,
  prefix: string,
): Promise<string | undefined> {
  const common = { reason: 'property', resource, ...(key ? { idempotencyKey: prefix + key } : {}) };
  const [from = '', to = ''] = [USERS[user], USERS[(user + 1) % USERS.length]].map((name) => prefix + name);
  try {
    if (kind === 'entry') return (await wallets.createEntry({ userId: from, amount, ...common })).entryId;
    return (await wallets.transfer({ from, to, amount: Math.abs(amount), ...common })).debit.entryId;
  } catch (error) {
    if (error instanceof NotEnoughFundsError || error instanceof IdempotencyConflictError) return undefined;
    throw error;
  }
}

async function totalsOf(wallets: Wallets, prefix: string): Promise<Map<string, number>> {
  const { items } = await wallets.getWallets({ userIds: USERS.map((name) => prefix + name) });
  return new Map(items.map(({ userId, resource, total }) => [`${userId}/${resource}`, total]));
}

async function sumsOf(wallets: Wallets, prefix: string): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const name of USERS) {
    for (const { userId, resource, amount } of await readPages<Entry>(1000, (page) =>
      wallets.entries({ userId: prefix + name, ...page }),
    )) {
      const wallet = `${userId}/${resource}`;
      sums.set(wallet, (sums.get(wallet) ?? 0) + amount);
    }
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
