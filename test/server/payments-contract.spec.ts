import { Payments } from 'nestjs-gamification';
import { keyText } from 'nestjs-gamification-server';
import { describePayments } from '../contracts/payments.contract.js';
import { durableStorages } from '../support/storages.js';
import { openWire } from '../support/wire.js';

for (const kind of durableStorages) {
  describePayments(
    `GMFY, served by our own server, ${kind.name}`,
    async (settings) => {
      const wire = await openWire(kind, 'gmfy', settings, (url, { key, secret }) => ({
        gmfy: { url, apiKey: keyText(key.id, secret), maxRetries: 0 },
      }));
      const [first, second] = wire.clients;
      return {
        payments: [first.get(Payments), second.get(Payments)],
        clock: wire.clock,
        homes: wire.servers,
        close: wire.close,
      };
    },
    { cannot: ['writtenAmounts', 'ownErrors'] },
  );
}
