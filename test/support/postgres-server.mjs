import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A throwaway PostgreSQL server on a free port of the loopback interface, with its data in a temporary folder. */
export class PostgresServer {
  /** @param {string} programs the folder of `initdb` and `pg_ctl` */
  constructor(programs) {
    this.programs = programs;
    this.folder = '';
    this.port = 0;
  }

  /** The server, where its programs are installed. @returns {PostgresServer | undefined} */
  static find() {
    const debian = '/usr/lib/postgresql';
    const installed = existsSync(debian)
      ? readdirSync(debian).map((version) => join(debian, version, 'bin'))
      : [];
    const folders = [...(process.env.PATH ?? '').split(delimiter), ...installed];
    const programs = folders.find(
      (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')),
    );
    return programs === undefined ? undefined : new PostgresServer(programs);
  }

  get url() {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  async start() {
    if (this.folder === '') {
      this.folder = mkdtempSync(join(tmpdir(), 'gamification-postgres-'));
      if (process.getuid?.() === 0) chownSync(this.folder, ...userIds('postgres'));
      this.port = await freePort();
      this.run(
        'initdb',
        '--pgdata',
        this.data,
        '--username',
        'postgres',
        '--auth',
        'trust',
        '--encoding',
        'UTF8',
      );
    }
    const settings = `-p ${this.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
    this.run(
      'pg_ctl',
      'start',
      '--wait',
      '--pgdata',
      this.data,
      '--log',
      join(this.folder, 'log'),
      '--options',
      settings,
    );
  }

  /** Breaks every connection and stops. */
  stop() {
    this.run('pg_ctl', 'stop', '--wait', '--pgdata', this.data, '--mode', 'immediate');
  }

  remove() {
    this.stop();
    rmSync(this.folder, { recursive: true });
  }

  get data() {
    return join(this.folder, 'data');
  }

  /** PostgreSQL refuses to run as root, so there it runs as the user its package made. @param {string[]} words */
  run(...words) {
    const [program = '', ...rest] = words;
    const command = [join(this.programs, program), ...rest];
    const [file = '', ...args] =
      process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    execFileSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir(), timeout: 60_000 });
  }
}

/** @param {string} user @returns {[number, number]} */
function userIds(user) {
  const id = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return [id('-u'), id('-g')];
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
