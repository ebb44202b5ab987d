/**
 * Every call, example and field of the wallet service's Python SDK, `wallet-sdk-Noah-Huppert`, as its page shows them, and
 * what stands for it here. The names of the tests quote that page.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  EntryNotFoundError,
  InvalidRequestError,
  NotEnoughFundsError,
  RemoteUnavailableError,
  WalletServiceClient,
  WalletServiceConfigError,
  WalletServiceFundsError,
  Wallets,
} from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { type AuthorityFile, WalletServiceServer } from '../support/wallet-service-server.js';

describe('the Python SDK of the wallet service', () => {
  let server: WalletServiceServer;
  let config: AuthorityFile;
  let client: WalletServiceClient;

  beforeEach(async () => {
    server = await WalletServiceServer.start();
    config = server.addAuthority();
    client = await WalletServiceClient.fromConfig(config, { maxRetries: 0 });
  });

  afterEach(async () => {
    client.close();
    await server.close();
  });

  const pay = (userId: string, amount: number, item?: { name: string; data?: object }) =>
    client.createEntry({ userId, amount, reason: 'test', item });

  const bodies = () => server.requests.map(({ body }) => (body === '' ? undefined : JSON.parse(body)));

  describe('the client', () => {
    it('seed: wallet_sdk.WalletClient.LoadFromConfig("./your-authority-client-config.json")', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'wallet-service-'));
      const file = join(folder, 'your-authority-client-config.json');
      try {
        writeFileSync(file, JSON.stringify(config));
        const fromFile = await WalletServiceClient.fromConfig(file);

        await expect(fromFile.getWallets()).resolves.toEqual([]);
        expect(fromFile.authorityId).toBe(config.authority_id);
        fromFile.close();
        await expect(WalletServiceClient.fromConfig(join(folder, 'none.json'))).rejects.toThrow(
          WalletServiceConfigError,
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('seed: This file is secret, it authenticates you with the wallet service', async () => {
      await client.getWallets();
      expect(server.lastRequest.headers.authorization).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);

      const other = { ...config, authority_id: '0123456789abcdef01234567' };
      const stranger = await WalletServiceClient.fromConfig(other, { maxRetries: 0 });
      await expect(stranger.getWallets()).rejects.toMatchObject({
        code: 'WALLET_SERVICE_FORBIDDEN',
        status: 403,
      });
      stranger.close();
    });
  });

  describe('Create Entries', () => {
    it("seed: c.create_entry(user_id='foobar123', amount=99, reason='returned a lot of cans')", async () => {
      const entry = await client.createEntry({
        userId: 'foobar123',
        amount: 99,
        reason: 'returned a lot of cans',
      });

      expect(entry).toMatchObject({ userId: 'foobar123', amount: 99, reason: 'returned a lot of cans' });
      expect(bodies()).toEqual([{ user_id: 'foobar123', amount: 99, reason: 'returned a lot of cans' }]);
    });

    it("seed: c.create_entry(user_id='bobcats9', amount=-5, reason='bought a soda', item={ 'name': 'Soda Can' })", async () => {
      await pay('bobcats9', 600);

      const entry = await client.createEntry({
        userId: 'bobcats9',
        amount: -5,
        reason: 'bought a soda',
        item: { name: 'Soda Can' },
      });

      expect(entry).toMatchObject({ amount: -5, item: { name: 'Soda Can', used: false } });
      await expect(client.getWallets()).resolves.toEqual([{ userId: 'bobcats9', total: 595 }]);
    });

    it("seed: except wallet_sdk.NotEnoughFundsError: Sorry user 'bobcats9' cannot afford to buy soda right now", async () => {
      await pay('bobcats9', 4);

      const refusal = pay('bobcats9', -5, { name: 'Soda Can' });

      await expect(refusal).rejects.toThrow(WalletServiceFundsError);
      await expect(refusal).rejects.toMatchObject({ userId: 'bobcats9', needed: 5, available: 4 });
      await expect(client.getWallets()).resolves.toEqual([{ userId: 'bobcats9', total: 4 }]);
    });

    it("seed: c.create_entry(user_id='1', amount=1000, reason='payday')", async () => {
      await client.createEntry({ userId: '1', amount: 1000, reason: 'payday' });

      await expect(client.getWallets()).resolves.toEqual([{ userId: '1', total: 1000 }]);
    });

    it("seed: c.create_entry(user_id='1', amount=-100, reason='bought sunglasses', item={'name': 'Cool Shades', 'data': …})", async () => {
      await pay('1', 1000);

      const entry = await client.createEntry({
        userId: '1',
        amount: -100,
        reason: 'bought sunglasses',
        item: { name: 'Cool Shades', data: { internal_id: '001122' } },
      });

      expect(entry.item).toEqual({ name: 'Cool Shades', used: false, data: { internal_id: '001122' } });
      await expect(client.getWallets()).resolves.toEqual([{ userId: '1', total: 900 }]);
    });

    it('seed: \'data\': \'{ "internal_id": "001122" }\', which the real server refuses, is refused before it is sent', async () => {
      const data = '{ "internal_id": "001122" }' as unknown as object;
      const refusal = pay('1', 100, { name: 'Cool Shades', data });

      await expect(refusal).rejects.toThrow(InvalidRequestError);
      await expect(refusal).rejects.toMatchObject({
        problems: [expect.objectContaining({ path: 'item.data', allowed: 'an object' })],
      });
      expect(server.requests).toEqual([]);
    });

    it('seed: NotEnoughFundsError: Raised when the API determines that the user cannot afford to back a transaction', async () => {
      const app = await createContext({ storage: false, wallet: { config, maxRetries: 0 } });
      const refusal = app.get(Wallets).createEntry({ userId: '1', amount: -1, reason: 'x' });

      await expect(refusal).rejects.toThrow(NotEnoughFundsError);
      await expect(refusal).rejects.toMatchObject({ needed: 1, available: 0 });
      await app.close();
    });

    it('seed: The create_entry method returns the newly created entry', async () => {
      const entry = await pay('1', 5);

      expect(entry.entryId).toBe(server.entries[0]?.entry_id);
    });
  });

  describe('Query Wallets', () => {
    it('seed: all_wallets = c.get_wallets()', async () => {
      await pay('1', 900);
      await pay('60', 6000);

      const wallets = await client.getWallets();

      expect(new Set(wallets)).toEqual(
        new Set([
          { userId: '1', total: 900 },
          { userId: '60', total: 6000 },
        ]),
      );
    });

    it("seed: c.get_wallets(user_ids=['0', '2'])", async () => {
      for (const [userId, amount] of [
        ['0', 10],
        ['1', 5],
        ['2', 97_000],
      ] as const) {
        await pay(userId, amount);
      }

      const wallets = await client.getWallets({ userIds: ['0', '2'] });

      expect(new Set(wallets)).toEqual(
        new Set([
          { userId: '0', total: 10 },
          { userId: '2', total: 97_000 },
        ]),
      );
    });

    it("seed: c.get_wallets(authority_ids=['<your authority id>'])", async () => {
      const other = await WalletServiceClient.fromConfig(server.addAuthority());
      await pay('1', 900);
      await other.createEntry({ userId: '1', amount: 7, reason: 'x' });
      await other.createEntry({ userId: '2', amount: 7, reason: 'x' });
      other.close();

      await expect(client.getWallets({ authorityIds: [client.authorityId] })).resolves.toEqual([
        { userId: '1', total: 900 },
      ]);
    });

    it("seed: c.get_wallets(user_ids=['foobar123'], authority_id=['xxyyzz'])", async () => {
      await pay('foobar123', 1);

      await expect(client.getWallets({ userIds: ['foobar123'], authorityIds: ['xxyyzz'] })).resolves.toEqual(
        [],
      );
      expect(server.calls.at(-1)).toBe('GET /api/v1/wallet?user_ids=foobar123&authority_ids=xxyyzz');
    });
  });

  describe('Query Inventory', () => {
    it('seed: all_inventory = c.get_inventory()', async () => {
      const entry = await pay('xxx', 1, { name: 'xxx', data: { any: 'thing' } });

      await expect(client.getInventory()).resolves.toEqual([
        {
          entryId: entry.entryId,
          authorityId: config.authority_id,
          userId: 'xxx',
          item: { name: 'xxx', used: false, data: { any: 'thing' } },
        },
      ]);
    });

    it("seed: c.get_inventory(entry_ids=['1234'], user_ids=['foobar123'], authority_ids=['yyzzii'])", async () => {
      const { entryId } = await pay('foobar123', 1, { name: 'x' });
      const { authorityId } = client;
      const own = { userIds: ['foobar123'], authorityIds: [authorityId] };

      await expect(client.getInventory({ ...own, entryIds: [entryId] })).resolves.toHaveLength(1);
      await expect(client.getInventory({ ...own, entryIds: ['1234'] })).resolves.toEqual([]);
      await expect(
        client.getInventory({ entryIds: [entryId], userIds: ['foobar123'], authorityIds: ['yyzzii'] }),
      ).resolves.toEqual([]);
    });

    it("seed: c.get_inventory(entry_ids=['abc00', 'xyz99']): no ids of this service, so they match nothing", async () => {
      await pay('1', 1, { name: 'x' });

      await expect(client.getInventory({ entryIds: ['abc00', 'xyz99'] })).resolves.toEqual([]);
      expect(server.calls).toEqual(['POST /api/v1/entry']);
    });

    it("seed: c.get_inventory(user_ids=['0', '30'])", async () => {
      for (const userId of ['0', '1', '30']) await pay(userId, 1, { name: `of ${userId}` });

      const items = await client.getInventory({ userIds: ['0', '30'] });

      expect(items.map(({ item }) => item.name)).toEqual(['of 0', 'of 30']);
    });

    it("seed: c.get_inventory(authority_ids=['xxx', 'zzz'])", async () => {
      await pay('1', 1, { name: 'x' });

      await expect(client.getInventory({ authorityIds: ['xxx', client.authorityId] })).resolves.toHaveLength(
        1,
      );
      await expect(client.getInventory({ authorityIds: ['xxx', 'zzz'] })).resolves.toEqual([]);
    });

    describe('of a used item and an unused one', () => {
      const names = async (query?: Parameters<WalletServiceClient['getInventory']>[0]) =>
        (await client.getInventory(query)).map(({ item }) => item.name);

      beforeEach(async () => {
        const { entryId } = await pay('1', 1, { name: 'used' });
        await pay('1', 1, { name: 'unused' });
        await client.useItem(entryId);
      });

      it('seed: c.get_inventory(used=True)', async () => {
        await expect(names({ used: true })).resolves.toEqual(['used']);
      });

      it('seed: c.get_inventory(used=None), which is `any` here', async () => {
        await expect(names({ used: 'any' })).resolves.toEqual(['used', 'unused']);
      });

      it('seed: By default only unused items are returned', async () => {
        await expect(names()).resolves.toEqual(['unused']);
        await expect(names({ used: false })).resolves.toEqual(['unused']);
      });
    });
  });

  describe('Mark Item As Used', () => {
    it("seed: c.use_item(entry_id='998877'): no id of this service, so nothing is sent", async () => {
      await expect(client.useItem('998877')).rejects.toThrow(EntryNotFoundError);
      expect(server.requests).toEqual([]);
    });

    it("seed: c.use_item(entry_id='xyz012') returns the Entry which was modified", async () => {
      const entry = await pay('1', 5, { name: 'Voucher' });

      const used = await client.useItem(entry.entryId);

      expect(used).toEqual({ ...entry, item: { name: 'Voucher', used: true } });
      expect(server.calls.at(-1)).toBe(`POST /api/v1/entry/${entry.entryId}/inventory/use`);
      // As in the Python SDK, a second time changes nothing.
      await expect(client.useItem(entry.entryId)).resolves.toEqual(used);
    });
  });

  describe('Ensure wallet service is operational', () => {
    it('seed: c.check_service_health()', async () => {
      await expect(client.checkHealth()).resolves.toBeUndefined();
      expect(server.calls).toEqual(['GET /api/v1/health']);
    });

    it('seed: except wallet_sdk.WalletAPIError: Failed to ensure wallet service is running', async () => {
      server.health = { ok: 'down for maintenance', version: '1.1.0' };
      await expect(client.checkHealth()).rejects.toThrow(RemoteUnavailableError);
      await expect(client.checkHealth()).rejects.toThrow(/down for maintenance/);

      await server.close();
      await expect(client.checkHealth()).rejects.toMatchObject({ reason: 'network' });
    });
  });

  describe('Data Types', () => {
    it('seed: Entry: entry_id, authority_id, user_id, created_on, amount, reason, item (name, used, data)', async () => {
      server.now = () => 1_573_000_000.25;

      await expect(pay('1', 5, { name: 'Voucher', data: { percent: 10 } })).resolves.toEqual({
        entryId: expect.stringMatching(/^[\da-f]{24}$/),
        authorityId: config.authority_id,
        userId: '1',
        createdOn: new Date(1_573_000_000_250),
        amount: 5,
        reason: 'test',
        item: { name: 'Voucher', used: false, data: { percent: 10 } },
      });
    });

    it('seed: created_on (int): Unix timestamp of when entry was created', async () => {
      server.now = () => 1_573_000_000;

      await expect(pay('1', 5)).resolves.toMatchObject({ createdOn: new Date(1_573_000_000_000) });
    });

    it('seed: Entry: item (object, optional): Item given to user in this transaction', async () => {
      await expect(pay('1', 5)).resolves.not.toHaveProperty('item');
      await expect(pay('1', 5, { name: 'x' })).resolves.toHaveProperty('item', { name: 'x', used: false });
    });

    it('seed: Wallet Total: user_id, total', async () => {
      await pay('1', 5);

      await expect(client.getWallets()).resolves.toEqual([{ userId: '1', total: 5 }]);
    });

    it('seed: Entry Item: entry_id, authority_id, user_id, item (name, used, data)', async () => {
      const { entryId } = await pay('1', 5, { name: 'x', data: { a: 1 } });

      await expect(client.getInventory()).resolves.toEqual([
        {
          entryId,
          authorityId: config.authority_id,
          userId: '1',
          item: { name: 'x', used: false, data: { a: 1 } },
        },
      ]);
    });
  });
});
