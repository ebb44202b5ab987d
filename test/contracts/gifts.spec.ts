import { describe, expect, it } from '@jest/globals';
import { Friends, Gifts, Notifications } from 'nestjs-gamification';
import { storages } from '../support/storages.js';
import { openEmbedded } from './embedded.js';
import { describeGifts } from './gifts.contract.js';

for (const kind of storages) {
  describeGifts(`the embedded engine, ${kind.name}`, async () => {
    const { apps, clock, close } = await openEmbedded(kind);
    const [home, other] = apps;
    const gifts = home.get(Gifts);
    return {
      gifts: [gifts, other.get(Gifts)],
      clock,
      home,
      atHome: (userId) => userId,
      async join() {},
      async befriend(userId, friendId) {
        await home.get(Friends).request(userId, friendId);
        await home.get(Friends).accept(friendId, userId);
      },
      requestMoving: (userId, gift) => gifts.request({ userId, gift }),
      close,
    };
  });
}

describe.each(storages)('Gifts on $name', (kind) => {
  it('are told in the words of the application', async () => {
    const underTest = await openEmbedded(kind, {
      gifts: { requestedMessage: '{from} asks for {item_name}', acceptedMessage: '{from} gave' },
    });
    const [app] = underTest.apps;
    await app.get(Friends).request('ada', 'bob');
    await app.get(Friends).accept('bob', 'ada');
    const requestId = await app.get(Gifts).request({ userId: 'ada', attributes: { item_name: 'tea' } });
    await app.get(Gifts).reply({ userId: 'bob', requestId });

    const told = async (userId: string) =>
      (await app.get(Notifications).list({ userId })).items.map(({ message }) => message);
    expect(await told('bob')).toEqual(['ada asks for tea']);
    expect(await told('ada')).toEqual(['bob gave']);
    await underTest.close();
  });
});
