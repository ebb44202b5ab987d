import { ConsoleLogger } from '@nestjs/common';
import { createServer } from './create-server.js';
import { keysCommand } from './keys-command.js';
import { settingsFrom } from './settings.js';

const [, , command, ...words] = process.argv;

try {
  const settings = settingsFrom(process.env);
  if (command === 'keys') {
    process.stdout.write(`${JSON.stringify(await keysCommand(words, settings))}\n`);
  } else if (command === undefined) {
    const logger = new ConsoleLogger({ json: true, logLevels: ['log', 'warn', 'error', 'fatal'] });
    const app = await createServer(settings, logger);
    // On SIGTERM and SIGINT it takes no more requests, and what they brought is recorded before the process ends.
    app.enableShutdownHooks(undefined, { useProcessExit: true });
    try {
      await app.listen(settings.port);
    } catch (error) {
      await app.close();
      throw error;
    }
    logger.log(`The server listens: http://localhost:${settings.port}`, 'Server');
  } else {
    throw new Error(
      `there is no command ${JSON.stringify(command)}: there is \`keys\`, and nothing to serve`,
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
