import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, ExtensionStorage, GamificationOptions } from 'nestjs-gamification';
import type { GloebitAnswer } from './gloebit-answer.js';
import type { Grant } from './gloebit-grants.js';
import type { Callbacks, TransactionRequest, What } from './transaction.js';

/** How long a transaction is left alone while somebody is at it, in milliseconds. */
const LEASE = 60_000;

/**
 * How far a transaction is:
 *
 * - `new`: it may be paid, and it is not yet known whether it was;
 * - `refused`: nothing was paid. It is `new` again when it comes again;
 * - `enacting`: paid, and its application is asked whether it stays so;
 * - `enacted` and `canceling`: the application has decided, which nothing changes any more; it is to be told, and what was
 *   paid to be given back;
 * - `returned`: what was paid was given back, which the application is to be told;
 * - `done` and `canceled`: nothing is left to do.
 */
export type TransactionState =
  | 'new'
  | 'refused'
  | 'enacting'
  | 'enacted'
  | 'canceling'
  | 'returned'
  | 'done'
  | 'canceled';

/** A transaction as it is kept. What it is about, and whose it is, stay what they were first. */
export interface KeptTransaction {
  readonly clientId: string;
  readonly id: string;
  readonly userId: string;
  readonly what: What;
  /** In what it is paid where it is not a product, also where the shop's is another one since. */
  readonly resource: string;
  /** Who writes the entries that pay it where it is not a product: for ever the same, as keys count once by authority. */
  readonly authorityId: string;
  readonly callbacks: Callbacks | undefined;
  /** Once it was paid, the answer to that. */
  readonly answer: GloebitAnswer | undefined;
  readonly state: TransactionState;
  /** What paid it, where it is not a product, once that is known. */
  readonly entryId: string | undefined;
  /** How often it was tried in vain to take it on from its state. */
  readonly tries: number;
  /** Until when whoever got it by `begin`, `claim` or `move` is alone at it; of one that was only read, somebody else's. */
  readonly lease: number | undefined;
}

interface TransactionRow {
  readonly client_id: string;
  readonly id: string;
  readonly user_id: string;
  readonly what: string;
  readonly resource: string;
  readonly authority_id: string;
  readonly callbacks: string | null;
  readonly answer: string | null;
  readonly state: TransactionState;
  readonly entry_id: string | null;
  readonly tries: number | string;
  readonly next_try_at: number | string | null;
}

type Key = Pick<KeptTransaction, 'clientId' | 'id'>;

/**
 * Keeps transactions, for ever: an id counts once. Whoever is at one has it for a minute, after which somebody else may go
 * on with it, and it is no longer theirs to refuse or to put off.
 */
