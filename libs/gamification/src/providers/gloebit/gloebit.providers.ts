import type { Provider } from '@nestjs/common';

/** What Gloebit brings: its client, which the module exports. */
export const gloebitProviders: Provider[] = [];
