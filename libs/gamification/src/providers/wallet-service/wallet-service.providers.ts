import type { Provider } from '@nestjs/common';
import { GamificationOptions } from '../../gamification.options.js';
import { HttpTransports } from '../../http/http-transports.js';
import { unserved } from '../../unserved.js';
import { WalletServiceClient } from './wallet-service.client.js';

/** What a wallet service brings: its client, which the module exports. */
export const walletServiceProviders: Provider[] = [
  {
    provide: WalletServiceClient,
    useFactory: async ({ wallet }: GamificationOptions, transports: HttpTransports) =>
      wallet
        ? WalletServiceClient.fromConfig(wallet.config, wallet, transports)
        : unserved(WalletServiceClient, '`wallet`'),
    inject: [GamificationOptions, HttpTransports],
  },
];

/** What of it applications may inject. */
export const walletServices = [WalletServiceClient];
