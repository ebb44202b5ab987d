import { PostgresServer } from './postgres-server.mjs';

/**
 * Gives the tests a PostgreSQL of their own: the one at TEST_POSTGRES_URL, or a throwaway server where its programs are
 * installed. Without either, what needs it is skipped, which is said in one line and is an error in CI.
 */
export default async function globalSetup() {
  if (process.env.TEST_POSTGRES_URL) return;
  const server = PostgresServer.find();
  if (server) {
    await server.start();
    process.env.TEST_POSTGRES_URL = server.url;
    globalThis.postgresServer = server;
    return;
  }
  const message = 'PostgreSQL was not found (nor TEST_POSTGRES_URL set): the tests on it are skipped';
  if (process.env.CI) throw new Error(message);
  process.stdout.write(`${message}\n`);
}
