import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { EventTracker, GamificationModule } from 'nestjs-gamification';

/**
 * An application in a process of its own, to be killed: it tracks events and delivers them to GMFY. It runs the built
 * library, as its users do. Each message is `[from, to]`: the numbers of the events to track.
 *
 * node delivering-process.mjs STORAGE_URL GMFY_URL
 */
const [storageUrl = '', gmfyUrl = ''] = process.argv.slice(2);
const app = await NestFactory.createApplicationContext(
  GamificationModule.forRoot({
    storage: { url: storageUrl },
    gmfy: { apiKey: 'key', url: gmfyUrl },
  }),
  { logger: ['error'] },
);
process.on('message', async (/** @type {[number, number]} */ [from, to]) => {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  await app
    .get(EventTracker)
    .trackMany(numbers.map((n) => ['hit', { userId: `user-${n % 50}`, traits: { n } }]));
  process.send?.('tracked');
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
