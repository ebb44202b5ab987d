import { TransactionConflictError } from './database.errors.js';
import type { DatabaseDriver } from './driver.js';
import type { WriteCommand } from './group-commit.js';
import { runThrough, Sql, type SqlPort } from './sql.js';
import { Statement } from './statement.js';

const SAVEPOINT = new Statement('savepoint gamification').with();
const RELEASE = new Statement('release savepoint gamification').with();
const ROLL_BACK = new Statement('rollback to savepoint gamification').with();

/** How often a write that met another transaction is tried: the next try sees what that one committed. */
const MAX_TRIES = 3;

/**
 * Writes inside transactions that the host opened and will commit or roll back.
 *
 * Each write is wrapped in a savepoint, so that a failing one leaves nothing behind in a transaction that the host may
 * still commit. Writes through one adapter, or through adapters that name the same connection, run one after another.
 */
export class HostTransactions {
  private readonly lastWrites = new WeakMap<object, Promise<unknown>>();

  constructor(private readonly driver: DatabaseDriver) {}

  write<Input, Output>(
    transaction: SqlPort,
    command: WriteCommand<Input, Output>,
    input: Input,
  ): Promise<Output> {
    const connection = transaction.connection ?? transaction;
    const before = this.lastWrites.get(connection) ?? Promise.resolve();
    const write = before.then(() => this.run(this.sqlOf(transaction), command, input));
    this.lastWrites.set(
      connection,
      write.catch(() => undefined),
    );
    return write;
  }

  private sqlOf(transaction: SqlPort): Sql {
    const run = runThrough(transaction);
    return new Sql(this.driver.dialect, (statements) =>
      run(statements).catch((error: unknown) => {
        throw this.driver.translate(error);
      }),
    );
  }

  private async run<Input, Output>(
    sql: Sql,
    command: WriteCommand<Input, Output>,
    input: Input,
  ): Promise<Output> {
    for (let tries = 1; ; tries++) {
      sql.queue(SAVEPOINT);
      try {
        const [written] = await command.run(sql, [input]);
        if (!written?.ok) throw written?.error ?? new Error(`${command.name} gave no result`);
        await sql.rows(RELEASE);
        return written.value;
      } catch (error) {
        await rollBack(sql);
        if (!(error instanceof TransactionConflictError) || tries === MAX_TRIES) throw error;
      }
    }
  }
}

async function rollBack(sql: Sql): Promise<void> {
  try {
    await sql.rows(ROLL_BACK);
    await sql.rows(RELEASE);
  } catch {
    // The transaction is lost as a whole, or its connection is; the error that brought us here tells why.
  }
}
