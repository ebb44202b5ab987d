import { Logger } from '@nestjs/common';
import { createApp } from './create-app.js';
import { settingsFrom } from './settings.js';

const logger = new Logger('CoffeeShop');

try {
  const settings = settingsFrom(process.env);
  const { port, remote } = settings;
  const app = await createApp(settings);
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
  const systems = Object.keys(remote).filter((name) => name !== 'accounts');
  if (systems.length > 0) logger.log(`It works with: ${systems.join(', ')}`);
} catch (error) {
  logger.error(`The coffee shop stays closed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
