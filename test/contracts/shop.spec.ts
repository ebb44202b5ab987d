import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ExportedRecord,
  IdempotencyConflictError,
  InsufficientBalanceError,
  InvalidPurchaseError,
  Players,
  PurchaseRefusedError,
  Shop,
  Wallets,
} from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { memory, storages } from '../support/storages.js';
import { type EmbeddedUnderTest, openEmbedded } from './embedded.js';

const mechanics = {
  products: {
    mug: { name: 'Mug', price: 10 },
    poster: { name: 'Poster', price: 1, limit: 3 },
    rarity: { name: 'Rarity', price: 1, stock: 5 },
  },
};

describe.each(storages)('Shop on $name', (kind) => {
  let underTest: EmbeddedUnderTest;
  let shops: readonly [Shop, Shop];
  let shop: Shop;
  let wallets: Wallets;

  beforeEach(async () => {
    underTest = await openEmbedded(kind, { mechanics });
    shops = [underTest.apps[0].get(Shop), underTest.apps[1].get(Shop)];
    [shop] = shops;
    wallets = underTest.apps[0].get(Wallets);
    await wallets.createEntry({ userId: 'ada', amount: 100, reason: 'test' });
  });

  afterEach(() => underTest.close());

  const count = async (product: string, userId = 'ada') =>
    (await shop.products(userId)).find((owned) => owned.product === product)?.count ?? 0;

  /** The same call by many at once, on both instances. */
  const atOnce = (n: number, call: (shop: Shop, index: number) => Promise<unknown>) =>
    Promise.allSettled(Array.from({ length: n }, (_, index) => call(shops[index % 2] ?? shop, index)));

  const fulfilled = (results: readonly PromiseSettledResult<unknown>[]) =>
    results.filter(({ status }) => status === 'fulfilled').length;

  it('sells items that the application prices, into the inventory', async () => {
    const purchase = await shop.purchaseItem({ userId: 'ada', item: 'Sticker', price: 3, quantity: 2 });

    expect(purchase).toEqual({ id: expect.any(String), balance: 94 });
    const { items } = await wallets.getInventory({ userIds: ['ada'] });
    expect(items.map(({ item }) => item)).toEqual([{ name: 'Sticker', used: false, data: { quantity: 2 } }]);
    const { items: entries } = await wallets.entries({ userId: 'ada' });
    expect(entries[0]).toMatchObject({ amount: -6, reason: 'Purchase: 2 × Sticker' });
  });

  it('sells products at their price, counts them, and lets them be consumed', async () => {
    expect(await shop.purchaseProduct({ userId: 'ada', product: 'mug', quantity: 3 })).toEqual({
      id: expect.any(String),
      balance: 70,
      count: 3,
    });
    expect(await shop.balance('ada')).toBe(70);
    expect(await shop.consumeProduct({ userId: 'ada', product: 'mug' })).toBe(2);
    expect(await shop.products('ada')).toEqual([{ product: 'mug', count: 2 }]);
    await expect(shop.consumeProduct({ userId: 'ada', product: 'mug', quantity: 3 })).rejects.toThrow(
      PurchaseRefusedError,
    );
    expect(await count('mug')).toBe(2);
    expect(await shop.products('bob')).toEqual([]);
    expect(await shop.balance('bob')).toBe(0);
  });

  it('sells nothing that cannot be paid, and then takes nothing', async () => {
    await expect(shop.purchaseProduct({ userId: 'ada', product: 'mug', quantity: 11 })).rejects.toThrow(
      InsufficientBalanceError,
    );
    await expect(shop.purchaseItem({ userId: 'bob', item: 'Sticker', price: 1 })).rejects.toThrow(
      InsufficientBalanceError,
    );
    expect([await shop.balance('ada'), await count('mug')]).toEqual([100, 0]);
  });

  it('sells no product that there is not, and takes nothing that is not as it must be', async () => {
    for (const product of ['nothing', 'constructor']) {
      await expect(shop.purchaseProduct({ userId: 'ada', product })).rejects.toThrow(PurchaseRefusedError);
      await expect(shop.consumeProduct({ userId: 'ada', product })).rejects.toThrow(PurchaseRefusedError);
    }
    const purchase = { userId: 'ada', item: 'x', price: 1 };
    for (const wrong of [{ price: 0 }, { price: 1.5 }, { quantity: 0 }, { userId: '' }]) {
      await expect(shop.purchaseItem({ ...purchase, ...wrong })).rejects.toThrow(InvalidPurchaseError);
    }
    expect(await shop.balance('ada')).toBe(100);
  });

  it('answers the same key with the first answer, and sells once', async () => {
    const purchase = { userId: 'ada', product: 'mug', idempotencyKey: 'k' };
    const results = await atOnce(10, (each) => each.purchaseProduct(purchase));

    expect(results.map((each) => each.status === 'fulfilled' && each.value)).toEqual(
      Array.from({ length: 10 }, () => ({ id: 'k', balance: 90, count: 1 })),
    );
    await shop.consumeProduct({ userId: 'ada', product: 'mug', idempotencyKey: 'c' });
    expect(await shop.consumeProduct({ userId: 'ada', product: 'mug', idempotencyKey: 'c' })).toBe(0);
    await expect(shop.purchaseProduct({ ...purchase, quantity: 2 })).rejects.toThrow(
      IdempotencyConflictError,
    );
    await expect(
      shop.purchaseItem({ userId: 'ada', item: 'mug', price: 10, idempotencyKey: 'k' }),
    ).rejects.toThrow(IdempotencyConflictError);
    // Of another user, it is another key.
    await expect(shop.purchaseProduct({ ...purchase, userId: 'bob' })).rejects.toThrow(
      InsufficientBalanceError,
    );
    expect(await shop.balance('ada')).toBe(90);
  });

  it('keeps to limits, stock and wallets, however many buy at once', async () => {
    await wallets.createEntry({ userId: 'bob', amount: 3, reason: 'test' });

    expect(
      fulfilled(await atOnce(10, (each) => each.purchaseProduct({ userId: 'ada', product: 'poster' }))),
    ).toBe(3);
    const buyers = await atOnce(20, (each, index) =>
      each.purchaseProduct({ userId: index < 10 ? 'ada' : 'bob', product: 'rarity' }),
    );
    expect(fulfilled(buyers)).toBe(5);
    expect((await count('rarity')) + (await count('rarity', 'bob'))).toBe(5);
    const consumed = await atOnce(10, (each) => each.consumeProduct({ userId: 'ada', product: 'poster' }));
    expect(fulfilled(consumed)).toBe(3);
    // What was consumed still counts towards the limit.
    await expect(shop.purchaseProduct({ userId: 'ada', product: 'poster' })).rejects.toThrow(
      PurchaseRefusedError,
    );
  });

  it('takes a purchase back once: what is left of it, for what it had cost', async () => {
    for (const idempotencyKey of ['k1', 'k2'])
      await shop.purchaseProduct({ userId: 'ada', product: 'mug', quantity: 3, idempotencyKey });
    await shop.consumeProduct({ userId: 'ada', product: 'mug', quantity: 4 });
    const results = await atOnce(10, (each) => each.refundProduct({ userId: 'ada', purchaseId: 'k1' }));

    expect(results.map((each) => each.status === 'fulfilled' && each.value)).toEqual(
      Array.from({ length: 10 }, () => ({ quantity: 2, amount: 20, balance: 60 })),
    );
    expect(await shop.refundProduct({ userId: 'ada', purchaseId: 'k2' })).toMatchObject({
      quantity: 0,
      amount: 0,
    });
    const { items: entries } = await wallets.entries({ userId: 'ada' });
    expect(entries.filter(({ amount }) => amount > 0)).toMatchObject([
      { amount: 20, reason: 'Refund: Mug' },
      { amount: 100 },
    ]);
    // The same purchase is not made anew.
    expect(
      await shop.purchaseProduct({ userId: 'ada', product: 'mug', quantity: 3, idempotencyKey: 'k1' }),
    ).toEqual({ id: 'k1', balance: 70, count: 3 });
    expect([await shop.balance('ada'), await count('mug')]).toEqual([60, 0]);
  });

  it('takes no purchase back that there is not, that is of an item, or that is of somebody else', async () => {
    await shop.purchaseItem({ userId: 'ada', item: 'mug', price: 10, idempotencyKey: 'item' });
    const { id } = await shop.purchaseProduct({ userId: 'ada', product: 'mug' });
    for (const [userId, purchaseId] of [
      ['ada', 'nothing'],
      ['ada', 'item'],
      ['bob', id],
    ] as const)
      await expect(shop.refundProduct({ userId, purchaseId })).rejects.toThrow(PurchaseRefusedError);
    expect(await shop.refundProduct({ userId: 'ada', purchaseId: id })).toEqual({
      quantity: 1,
      amount: 10,
      balance: 90,
    });
  });

  it('sells again what was taken back, up to the limit and the stock', async () => {
    const buy = (product: string, quantity: number, userId = 'ada') =>
      shop.purchaseProduct({ userId, product, quantity });
    for (const product of ['poster', 'rarity']) {
      const all = product === 'poster' ? 3 : 5;
      const { id } = await buy(product, all);
      await shop.consumeProduct({ userId: 'ada', product });
      await shop.refundProduct({ userId: 'ada', purchaseId: id });
      await expect(buy(product, all)).rejects.toThrow(PurchaseRefusedError);
      await buy(product, all - 1);
    }
    expect([await shop.balance('ada'), await count('poster'), await count('rarity')]).toEqual([92, 2, 4]);
  });

  const itWhereKept = kind === memory ? it.skip : it;
  itWhereKept(
    'sells no more than the stock where what was bought before there was one is taken back',
    async () => {
      const storage = await kind.create();
      const selling = (stock: object) => {
        const products = { mug: { name: 'Mug', price: 1, ...stock } };
        return createContext({ storage: { url: storage.url }, mechanics: { products } });
      };
      let app = await selling({});
      await app.get(Wallets).createEntry({ userId: 'ada', amount: 100, reason: 'test' });
      const early = await app.get(Shop).purchaseProduct({ userId: 'ada', product: 'mug', quantity: 5 });
      await app.close();
      app = await selling({ stock: 5 });
      const buy = (quantity: number) =>
        app.get(Shop).purchaseProduct({ userId: 'ada', product: 'mug', quantity });
      const { id } = await buy(5);
      await app.get(Shop).refundProduct({ userId: 'ada', purchaseId: early.id });
      await expect(buy(1)).rejects.toThrow(PurchaseRefusedError);
      await app.close();
      app = await selling({});
      // What counted towards the stock is freed while there is none, too.
      await app.get(Shop).refundProduct({ userId: 'ada', purchaseId: id });
      await app.close();
      app = await selling({ stock: 5 });
      await buy(5);
      await expect(buy(1)).rejects.toThrow(PurchaseRefusedError);
      await app.close();
      await storage.remove();
    },
  );

  it('counts what characters have by itself, but their purchases towards the limit of the user', async () => {
    const hers = { userId: 'ada', product: 'poster', character: 'Bold' };
    const { id, count: bought } = await shop.purchaseProduct({ ...hers, quantity: 2, idempotencyKey: 'k' });
    expect(bought).toBe(2);
    expect(await shop.products('ada')).toEqual([]);
    expect(await shop.products('ada', 'Bold')).toEqual([{ product: 'poster', count: 2 }]);
    expect(await shop.products('bob', 'Bold')).toEqual([]);
    for (const character of [undefined, 'Shy'])
      await expect(
        shop.purchaseProduct({ userId: 'ada', product: 'poster', character, quantity: 2 }),
      ).rejects.toThrow(PurchaseRefusedError);
    await expect(
      shop.purchaseProduct({ ...hers, character: 'Shy', quantity: 2, idempotencyKey: 'k' }),
    ).rejects.toThrow(IdempotencyConflictError);
    await expect(shop.consumeProduct({ userId: 'ada', product: 'poster' })).rejects.toThrow(
      PurchaseRefusedError,
    );
    expect(await shop.consumeProduct(hers)).toBe(1);
    const exported: ExportedRecord[] = [];
    for await (const record of underTest.apps[0].get(Players).export('ada')) exported.push(record);
    expect(exported.filter((record) => record.kind === 'product')).toEqual([
      { kind: 'product', product: 'poster', bought: 2, count: 0 },
      { kind: 'product', product: 'poster', character: 'Bold', bought: 0, count: 1 },
    ]);
    expect(await shop.refundProduct({ userId: 'ada', purchaseId: id })).toEqual({
      quantity: 1,
      amount: 1,
      balance: 99,
    });
    expect(await shop.products('ada', 'Bold')).toEqual([]);
  });

  it('gives products for nothing, up to a limit, and sets how many there are', async () => {
    const poster = { userId: 'ada', product: 'poster' };
    const granted = await atOnce(10, (each) => each.grantProduct({ ...poster, limit: 4 }));
    expect(fulfilled(granted)).toBe(4);
    expect(await shop.grantProduct({ ...poster, quantity: 5, idempotencyKey: 'g' })).toBe(9);
    expect(await shop.grantProduct({ ...poster, quantity: 5, idempotencyKey: 'g' })).toBe(9);
    // What was given for nothing is not what was bought.
    await shop.purchaseProduct({ ...poster, quantity: 3 });
    expect(await count('poster')).toBe(12);
    for (const wanted of [2, 0, 7]) {
      await shop.setProductCount({ ...poster, count: wanted });
      expect(await count('poster')).toBe(wanted);
    }
    for (const call of [
      shop.grantProduct({ userId: 'ada', product: 'nothing' }),
      shop.setProductCount({ userId: 'ada', product: 'nothing', count: 1 }),
    ])
      await expect(call).rejects.toThrow(PurchaseRefusedError);
    for (const call of [
      shop.grantProduct({ ...poster, quantity: 0 }),
      shop.setProductCount({ ...poster, count: -1 }),
      shop.refundProduct({ userId: 'ada', purchaseId: '' }),
      shop.consumeProduct({ ...poster, character: '' }),
    ])
      await expect(call).rejects.toThrow(InvalidPurchaseError);
    expect([await shop.balance('ada'), await count('poster')]).toEqual([97, 7]);
  });

  it('never loses or makes money or goods', async () => {
    let round = 0;
    const prices = { mug: 10, poster: 1 };
    const step = fc.record({
      user: fc.constantFrom('a', 'b'),
      product: fc.constantFrom('mug' as const, 'poster' as const),
      quantity: fc.integer({ min: 1, max: 3 }),
      key: fc.constantFrom('k1', 'k2', 'k3'),
      character: fc.constantFrom(undefined, 'Bold'),
      kind: fc.constantFrom('purchase', 'consume', 'refund'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const prefix = `r${round++}-`;
        for (const user of ['a', 'b']) {
          await wallets.createEntry({ userId: `${prefix}${user}`, amount: 40, reason: 'test' });
        }
        const results = await atOnce(steps.length, (each, index) => {
          const step = steps[index];
          if (!step) throw new Error('there are as many calls as steps');
          const { user, product, quantity, key, character, kind: what } = step;
          const userId = `${prefix}${user}`;
          if (what === 'refund') return each.refundProduct({ userId, purchaseId: key });
          const common = { userId, product, quantity, character };
          return what === 'consume'
            ? each.consumeProduct(common)
            : each.purchaseProduct({ ...common, idempotencyKey: key });
        });
        for (const user of ['a', 'b']) {
          const userId = `${prefix}${user}`;
          const total = await shop.balance(userId);
          const { items } = await wallets.entries({ userId });
          expect(items.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
          expect(total).toBeGreaterThanOrEqual(0);
          // Of what is taken back as far as it goes, nothing is left, and what was consumed is all that was paid.
          for (const purchaseId of ['k1', 'k2', 'k3'])
            await shop.refundProduct({ userId, purchaseId }).catch(() => undefined);
          expect([...(await shop.products(userId)), ...(await shop.products(userId, 'Bold'))]).toEqual([]);
          const consumed = steps.filter(
            ({ kind: what, user: whose }, index) =>
              what === 'consume' && whose === user && results[index]?.status === 'fulfilled',
          );
          const worth = consumed.reduce((sum, { product, quantity }) => sum + quantity * prices[product], 0);
          expect(await shop.balance(userId)).toBe(40 - worth);
        }
      }),
      { numRuns: kind.name === 'PostgreSQL' ? 10 : 30 },
    );
  });
});
