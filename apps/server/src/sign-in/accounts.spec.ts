import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { createServer } from '../create-server.js';
import { settingsFrom } from '../settings.js';
import { Accounts } from './accounts.js';

describe('Accounts', () => {
  let app: INestApplication;
  let accounts: Accounts;

  beforeEach(async () => {
    app = await createServer({ ...settingsFrom({}), databaseUrl: 'memory:' }, false);
    await app.init();
    accounts = app.get(Accounts, { strict: false });
  });

  afterEach(() => app.close());

  it('leaves threads for what else is computed, however many passwords are', async () => {
    let done = 0;
    const created = Array.from({ length: 40 }, async (_, index) => {
      const isNew = await accounts.create(`user-${index}`, 'correct horse battery');
      done++;
      return isNew;
    });
    // The first passwords are on their way to the threads.
    await new Promise(setImmediate);
    await promisify(pbkdf2)('a', 'b', 1, 8, 'sha256');
    expect(done).toBeLessThan(10);
    expect(await Promise.all(created)).toEqual(Array.from({ length: 40 }, () => true));
    expect(await accounts.matches('user-39', 'correct horse battery')).toBe(true);
    expect(await accounts.matches('user-39', 'correct horse staple')).toBe(false);
  });
});
