import type { Provider } from '@nestjs/common';

/** What Playblazer brings: its client, which the module exports. */
export const playblazerProviders: Provider[] = [];