@Injectable()
export class TransactionLog implements OnModuleInit {
  constructor(
    @Inject(ExtensionStorage) private readonly storage: ExtensionStorage,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, integer, end }) => [
      `create table if not exists gamification_server_transactions (
        client_id ${text} not null,
        id ${text} not null,
        user_id ${text} not null,
        what ${text} not null,
        resource ${text} not null,
        authority_id ${text} not null,
        callbacks text,
        answer text,
        state ${text} not null,
        entry_id ${text},
        tries ${integer} not null default 0,
        next_try_at ${integer},
        primary key (client_id, id)
      ${end}`,
      `create index if not exists gamification_server_transactions_due
        on gamification_server_transactions (client_id, next_try_at) where next_try_at is not null`,
    ]);
  }

  /** What an id stands for; nothing where it is free. */
  async find(clientId: string, id: string): Promise<KeptTransaction | undefined> {
    const [row] = await this.storage.read<TransactionRow>(FIND, clientId, id);
    return row && toKept(row);
  }

  /**
   * Takes an id for a transaction, unless it is taken; a transaction that was refused begins anew, and one that was left in
   * the middle goes on, where they are about the same.
   *
   * @param state `new` where it may be paid
   * @returns what the id stands for, and whether it is the caller's to pay it
   */
  begin(
    { clientId, userId }: Grant,
    { id, what, callbacks }: TransactionRequest,
    state: 'new' | 'refused',
  ): Promise<{ readonly kept: KeptTransaction; readonly isOurs: boolean }> {
    return this.storage.write(async (run) => {
      const now = this.clock.now();
      const due = state === 'new' ? now + LEASE : null;
      const about = JSON.stringify(what);
      const urls = callbacks ? JSON.stringify(callbacks) : null;
      const { authorityId } = this.options;
      const { resource } = this.options.shop;
      const inserted = await run(
        INSERT,
        clientId,
        id,
        userId,
        about,
        resource,
        authorityId,
        urls,
        state,
        due,
      );
      const taken =
        state === 'new' ? await run(TAKE, due, urls, resource, clientId, id, userId, about, now) : [];
      const [row] = await run<TransactionRow>(FIND, clientId, id);
      if (!row) throw new Error(`transaction ${id} is gone`);
      return { kept: toKept(row), isOurs: state === 'new' && inserted.length + taken.length > 0 };
    });
  }

  /** Nothing was paid for it. @returns whether it was still the caller's to say so */
  async refuse({ clientId, id, lease = 0 }: KeptTransaction): Promise<boolean> {
    const refused = await this.storage.write((run) => run(REFUSE, clientId, id, lease));
    return refused.length > 0;
  }

  /** It is not known what came of paying it, which whoever is next finds out. */
  async release({ clientId, id, lease = 0 }: KeptTransaction): Promise<void> {
    await this.storage.write((run) => run(RELEASE, this.clock.now(), clientId, id, lease));
  }

  /**
   * Keeps that it was paid.
   *
   * @param state `enacting` where the application is to be asked
   * @param entryId what paid it, where it is not a product
   * @returns the answer that counts, which is that of somebody else where that was first
   */
  settle(
    { clientId, id }: Key,
    state: 'enacting' | 'done',
    answer: GloebitAnswer,
    entryId: string | undefined,
  ): Promise<GloebitAnswer> {
    return this.storage.write(async (run) => {
      const due = state === 'enacting' ? this.clock.now() : null;
      await run(SETTLE, JSON.stringify(answer), state, due, entryId ?? null, clientId, id);
      const [row] = await run<TransactionRow>(FIND, clientId, id);
      return row?.answer ? JSON.parse(row.answer) : answer;
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

  /** @returns it as it is then; nothing where it was not in the state before, so that of several decisions one counts */
  async move(
    { clientId, id, state: from }: KeptTransaction,
    to: TransactionState,
  ): Promise<KeptTransaction | undefined> {
    const isOver = to === 'done' || to === 'canceled';
    const due = isOver ? null : this.clock.now() + LEASE;
    const [row] = await this.storage.write((run) => run<TransactionRow>(MOVE, to, due, clientId, id, from));
    return row && toKept(row);
  }

  /** @param pause until it is tried again, in milliseconds */
  async postpone({ clientId, id, lease = 0, tries }: KeptTransaction, pause: number): Promise<void> {
    const due = this.clock.now() + pause;
    await this.storage.write((run) => run(POSTPONE, tries + 1, due, clientId, id, lease));
  }
}

function toKept(row: TransactionRow): KeptTransaction {
  const { client_id, id, user_id, what, resource, authority_id } = row;
  const { callbacks, answer, state, entry_id, tries, next_try_at } = row;
  return {
    clientId: client_id,
    id,
    userId: user_id,
    what: JSON.parse(what),
    resource,
    authorityId: authority_id,
    callbacks: callbacks === null ? undefined : JSON.parse(callbacks),
    answer: answer === null ? undefined : JSON.parse(answer),
    state,
    entryId: entry_id ?? undefined,
    tries: Number(tries),
    lease: next_try_at === null ? undefined : Number(next_try_at),
  };
}

const TABLE = 'gamification_server_transactions';
const FIND = `select * from ${TABLE} where client_id = $1 and id = $2`;
const INSERT = `
  insert into ${TABLE} (client_id, id, user_id, what, resource, authority_id, callbacks, state, next_try_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning id`;
/** One that was refused begins anew; one that was left in the middle may be paid already, and stays as it is. */
const TAKE = `
  update ${TABLE} set state = 'new', tries = 0, next_try_at = $1,
    callbacks = case when state = 'refused' then cast($2 as text) else callbacks end,
    resource = case when state = 'refused' then cast($3 as text) else resource end
  where client_id = $4 and id = $5 and user_id = $6 and what = $7
    and (state = 'refused' or state = 'new' and next_try_at <= $8) returning id`;
const REFUSE = `
  update ${TABLE} set state = 'refused', next_try_at = null
  where client_id = $1 and id = $2 and state = 'new' and next_try_at = $3 returning id`;
const RELEASE = `
  update ${TABLE} set next_try_at = $1
  where client_id = $2 and id = $3 and state = 'new' and next_try_at = $4`;
/** Also of one that was refused meanwhile, so that what is paid is never counted as unpaid. */
const SETTLE = `
  update ${TABLE} set answer = $1, state = $2, tries = 0, next_try_at = $3, entry_id = $4
  where client_id = $5 and id = $6 and answer is null`;
const CLAIM = `
  update ${TABLE} set next_try_at = $1
  where client_id = $2 and id in (
    select id from ${TABLE} where client_id = $2 and next_try_at <= $3 order by next_try_at limit $4)
  and next_try_at <= $3 returning *`;
const MOVE = `
  update ${TABLE} set state = $1, tries = 0, next_try_at = $2
  where client_id = $3 and id = $4 and state = $5 returning *`;
const POSTPONE = `
  update ${TABLE} set tries = $1, next_try_at = $2 where client_id = $3 and id = $4 and next_try_at = $5`;
