import type { Provider } from '@nestjs/common';
import { DESTINATIONS, type Destination } from '../delivery/destination.js';
import { GamificationOptions } from '../gamification.options.js';
import { GmfyDestination } from './gmfy/gmfy.destination.js';
import { InteraktDestination } from './interakt/interakt.destination.js';

/** The systems that take events, as far as the options configure them and want events there. */
export function destinationsOf(
  { gmfy, interakt }: GamificationOptions,
  gmfyDestination: GmfyDestination,
  interaktDestination: InteraktDestination,
): readonly Destination[] {
  return [
    ...(gmfy && gmfy.events !== false ? [gmfyDestination] : []),
    ...(interakt && interakt.events !== false ? [interaktDestination] : []),
  ];
}

export const destinationsProvider: Provider = {
  provide: DESTINATIONS,
  useFactory: destinationsOf,
  inject: [GamificationOptions, GmfyDestination, InteraktDestination],
};
