import { Wallets } from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { storages } from '../support/storages.js';
import { WalletServiceServer } from '../support/wallet-service-server.js';
import { describeWallets, type WalletsUnderTest } from './wallets.contract.js';

for (const kind of storages) {
  describeWallets(`the embedded engine, ${kind.name}`, async () => {
    const storage = await kind.create();
    const app = await createContext({ storage: { url: storage.url } });
    const wallets = app.get(Wallets);
    return {
      wallets,
      authorityId: 'application',
      shop: {
        authorityId: 'shop',
        createEntry: (entry) => wallets.createEntry({ ...entry, authorityId: 'shop' }),
      },
      async close() {
        await app.close();
        await storage.remove();
      },
    };
  });
}

describeWallets('a wallet service', openWalletService, {
  cannot: [
    'currencies',
    'idempotencyKeys',
    'writingAsAnother',
    'transfers',
    'history',
    'anyData',
    'safeTotals',
    'exclusiveUse',
  ],
});

async function openWalletService(): Promise<WalletsUnderTest> {
  const server = await WalletServiceServer.start();
  const [own, shop] = [server.addAuthority(), server.addAuthority()];
  const open = (config: object) => createContext({ storage: false, wallet: { config, maxRetries: 0 } });
  const [app, shopApp] = await Promise.all([open(own), open(shop)]).catch(async (error) => {
    await server.close();
    throw error;
  });
  return {
    wallets: app.get(Wallets),
    authorityId: own.authority_id,
    shop: {
      authorityId: shop.authority_id,
      createEntry: (entry) => shopApp.get(Wallets).createEntry(entry),
    },
    async close() {
      await Promise.all([app.close(), shopApp.close(), server.close()]);
    },
  };
}
