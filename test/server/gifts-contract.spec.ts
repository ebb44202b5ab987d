import { expect } from '@jest/globals';
import { Gifts } from 'nestjs-gamification';
import { describeGifts } from '../contracts/gifts.contract.js';
import { durableStorages } from '../support/storages.js';
import { openWire } from '../support/wire.js';

for (const kind of durableStorages) {
  describeGifts(
    `Playblazer, served by our own server, ${kind.name}`,
    async () => {
      const wire = await openWire(kind, 'playblazer', {}, (url, { key, secret }) => ({
        playblazer: { url: `${url}/v1`, appId: key.id, secretKey: secret, mode: 'fb', maxRetries: 0 },
      }));
      const [home] = wire.servers;
      const { key, secret } = wire.created;
      /** Friends come from the social network, with the login. */
      const login = async (userId: string, friends = '') => {
        const response = await fetch(
          `${wire.urls[0]}/v1/app/${key.id}/profile/fb/${encodeURIComponent(userId)}/login`,
          { method: 'POST', body: new URLSearchParams({ secret_key: secret, friends }) },
        );
        expect(await response.json()).toEqual({ status: 'ok' });
      };
      const atHome = (userId: string) => `facebook:${userId}`;
      return {
        gifts: [wire.clients[0].get(Gifts), wire.clients[1].get(Gifts)],
        clock: wire.clock,
        home,
        atHome,
        join: login,
        async befriend(userId, friendId) {
          await login(friendId);
          await login(userId, friendId);
        },
        async requestMoving(userId, gift) {
          const id = await home.get(Gifts).request({ userId: atHome(userId), gift });
          return id.replaceAll('-', '');
        },
        close: wire.close,
      };
    },
    { cannot: ['moving', 'strangers', 'brackets', 'ownErrors'] },
  );
}
