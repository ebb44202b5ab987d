import type { Provider } from '@nestjs/common';
import { Clock } from '../../clock.js';
import { GamificationOptions } from '../../gamification.options.js';
import { HttpTransports } from '../../http/http-transports.js';
import { unserved } from '../../unserved.js';
import { InteraktDestination } from './interakt.destination.js';
import type { InteraktOptions } from './interakt.options.js';
import { InteraktService } from './interakt.service.js';
import { InteraktClient } from './interakt-client.js';
import { keyOf } from './interakt-key.js';
import { Pacer } from './pacer.js';

/** What Interakt brings: its client, which the module exports, and the destination of events. */
export const interaktProviders: Provider[] = [
  {
    provide: InteraktClient,
    useFactory: async ({ interakt }: GamificationOptions, transports: HttpTransports) =>
      interakt ? open(interakt, transports) : unserved(InteraktClient, '`interakt`'),
    inject: [GamificationOptions, HttpTransports],
  },
  {
    provide: InteraktService,
    useFactory: ({ interakt }: GamificationOptions, client: InteraktClient, clock: Clock) =>
      interakt ? new InteraktService(client, interakt, clock) : unserved(InteraktService, '`interakt`'),
    inject: [GamificationOptions, InteraktClient, Clock],
  },
  {
    provide: InteraktDestination,
    useFactory: ({ interakt }: GamificationOptions, client: InteraktClient) =>
      interakt ? new InteraktDestination(client, interakt) : unserved(InteraktDestination, '`interakt`'),
    inject: [GamificationOptions, InteraktClient],
  },
];

/** Those of them that applications may inject. */
export const interaktServices = [InteraktService];

async function open(options: InteraktOptions, transports: HttpTransports): Promise<InteraktClient> {
  const { apiKey, url, rateLimit, maxQueueSize, debug } = options;
  const { authorization, secrets } = keyOf(apiKey);
  const transport = await transports.open({ system: 'interakt', baseUrl: url, secrets }, options);
  return new InteraktClient(
    transport,
    new Pacer({ rateLimit, maxWaiting: maxQueueSize }),
    authorization,
    debug,
  );
}
