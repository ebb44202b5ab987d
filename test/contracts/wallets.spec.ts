import { Wallets } from 'nestjs-gamification';
import { createContext } from '../support/application.js';
import { storages } from '../support/storages.js';
import { describeWallets } from './wallets.contract.js';

for (const kind of storages) {
  describeWallets(`the embedded engine, ${kind.name}`, async () => {
    const storage = await kind.create();
    const app = await createContext({ storage: { url: storage.url } });
    return {
      wallets: app.get(Wallets),
      async close() {
        await app.close();
        await storage.remove();
      },
    };
  });
}
