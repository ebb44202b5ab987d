import { describe, expect, it } from '@jest/globals';
import { RemoteRefusalError } from '../http/remote.errors.js';
import { deliverBatch } from './deliver-batch.js';

const batch = Array.from({ length: 8 }, (_, n) => ({
  place: [0, n + 1] as const,
  event: {
    id: `${n}`,
    userId: 'alice',
    type: 'e',
    traits: {},
    occurredAt: new Date(0),
    receivedAt: new Date(0),
  },
}));

describe('deliverBatch', () => {
  it('stops amid a batch when it may not go on, and says how far it came', async () => {
    const sent: string[] = [];
    let mayGoOn = true;
    const destination = {
      name: 'sink',
      maxBatchSize: 8,
      concurrency: 1,
      accepts: () => true,
      async deliver(events: readonly { readonly id: string }[]) {
        if (events.some(({ id }) => id === '1')) {
          throw new RemoteRefusalError(
            { system: 'gmfy', operation: 'x', status: 400 },
            'it answered HTTP 400',
          );
        }
        sent.push(...events.map(({ id }) => id));
        if (sent.includes('3')) mayGoOn = false;
      },
    };
    const result = await deliverBatch(destination, batch, {
      blame: 'system',
      patience: 3,
      mayGoOn: () => mayGoOn,
    });

    expect(sent).toEqual(['0', '2', '3']);
    expect(result).toMatchObject({ settled: 4, works: true, refused: [{ event: { id: '1' } }] });
  });
});
