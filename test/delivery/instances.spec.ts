import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { Deliveries, EventTracker, Players, pgTransaction, RemoteRefusalError } from 'nestjs-gamification';
import pg from 'pg';
import { Database } from '../../libs/gamification/src/database/database.js';
import type { WriteCommand } from '../../libs/gamification/src/database/group-commit.js';
import { runThrough, Sql } from '../../libs/gamification/src/database/sql.js';
import { Statement } from '../../libs/gamification/src/database/statement.js';
import { adoptLog } from '../../libs/gamification/src/delivery/adopt-log.js';
import { durableStorages, postgres, type TestStorage } from '../support/storages.js';
import { createDelivering, eventually, Sink, statusOf, trackMany } from './delivering.js';

/** Runs a statement on an application's database. */
function rowsOf<Row>(app: INestApplicationContext, text: string): Promise<readonly Row[]> {
  const command: WriteCommand<string, readonly Row[]> = {
    name: 'test',
    async run(sql, texts) {
      return Promise.all(
        texts.map(async (each) => ({ ok: true, value: await sql.rows<Row>(new Statement(each).with()) })),
      );
    },
  };
  return app.get(Database).write(command, text, { keys: [] });
}

describe.each(durableStorages)('instances that share a log on $name', (kind) => {
  let storage: TestStorage;
  let apps: INestApplicationContext[];

  beforeEach(async () => {
    storage = await kind.create();
    apps = [];
  });

  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await storage.remove();
  });

  const start = async (sink: Sink) => {
    const app = await createDelivering([sink], { storage: { url: storage.url } });
    apps.push(app);
    return app;
  };

  it('deliver what any of them recorded, each event once', async () => {
    const sink = new Sink();
    const three = [await start(sink), await start(sink), await start(sink)];
    await Promise.all(three.map((app, index) => trackMany(app, 500, { from: index * 500 })));
    await eventually(() => sink.taken.length >= 1_500);

    expect(new Set(sink.taken.map(({ id }) => id)).size).toBe(1_500);
    expect(sink.taken).toHaveLength(1_500);
  });

  it('take over at once from one that closes, and repeat nothing', async () => {
    const sink = new Sink();
    const first = await start(sink);
    const second = await start(sink);
    await trackMany(second, 100);
    await eventually(() => sink.taken.length === 100);
    await first.close();
    apps.shift();
    await trackMany(second, 100, { from: 100 });
    await eventually(() => sink.taken.length >= 200);

    expect(new Set(sink.taken.map(({ id }) => id)).size).toBe(200);
    expect(sink.taken).toHaveLength(200);
  }, 60_000);

  it('go on after a restart where they were, with what was recorded while a system was down', async () => {
    const sink = new Sink();
    const first = await start(sink);
    await trackMany(first, 100);
    await first.get(Deliveries).flush();
    sink.before = () => {
      throw new Error('the process ends before this is answered');
    };
    apps.shift();
    await first.close();
    const between = await createDelivering([], { storage: { url: storage.url } });
    await trackMany(between, 50, { from: 100 });
    await between.close();
    sink.before = () => undefined;
    const second = await start(sink);
    await eventually(() => sink.taken.length >= 150);

    expect(sink.taken).toHaveLength(150);
    await eventually(async () => (await statusOf(second)).lag === 0);
  }, 60_000);

  it('keep nothing for one that lost the right to deliver without knowing', async () => {
    const sink = new Sink();
    const app = await start(sink);
    await trackMany(app, 10);
    await eventually(async () => (await statusOf(app)).delivered === 10);
    const row = () => rowsOf<{ cursors: string }>(app, 'select cursors from gamification_destinations');
    const before = await row();
    const answers: (() => void)[] = [];
    sink.before = () => new Promise((resolve) => answers.push(resolve));
    await trackMany(app, 10, { from: 10 });
    await eventually(() => answers.length === 1);
    // As when another instance took it while this one was cut off for a while.
    await rowsOf(
      app,
      "update gamification_destinations set holder = 'another', claims = claims + 1, held_until = 9999999999999",
    );
    sink.before = () => undefined;
    answers[0]?.();
    await eventually(() => sink.taken.length === 20);
    await trackMany(app, 10, { from: 20 });
    await new Promise(setImmediate);

    expect(await row()).toEqual(before);
    expect(await statusOf(app)).toMatchObject({ delivered: 10, waiting: 20 });
    await rowsOf(app, 'update gamification_destinations set held_until = 0');
    await eventually(async () => (await statusOf(app)).delivered === 30);
    expect(new Set(sink.taken.map(({ id }) => id)).size).toBe(30);
    // What was under way when the right was lost came twice, and nothing else did.
    expect(sink.taken).toHaveLength(40);
  }, 60_000);

  it('keep what was set aside, though the database fails just then', async () => {
    const sink = new Sink();
    sink.before = (events) => {
      if (events.some(({ traits }) => traits.n === 3)) {
        throw new RemoteRefusalError({ system: 'gmfy', operation: 'x', status: 400 }, 'it answered HTTP 400');
      }
    };
    const app = await start(sink);
    await rowsOf(app, 'alter table gamification_deliveries rename to away');
    await trackMany(app, 10);
    await eventually(() => sink.taken.length === 9);
    await rowsOf(app, 'alter table away rename to gamification_deliveries');
    await eventually(async () => (await statusOf(app)).delivered === 9);

    expect(await statusOf(app)).toMatchObject({ waiting: 1 });
    expect(sink.taken).toHaveLength(9);
  }, 60_000);

  it('deliver no further than a crash may repeat, while it cannot be kept how far they are', async () => {
    const sink = new Sink(1, 4);
    const answers: (() => void)[] = [];
    sink.before = () => new Promise((resolve) => answers.push(resolve));
    const app = await start(sink);
    await trackMany(app, 100);
    await eventually(() => answers.length === 4);
    await rowsOf(app, 'alter table gamification_destinations rename to away');
    sink.before = () => undefined;
    for (const answer of answers) answer();
    await eventually(() => sink.taken.length >= 4);
    await app.get(Deliveries).flush(500);
    expect(sink.taken.length).toBeLessThanOrEqual(7);
    await rowsOf(app, 'alter table away rename to gamification_destinations');
    await eventually(async () => (await statusOf(app)).delivered === 100);

    expect(sink.taken).toHaveLength(100);
  }, 60_000);

  it('begin with a new destination at the events from then on', async () => {
    const before = await createDelivering([], { storage: { url: storage.url } });
    await trackMany(before, 20);
    await before.close();
    const sink = new Sink();
    const app = await start(sink);
    await trackMany(app, 1, { from: 20 });
    await eventually(() => sink.taken.length > 0);

    expect(sink.taken.map(({ traits }) => traits.n)).toEqual([20]);
  });
});

