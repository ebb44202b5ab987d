import type { INestApplicationContext } from '@nestjs/common';
import { EventTracker, Players } from 'nestjs-gamification';
import { storages } from '../support/storages.js';
import { openEmbedded } from './embedded.js';
import { describePlayers, PLAYERS_MECHANICS, type PlayersCaller } from './players.contract.js';

for (const kind of storages) {
  describePlayers(`the embedded engine, ${kind.name}`, async () => {
    const { apps, clock, close } = await openEmbedded(kind, { mechanics: PLAYERS_MECHANICS });
    return { callers: [callerOf(apps[0]), callerOf(apps[1])], clock, close };
  });
}

function callerOf(app: INestApplicationContext): PlayersCaller {
  return {
    players: app.get(Players),
    async track(type, event) {
      await app.get(EventTracker).track(type, event);
    },
  };
}
