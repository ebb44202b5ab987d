import type { Provider } from '@nestjs/common';

/** What GMFY brings: its client, which the module exports. */
export const gmfyProviders: Provider[] = [];
