import 'reflect-metadata';
import { Controller, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GamificationModule, TrackEvent } from 'nestjs-gamification';

/**
 * An application in a process of its own, to be killed. It runs the built library, as its users do, so the decorators
 * are applied by hand.
 *
 * node tracking-server.mjs STORAGE_URL
 */
class HitController {
  /** @param {string} n */
  hit(n) {
    return { n };
  }
}

const hit = Object.getOwnPropertyDescriptor(HitController.prototype, 'hit') ?? {};
TrackEvent('hit', {
  sync: true,
  user: ({ request }) => `user-${Number(request.params.n) % 10}`,
  idempotenceKey: ({ request }) => request.params.n,
})(HitController.prototype, 'hit', hit);
Param('n')(HitController.prototype, 'hit', 0);
Post('hits/:n')(HitController.prototype, 'hit', hit);
Controller()(HitController);

class AppModule {}
Module({
  imports: [GamificationModule.forRoot({ storage: { url: process.argv[2] ?? '' } })],
  controllers: [HitController],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
process.send?.(await app.getUrl());
