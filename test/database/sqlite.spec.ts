import { describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../libs/gamification/src/clock.js';
import type { WriteCommand } from '../../libs/gamification/src/database/group-commit.js';
import { Statement } from '../../libs/gamification/src/database/statement.js';
import { StorageOptions } from '../../libs/gamification/src/gamification.options.js';
import { openDatabase } from '../../libs/gamification/src/open-database.js';
import { sqliteFile } from '../support/storages.js';

describe('a SQLite file', () => {
  it('is written so that a power cut takes nothing that was answered', async () => {
    const storage = await sqliteFile.create();
    const database = await openDatabase(
      Object.assign(new StorageOptions(), { url: storage.url }),
      new SystemClock(),
    );
    const pragmas: WriteCommand<string, unknown> = {
      name: 'pragmas',
      async run(sql, names) {
        const [rows] = await Promise.all(
          names.map((name) => sql.rows(new Statement(`pragma ${name}`).with())),
        );
        return [{ ok: true, value: rows?.[0] }];
      },
    };
    const pragma = (name: string) => database.write(pragmas, name, { keys: [] });

    expect(await pragma('journal_mode')).toEqual({ journal_mode: 'wal' });
    // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
    expect(await pragma('synchronous')).toEqual({ synchronous: 2 });
    expect(await pragma('foreign_keys')).toEqual({ foreign_keys: 1 });

    await database.close(5_000);
    await storage.remove();
  });
});
