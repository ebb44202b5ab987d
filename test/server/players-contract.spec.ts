import type { INestApplicationContext } from '@nestjs/common';
import { GmfyService, Players } from 'nestjs-gamification';
import { keyText } from 'nestjs-gamification-server';
import { describePlayers, PLAYERS_MECHANICS, type PlayersCaller } from '../contracts/players.contract.js';
import { durableStorages } from '../support/storages.js';
import { openWire } from '../support/wire.js';

for (const kind of durableStorages) {
  describePlayers(
    `GMFY, served by our own server, ${kind.name}`,
    async () => {
      const wire = await openWire(kind, 'gmfy', { mechanics: PLAYERS_MECHANICS }, (url, { key, secret }) => ({
        gmfy: { url, apiKey: keyText(key.id, secret), maxRetries: 0 },
      }));
      const [first, second] = wire.clients;
      return { callers: [callerOf(first), callerOf(second)], clock: wire.clock, close: wire.close };
    },
    { cannot: ['engineFields', 'traits', 'exports', 'erasing'] },
  );
}

/** Events go past the queue of deliveries, whose end nobody is told. */
function callerOf(app: INestApplicationContext): PlayersCaller {
  return {
    players: app.get(Players),
    track: (eventType, { userId, action: eventAction, idempotenceKey, traits }) =>
      app.get(GmfyService).createEvent({ ...traits, userId, eventType, eventAction, idempotenceKey }),
  };
}
