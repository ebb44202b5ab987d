import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, ExtensionStorage, type RunSql } from 'nestjs-gamification';
import type { GloebitAnswer } from './gloebit-answer.js';
import type { Grant } from './gloebit-grants.js';
import type { Callbacks, TransactionRequest, What } from './transaction.js';

/** How long a transaction is left alone while somebody is at it, in milliseconds. */
const LEASE = 60_000;

/**
 * How far a transaction is:
 *
 * - `new`: it is not yet known whether it was paid;
 * - `refused`: nothing was paid. It is `new` again when it comes again;
 * - `enacting`: paid, and its application is asked whether it stays so;
 * - `enacted` and `canceling`: the application has decided, which nothing changes any more, and is told;
 * - `done` and `canceled`: nothing is left to do.
 */
export type TransactionState = 'new' | 'refused' | 'enacting' | 'enacted' | 'canceling' | 'done' | 'canceled';

/** A transaction as it is kept. What it is about, whose it is and what it costs stay what they were first. */
export interface KeptTransaction {
  readonly clientId: string;
  readonly id: string;
  readonly userId: string;
  readonly what: What;
  /** For all of it. What a product costs may be another thing by the time that it is given back. */
  readonly price: number;
  readonly callbacks: Callbacks | undefined;
  /** Of the first time; nothing where none is final. */
  readonly answer: GloebitAnswer | undefined;
  readonly state: TransactionState;
  /** How often its application was asked. */
  readonly tries: number;
  /** Whether it was taken from its character again. */
  readonly isTaken: boolean;
}

interface TransactionRow {
  readonly client_id: string;
  readonly id: string;
  readonly user_id: string;
  readonly what: string;
  readonly price: number | string;
  readonly callbacks: string | null;
  readonly answer: string | null;
  readonly state: TransactionState;
  readonly tries: number | string;
  readonly is_taken: number | string;
}

type Key = Pick<KeptTransaction, 'clientId' | 'id'>;

/** Keeps transactions, for ever: an id counts once. */
@Injectable()
export class TransactionLog implements OnModuleInit {
  constructor(
    @Inject(ExtensionStorage) private readonly storage: ExtensionStorage,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, integer, end }) => [
      `create table if not exists gamification_server_transactions (
        client_id ${text} not null,
        id ${text} not null,
        user_id ${text} not null,
        what text not null,
        price ${integer} not null,
        callbacks text,
        answer text,
        state ${text} not null,
        tries ${integer} not null default 0,
        is_taken ${integer} not null default 0,
        next_try_at ${integer},
        primary key (client_id, id)
      ${end}`,
      `create index if not exists gamification_server_transactions_due
        on gamification_server_transactions (client_id, next_try_at) where next_try_at is not null`,
    ]);
  }

  /**
   * Takes an id for a transaction, unless it is taken.
   *
   * @param price for all of it
   * @returns what the id stands for, and whether it does so only now, or again after a refusal
   */
  begin(
    { clientId, userId }: Grant,
    { id, what, callbacks }: TransactionRequest,
    price: number,
  ): Promise<{ readonly kept: KeptTransaction; readonly isFresh: boolean }> {
    return this.storage.write(async (run) => {
      const due = this.clock.now() + LEASE;
      const inserted = await run(
        INSERT,
        clientId,
        id,
        userId,
        JSON.stringify(what),
        price,
        callbacks ? JSON.stringify(callbacks) : null,
        due,
      );
      const again = await run(RENEW, due, clientId, id, userId);
      const [row] = await run<TransactionRow>(LOCK, clientId, id);
      if (!row) throw new Error(`transaction ${id} is gone`);
      return { kept: toKept(row), isFresh: inserted.length + again.length > 0 };
    });
  }

  /** Nothing was paid for it. One that another call has paid for meanwhile stays so. */
  async refuse({ clientId, id }: Key): Promise<void> {
    await this.storage.write((run) => run(REFUSE, clientId, id));
  }

  /**
   * Keeps what came of a purchase, in the transaction in which `work` gives what was bought.
   *
   * @param state `enacting` where the application is to be asked
   * @returns the answer that counts, which is that of another call with the same id where that was first
   */
  settle(
    { clientId, id }: Key,
    state: 'enacting' | 'done',
    work: (run: RunSql) => Promise<GloebitAnswer>,
  ): Promise<GloebitAnswer> {
    return this.storage.write(async (run) => {
      const [row] = await run<TransactionRow>(LOCK, clientId, id);
      if (row?.answer) return JSON.parse(row.answer);
      const answer = await work(run);
      const due = state === 'enacting' ? this.clock.now() : null;
      await run(SETTLE, JSON.stringify(answer), state, due, clientId, id);
      return answer;
    });
  }

  /** Runs `work` where it has not been run for this transaction before. @returns what it says, or true */
  takeOnce({ clientId, id }: Key, work: (run: RunSql) => Promise<boolean>): Promise<boolean> {
    return this.storage.write(async (run) => {
      const [row] = await run<TransactionRow>(LOCK, clientId, id);
      if (!row || toKept(row).isTaken) return true;
      const isTaken = await work(run);
      if (isTaken) await run(TAKEN, clientId, id);
      return isTaken;
    });
  }

  /** Which applications have transactions that are due. */
  async applicationsDue(): Promise<readonly string[]> {
    const rows = await this.storage.read<{ client_id: string }>(
      'select distinct client_id from gamification_server_transactions where next_try_at <= $1',
      this.clock.now(),
    );
    return rows.map(({ client_id }) => client_id);
  }

  /** Takes transactions of an application that are due, which nobody else gets for a minute. */
  async claim(clientId: string, most: number): Promise<readonly KeptTransaction[]> {
    const now = this.clock.now();
    const rows = await this.storage.write((run) =>
      run<TransactionRow>(CLAIM, now + LEASE, clientId, now, most),
    );
    return rows.map(toKept);
  }

  /** @returns whether it was in the state before, so that of several decisions one counts */
  async move({ clientId, id }: Key, from: TransactionState, to: TransactionState): Promise<boolean> {
    const isOver = to === 'done' || to === 'canceled';
    const due = isOver ? null : this.clock.now() + LEASE;
    const moved = await this.storage.write((run) => run(MOVE, to, due, clientId, id, from));
    return moved.length > 0;
  }

  /** @param pause until its application is asked again, in milliseconds */
  async postpone({ clientId, id, tries }: KeptTransaction, pause: number): Promise<void> {
    await this.storage.write((run) => run(POSTPONE, tries + 1, this.clock.now() + pause, clientId, id));
  }
}

