/**
 * The thread that owns the SQLite connections, so that no fsync and no long query ever holds up the host's event loop.
 *
 * Plain JavaScript, because a thread is started from a file and the same file must serve the sources and the build.
 *
 * @typedef {{ path: string, readonlyReader: boolean }} Settings
 * @typedef {{ text: string, runs: (string | number | null)[][] }} NativeSql
 * @typedef {{ id: number, connection: 'writer' | 'reader', statements: NativeSql[], rollback?: boolean }} Request
 * @typedef {{ id: number, results: unknown[][] } | { id: number, error: { code: string, message: string } }} Reply
 */
import { parentPort, workerData } from 'node:worker_threads';

/** @type {import('node:worker_threads').MessagePort} */
const port = /** @type {any} */ (parentPort);
/** @type {Settings} */
const { path, readonlyReader } = workerData;

/** How long opening waits for another process that is switching the journal mode, in milliseconds. */
const OPEN_TIMEOUT = 5_000;

/** @type {{ writer: Connection, reader: Connection } | undefined} */
let connections;

class Connection {
  /** @param {import('better-sqlite3').Database} database */
  constructor(database) {
    this.database = database;
    /** @type {Map<string, import('better-sqlite3').Statement>} */
    this.prepared = new Map();
  }

  /**
   * Runs the statements in order and returns the rows of each.
   *
   * @param {NativeSql[]} statements
   */
  run(statements) {
    return statements.map(({ text, runs }) => {
      const statement = this.prepare(text);
      /** @type {unknown[]} */
      const rows = [];
      for (const parameters of runs) {
        if (statement.reader) rows.push(...statement.all(...parameters));
        else statement.run(...parameters);
      }
      return rows;
    });
  }

  /** @param {string} text */
  prepare(text) {
    let statement = this.prepared.get(text);
    if (!statement) {
      statement = this.database.prepare(text);
      this.prepared.set(text, statement);
    }
    return statement;
  }
}

async function open() {
  const { default: Sqlite } = await import('better-sqlite3');
  const database = new Sqlite(path, { timeout: OPEN_TIMEOUT });
  try {
    return prepareConnections(Sqlite, database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** @param {typeof import('better-sqlite3')} Sqlite @param {import('better-sqlite3').Database} database */
function prepareConnections(Sqlite, database) {
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = full');
  database.pragma('foreign_keys = on');
  // A checkpoint costs two fsyncs; with a log of up to 16 MiB they come a quarter as often as by default.
  database.pragma('wal_autocheckpoint = 4000');
  // From here on nobody waits inside SQLite: the caller tries again, so that readers are served meanwhile.
  database.pragma('busy_timeout = 0');
  const writer = new Connection(database);
  const reader = readonlyReader ? new Connection(new Sqlite(path, { readonly: true, timeout: 100 })) : writer;
  return { writer, reader };
}

/** @param {Request} request @returns {Promise<Reply>} */
async function answer({ id, connection, statements, rollback }) {
  try {
    if (rollback) {
      if (connections?.writer.database.inTransaction) connections.writer.database.exec('rollback');
      return { id, results: [] };
    }
    connections ??= await open();
    return { id, results: connections[connection].run(statements) };
  } catch (error) {
    const { code = 'UNKNOWN', message } = /** @type {Error & { code?: string }} */ (error);
    return { id, error: { code, message } };
  }
}

let turn = Promise.resolve();
port.on('message', (/** @type {Request | 'close'} */ request) => {
  turn = turn.then(async () => {
    if (request !== 'close') return port.postMessage(await answer(request));
    if (connections) {
      if (connections.reader !== connections.writer) connections.reader.database.close();
      connections.writer.database.close();
    }
    port.close();
  });
});
