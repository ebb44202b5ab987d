import type { Provider } from '@nestjs/common';
import { GamificationOptions } from '../../gamification.options.js';
import { HttpTransports } from '../../http/http-transports.js';
import { unserved } from '../../unserved.js';
import { GmfyDestination } from './gmfy.destination.js';
import { GmfyService } from './gmfy.service.js';

/** What GMFY brings: its client, which the module exports, and the destination of events. */
export const gmfyProviders: Provider[] = [
  {
    provide: GmfyService,
    useFactory: async ({ gmfy }: GamificationOptions, transports: HttpTransports) => {
      if (!gmfy) return unserved(GmfyService, '`gmfy`');
      const target = { system: 'gmfy', baseUrl: gmfy.url, secrets: [gmfy.apiKey] } as const;
      return new GmfyService(await transports.open(target, gmfy), gmfy);
    },
    inject: [GamificationOptions, HttpTransports],
  },
  {
    provide: GmfyDestination,
    useFactory: ({ gmfy }: GamificationOptions, service: GmfyService) =>
      gmfy ? new GmfyDestination(service, gmfy) : unserved(GmfyDestination, '`gmfy`'),
    inject: [GamificationOptions, GmfyService],
  },
];

/** Those of them that applications may inject. */
export const gmfyServices = [GmfyService];
