import type { Provider } from '@nestjs/common';

/** What A wallet service brings: its client, which the module exports. */
export const walletServiceProviders: Provider[] = [];