const postgresHere = durableStorages.filter((kind) => kind === postgres);

for (const { name } of postgresHere) {
  describe(`a log on ${name}`, () => {
    let storage: TestStorage;
    let app: INestApplicationContext;
    let client: pg.Client;
    let sink: Sink;

    beforeEach(async () => {
      storage = await postgres.create();
      sink = new Sink();
      app = await createDelivering([sink], { storage: { url: storage.url } });
      client = new pg.Client({ connectionString: storage.url });
      await client.connect();
    });

    afterEach(async () => {
      await app.close();
      await client.end();
      await storage.remove();
    });

    /** As after a restore: all that is there comes from transactions that this server has not reached. */
    const bringToServerThatCountsAnew = async () => {
      const far = 4_000_000_000;
      await client.query('update gamification_events set transaction_id = transaction_id + $1', [far]);
      const { rows } = await client.query('select name, cursors, beginning from gamification_destinations');
      for (const { name, cursors, beginning } of rows) {
        const moved = JSON.parse(cursors).map(([transaction, position]: [number, number]) => [
          transaction + far,
          position,
        ]);
        const ran = JSON.parse(beginning).map((transaction: number) => transaction + far);
        await client.query(
          'update gamification_destinations set cursors = $2, beginning = $3 where name = $1',
          [name, JSON.stringify(moved), JSON.stringify(ran)],
        );
      }
    };

    it('shows an event of a transaction that ends later than those behind it', async () => {
      await client.query('begin');
      const transaction = pgTransaction(client);
      await app.get(EventTracker).track('e', { userId: 'slow', traits: { n: 0 } }, { transaction });
      await trackMany(app, 10, { from: 1 });
      await client.query('commit');
      await eventually(() => sink.taken.length === 11);

      expect(sink.of('slow')).toEqual([0]);
    });

    it('is flushed when also that is delivered which another transaction keeps from being shown', async () => {
      await client.query('begin');
      await client.query('select pg_current_xact_id()');
      await trackMany(app, 10);
      const flushed = app
        .get(Deliveries)
        .flush(10_000)
        .then(() => sink.taken.length);
      // The log is read meanwhile, and shows nothing.
      await app.get(Deliveries).flush(600);
      await client.query('commit');

      expect(await flushed).toBe(10);
    });

    it('is flushed also where what it does not show yet is erased meanwhile', async () => {
      await client.query('begin');
      await client.query('select pg_current_xact_id()');
      await app.get(EventTracker).track('e', { userId: 'ada' });
      const flushed = app.get(Deliveries).flush(60_000);
      await app.get(Deliveries).flush(600);
      await app.get(Players).erase('ada');
      await client.query('commit');
      await flushed;

      expect(sink.taken).toEqual([]);
    });

    it('has nothing to flush once its application is closed', async () => {
      const flushed = app.get(Deliveries).flush(60_000);
      await app.close();
      await flushed;
      await app.get(Deliveries).flush(60_000);
    });

    describe('to which a destination came while a transaction ran', () => {
      class Newcomer extends Sink {
        override readonly name = 'newcomer';
      }
      let newcomer: Newcomer;
      const withNewcomer = () => createDelivering([sink, newcomer], { storage: { url: storage.url } });
      const taken = () => newcomer.taken.map(({ traits }) => traits.n).sort((a, b) => Number(a) - Number(b));

      beforeEach(async () => {
        newcomer = new Newcomer();
        await client.query('begin');
        const transaction = pgTransaction(client);
        await app.get(EventTracker).track('e', { userId: 'slow', traits: { n: 0 } }, { transaction });
        await trackMany(app, 20, { from: 1 });
        // More than the status counts.
        await rowsOf(
          app,
          `insert into gamification_events (id, user_id, type, action, traits, occurred_at, received_at)
            select 'bulk' || n, 'bulk', 'e', 'create', '{}', 0, 0 from generate_series(1, 10000) n`,
        );
        await app.close();
        app = await withNewcomer();
      });

      it('brings it what is recorded from then on, that transaction with it, and nothing from before', async () => {
        await trackMany(app, 1, { from: 21 });
        await app.get(Deliveries).flush(600);
        expect(taken()).toEqual([]);
        expect(await statusOf(app, 'newcomer')).toMatchObject({ waiting: 1 });
        await client.query('commit');
        await eventually(() => newcomer.taken.length >= 2);
        await app.get(Deliveries).flush();

        expect(taken()).toEqual([0, 21]);
        await eventually(async () => {
          const [old, fresh] = await app.get(Deliveries).status();
          return old?.waiting === 0 && fresh?.waiting === 0 && fresh.delivered === 2;
        });
      });

      it('still knows that after a restart', async () => {
        await app.close();
        const answers: (() => void)[] = [];
        newcomer.before = () => new Promise((resolve) => answers.push(resolve));
        app = await withNewcomer();
        await client.query('commit');
        await eventually(() => answers.length > 0);
        expect(await statusOf(app, 'newcomer')).toMatchObject({ waiting: 1 });
        answers[0]?.();
        await eventually(() => newcomer.taken.length > 0);
        await app.get(Deliveries).flush();

        expect(taken()).toEqual([0]);
      });

      it('still knows that on a server that counts its transactions anew', async () => {
        await app.close();
        await client.query('commit');
        await bringToServerThatCountsAnew();
        app = await withNewcomer();
        await eventually(() => newcomer.taken.length > 0);
        await app.get(Deliveries).flush();

        expect(taken()).toEqual([0]);
      });
    });

    it.each([
      ['a cursor', "cursors = replace(cursors, '[' || (cursors::json -> 0 ->> 0) || ',', '[4000000000,')"],
      ['a beginning', "beginning = '[4000000000]'"],
    ])('goes on where %s is all that has a number which the server has not reached', async (_, change) => {
      await app.close();
      // The old server was busy with other databases when the destination came, and nothing was recorded since.
      await client.query(`update gamification_destinations set ${change}`);
      app = await createDelivering([sink], { storage: { url: storage.url } });
      await trackMany(app, 5);
      await eventually(() => sink.taken.length === 5);
    });

    it('is left as it is while another instance goes on with it', async () => {
      await trackMany(app, 5);
      const run = runThrough(pgTransaction(client));
      const other = new Sql('postgres', async (statements) => {
        const results = await run(statements);
        const delivered = (await statusOf(app)).delivered + 5;
        await trackMany(app, 5);
        await eventually(async () => (await statusOf(app)).delivered >= delivered);
        return results;
      });
      await adoptLog(other);
      await other.rows(new Statement('select 1').with());

      const [row] = await rowsOf<{ least: string }>(
        app,
        'select min(transaction_id) as least from gamification_events',
      );
      expect(Number(row?.least)).toBeGreaterThan(0);
    });

    it('that was brought from server to server before destinations kept how they began is delivered whole', async () => {
      await trackMany(app, 5);
      await eventually(async () => (await statusOf(app)).delivered === 5);
      await app.close();
      await client.query('update gamification_events set transaction_id = transaction_id - 4000000000');
      await client.query(
        "update gamification_destinations set cursors = (select json_agg('[-5000000000,0]'::json) from generate_series(1, 16))::text",
      );
      await client.query('alter table gamification_destinations drop column beginning');
      await client.query("delete from gamification_migrations where name = 'deliveries-2'");
      app = await createDelivering([sink], { storage: { url: storage.url } });
      await eventually(() => sink.taken.length === 10);
    });

    it('goes on where it was after it was brought to a server that counts its transactions anew', async () => {
      await trackMany(app, 10);
      await eventually(async () => (await statusOf(app)).delivered === 10);
      await app.close();
      await bringToServerThatCountsAnew();
      const away = await createDelivering([], { storage: { url: storage.url } });
      await trackMany(away, 5, { from: 10 });
      await away.close();

      app = await createDelivering([sink], { storage: { url: storage.url } });
      await trackMany(app, 5, { from: 15 });
      await eventually(() => sink.taken.length >= 20);
      expect(sink.taken.map(({ traits }) => traits.n).sort((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 20 }, (_, index) => index),
      );
    });
  });
}
