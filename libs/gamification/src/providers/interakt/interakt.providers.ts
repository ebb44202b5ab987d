import type { Provider } from '@nestjs/common';

/** What Interakt brings: its client, which the module exports. */
export const interaktProviders: Provider[] = [];
