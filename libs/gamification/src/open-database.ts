import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import type { Clock } from './clock.js';
import { StorageUnavailableError } from './database/database.errors.js';
import { Database } from './database/database.js';
import type { DatabaseDriver } from './database/driver.js';
import { PostgresDriver } from './database/postgres/postgres-driver.js';
import { SqliteDriver } from './database/sqlite/sqlite-driver.js';
import { adoptLog } from './delivery/adopt-log.js';
import type { StorageOptions } from './gamification.options.js';
import { migrations } from './migrations.js';

/**
 * Opens the configured storage and brings its schema up to date.
 *
 * @throws MissingPackageError, StorageUnavailableError, StorageVersionError
 */
export async function openDatabase(options: StorageOptions, clock: Clock): Promise<Database> {
  return migrateDatabase(new Database(driverFor(options), options.maxPendingWrites), clock);
}

/** Brings a database's schema up to date. Closes it where that cannot be done. @throws StorageUnavailableError, StorageVersionError */
export async function migrateDatabase(database: Database, clock: Clock): Promise<Database> {
  try {
    await database.migrate(migrations, clock.now(), adoptLog);
    return database;
  } catch (error) {
    await database.close(0);
    throw error;
  }
}

function driverFor({ url, maxConnections, preparedStatements }: StorageOptions): DatabaseDriver {
  const logger = new Logger('Gamification');
  if (url === 'memory:') {
    logger.warn('storage.url is memory: nothing is kept when the process ends');
    return new SqliteDriver(':memory:');
  }
  if (url.startsWith('file:')) return new SqliteDriver(prepareFile(url));
  return new PostgresDriver(url, maxConnections, preparedStatements, (error) =>
    logger.warn(`an idle connection to PostgreSQL broke: ${error.message}`),
  );
}

/** The path of a `file:` URL, with the folder it lies in. */
function prepareFile(url: string): string {
  const path = url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length);
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw new StorageUnavailableError('unreachable', `the folder of ${path} cannot be made`, { cause });
  }
  return path;
}
