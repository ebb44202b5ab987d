import type { Provider } from '@nestjs/common';
import { GamificationOptions } from '../../gamification.options.js';
import { HttpTransports } from '../../http/http-transports.js';
import { unserved } from '../../unserved.js';
import { WalletServiceClient } from './wallet-service.client.js';
import { connectWalletService } from './wallet-service-connection.js';

/** What a wallet service brings: its client. */
export const walletServiceProviders: Provider[] = [
  {
    provide: WalletServiceClient,
    useFactory: async ({ wallet }: GamificationOptions, transports: HttpTransports) =>
      wallet
        ? new WalletServiceClient(await connectWalletService(wallet.config, wallet, transports))
        : unserved(WalletServiceClient, '`wallet`'),
    inject: [GamificationOptions, HttpTransports],
  },
];

/** Those of them that applications may inject. */
export const walletServiceServices = [WalletServiceClient];
