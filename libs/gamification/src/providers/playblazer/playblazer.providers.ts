import type { Provider } from '@nestjs/common';
import { GamificationOptions } from '../../gamification.options.js';
import { HttpTransports } from '../../http/http-transports.js';
import { unserved } from '../../unserved.js';
import { PlayblazerService } from './playblazer.service.js';

/** What Playblazer brings: its client, which the module exports. */
export const playblazerProviders: Provider[] = [
  {
    provide: PlayblazerService,
    useFactory: async ({ playblazer }: GamificationOptions, transports: HttpTransports) => {
      if (!playblazer) return unserved(PlayblazerService, '`playblazer`');
      const { url: baseUrl, secretKey } = playblazer;
      const target = { system: 'playblazer', baseUrl, secrets: [secretKey] } as const;
      return new PlayblazerService(await transports.open(target, playblazer), playblazer);
    },
    inject: [GamificationOptions, HttpTransports],
  },
];

/** Those of them that applications may inject. */
export const playblazerServices = [PlayblazerService];
