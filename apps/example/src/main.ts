import { Logger } from '@nestjs/common';
import { createApp } from './create-app.js';
import { settingsFrom } from './settings.js';

const logger = new Logger('CoffeeShop');
const { port, databaseUrl } = settingsFrom(process.env);

try {
  const app = await createApp({ databaseUrl });
  // On SIGTERM and SIGINT the server stops taking requests, and what they tracked is recorded before the process ends.
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  try {
    await app.listen(port);
  } catch (error) {
    await app.close();
    throw error;
  }
  // Nest's own start-up lines are behind us; these are the ones that say where to look.
  app.useLogger(['log', 'warn', 'error', 'fatal']);
  logger.log(`The coffee shop is open: http://localhost:${port}`);
  logger.log(`Try its API in a browser: http://localhost:${port}/docs`);
  logger.log(`How it is doing: http://localhost:${port}/health`);
} catch (error) {
  logger.error(`The coffee shop stays closed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
