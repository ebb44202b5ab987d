import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Metrics } from './metrics.js';
import { ServerModule } from './server.module.js';
import type { Settings } from './settings.js';

/** Most bytes of a body: a batch of events is a large one. */
const MAX_BODY = '5mb';

/** The server, ready to listen. */
export async function createServer(
  settings: Settings,
  logger: LoggerService | false,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ServerModule.with(settings), {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
  app.disable('x-powered-by');
  app.set('trust proxy', settings.trustProxy);
  app.use(app.get(Metrics).middleware);
  app.useBodyParser('json', { limit: MAX_BODY });
  app.useBodyParser('urlencoded', { limit: '100kb', extended: false });
  const config = new DocumentBuilder()
    .setTitle('Gamification server')
    .setDescription('GMFY, a wallet service, Playblazer Gifts and Interakt, served by nestjs-gamification.')
    .setVersion('0.1.0')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config));
  return app;
}
