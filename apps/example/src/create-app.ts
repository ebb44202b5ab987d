import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { openApi } from './open-api.js';
import type { AppSettings } from './settings.js';

/**
 * The application, ready to listen. `main.ts` starts it on a port, and tests start it in their own process: that it is
 * a function of its settings keeps several of them apart.
 */
export async function createApp(settings: AppSettings): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule.with(settings), {
    logger: ['warn', 'error', 'fatal'],
    // Whoever called decides what a failed start means, instead of Nest ending the process.
    abortOnError: false,
  });
  openApi(app);
  return app;
}