function toKept(row: TransactionRow): KeptTransaction {
  const { client_id, id, user_id, what, price, callbacks, answer, state, tries, is_taken } = row;
  return {
    clientId: client_id,
    id,
    userId: user_id,
    what: JSON.parse(what),
    price: Number(price),
    callbacks: callbacks === null ? undefined : JSON.parse(callbacks),
    answer: answer === null ? undefined : JSON.parse(answer),
    state,
    tries: Number(tries),
    isTaken: Number(is_taken) === 1,
  };
}

const TABLE = 'gamification_server_transactions';
const INSERT = `
  insert into ${TABLE} (client_id, id, user_id, what, price, callbacks, state, next_try_at)
  values ($1, $2, $3, $4, $5, $6, 'new', $7) on conflict do nothing returning id`;
const RENEW = `
  update ${TABLE} set state = 'new', next_try_at = $1
  where client_id = $2 and id = $3 and user_id = $4 and state = 'refused' returning id`;
/** Changes nothing, but keeps other writers from the row until the end. */
const LOCK = `update ${TABLE} set tries = tries where client_id = $1 and id = $2 returning *`;
const REFUSE = `
  update ${TABLE} set state = 'refused', next_try_at = null where client_id = $1 and id = $2 and state = 'new'`;
const SETTLE = `
  update ${TABLE} set answer = $1, state = $2, next_try_at = $3
  where client_id = $4 and id = $5 and state in ('new', 'refused')`;
const TAKEN = `update ${TABLE} set is_taken = 1 where client_id = $1 and id = $2`;
const CLAIM = `
  update ${TABLE} set next_try_at = $1
  where client_id = $2 and id in (
    select id from ${TABLE} where client_id = $2 and next_try_at <= $3 order by next_try_at limit $4)
  and next_try_at <= $3 returning *`;
const MOVE = `
  update ${TABLE} set state = $1, next_try_at = $2
  where client_id = $3 and id = $4 and state = $5 returning id`;
const POSTPONE = `
  update ${TABLE} set tries = $1, next_try_at = $2 where client_id = $3 and id = $4 and state = 'enacting'`;
