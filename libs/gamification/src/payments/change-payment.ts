import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Insert, Statement } from '../database/statement.js';
import { Balances, type WalletKey } from '../wallets/balances.js';
import type { LedgerEntry } from '../wallets/ledger-entry.js';
import { fromRow, type KeptPayment, type PaymentRow, toColumns } from './payment-rows.js';
import { canBecome, type PaymentStatus } from './payment-states.js';
import { PaymentNotFoundError, PaymentRefusedError } from './payments.errors.js';

/** What is to happen to a payment. */
export type PaymentChange =
  /** A new code takes the place of the last one. */
  | {
      readonly kind: 'code';
      /** The how manieth it is. */
      readonly number: number;
      readonly hash: string;
      readonly expiresAt: number;
      readonly maxCodes: number;
    }
  /** A code is about to be compared: it counts before that, so that nobody guesses more often than is allowed. */
  | { readonly kind: 'attempt'; readonly at: number; readonly maxAttempts: number }
  /** It becomes something else; of a payment from a wallet with the entry that pays it. */
  | {
      readonly kind: 'become';
      readonly status: PaymentStatus;
      /** Only if this is still the payment's code. */
      readonly codeHash?: string;
      readonly entry?: LedgerEntry;
      readonly nextTryAt?: number;
    }
  /** The processor is about to be asked again, if nobody else does so. */
  | { readonly kind: 'try'; readonly at: number; readonly nextTryAt: number };

/** A change, and of which payment. */
export interface PaymentChanging {
  readonly paymentId: string;
  readonly change: PaymentChange;
}

/** What a payment is after a change. */
export interface PaymentChanged {
  readonly payment: KeptPayment;
  /** Whether this change did something: it may have happened before. */
  readonly changed: boolean;
}

const COLUMNS = {
  id: 'text',
  user_id: 'text',
  status: 'text',
  value: 'text',
  currency: 'text',
  return_url: 'text',
  description: 'text',
  locale: 'text',
  created_at: 'bigint',
  code_hash: 'text',
  code_expires_at: 'bigint',
  attempts: 'bigint',
  codes: 'bigint',
  next_try_at: 'bigint',
} as const;

const CREATE = new Insert('gamification_payments', COLUMNS, 'on conflict do nothing');

const SAVE = new Insert(
  'gamification_payments',
  COLUMNS,
  `on conflict (id) do update set status = excluded.status, code_hash = excluded.code_hash,
     code_expires_at = excluded.code_expires_at, attempts = excluded.attempts, codes = excluded.codes,
     next_try_at = excluded.next_try_at`,
);

const FIND = 'select p.* from each($1) join gamification_payments p on p.id = each.value ->> 0';
const LOCK = new Statement({ sqlite: FIND, postgres: `${FIND} order by p.id for update of p` });
const READ = new Statement(FIND);

const DUE = new Statement(`
  select * from gamification_payments where status = 'PROCESSING' and next_try_at <= $1
  order by next_try_at limit $2`);

/** Payments that were just created. */
export const createPayments: WriteCommand<KeptPayment, void> = {
  name: 'payments-create',

  async run(sql, payments) {
    sql.queue(CREATE.with(payments.map(toColumns)));
    return payments.map(() => ({ ok: true, value: undefined }));
  },
};

/** Changes payments, each as the one before it left it. Answers what they are then. */
export const changePayments: WriteCommand<PaymentChanging, PaymentChanged> = {
  name: 'payments-change',

  async run(sql, changings) {
    const rows = await sql.rows<PaymentRow>(LOCK.with(changings.map(({ paymentId }) => [paymentId])));
    const payments = new Map(rows.map((row) => [row.id, fromRow(row)]));
    const balances = await Balances.lock(sql, walletsOf(changings));
    const changed = new Set<string>();
    const entries: LedgerEntry[] = [];
    const results = changings.map(({ paymentId, change }): Written<PaymentChanged> => {
      const before = payments.get(paymentId);
      if (!before) return { ok: false, error: new PaymentNotFoundError(paymentId) };
      const after = changedPayment(before, change);
      if (after instanceof Error) return { ok: false, error: after };
      if (after === before) return { ok: true, value: { payment: after, changed: false } };
      if (change.kind === 'become' && change.entry) {
        const refusal = balances.apply([change.entry]);
        if (refusal) return { ok: false, error: refusal };
        entries.push(change.entry);
      }
      payments.set(paymentId, after);
      changed.add(paymentId);
      return { ok: true, value: { payment: after, changed: true } };
    });
    const saved = [...changed].flatMap((id) => payments.get(id) ?? []);
    if (saved.length > 0) sql.queue(SAVE.with(saved.map(toColumns)));
    balances.write(sql, entries);
    return results;
  },
};

/** A payment as it is now. @throws PaymentNotFoundError */
export async function findPayment(sql: Sql, paymentId: string): Promise<KeptPayment> {
  const [row] = await sql.rows<PaymentRow>(READ.with([[paymentId]]));
  if (!row) throw new PaymentNotFoundError(paymentId);
  return fromRow(row);
}

/** Payments about which the processor is to be asked again. */
export async function paymentsDue(sql: Sql, now: number, limit: number): Promise<readonly KeptPayment[]> {
  return (await sql.rows<PaymentRow>(DUE.with(now, limit))).map(fromRow);
}

/** A payment after a change, itself where that has happened already, or why it cannot happen. */
function changedPayment(payment: KeptPayment, change: PaymentChange): KeptPayment | Error {
  const { id, status } = payment;
  const refused = (detail: string) => new PaymentRefusedError(id, detail);
  switch (change.kind) {
    case 'code': {
      if (status !== 'CREATED') return refused(`it is ${status}`);
      const { number: codes, hash: codeHash, expiresAt: codeExpiresAt } = change;
      if (codes > change.maxCodes) return refused('it has had as many codes as a payment can have');
      if (codeHash === payment.codeHash) return payment;
      if (codes <= payment.codes) return refused('another code was sent at the same moment');
      return { ...payment, codeHash, codeExpiresAt, attempts: 0, codes };
    }
    case 'attempt':
      if (status === 'CANCELED' || status === 'DECLINED') return refused(`it is ${status}`);
      if (change.at >= payment.codeExpiresAt) return refused('the code has expired');
      if (payment.attempts >= change.maxAttempts) return refused('the code was entered wrong too often');
      return { ...payment, attempts: payment.attempts + 1 };
    case 'become': {
      if (change.codeHash !== undefined && change.codeHash !== payment.codeHash) {
        return refused('there is a newer code');
      }
      const isProcessed = change.status === 'PROCESSING' && canBecome('PROCESSING', status);
      if (status === change.status || isProcessed) return payment;
      if (!canBecome(status, change.status)) return refused(`it is ${status}`);
      return { ...payment, status: change.status, nextTryAt: change.nextTryAt ?? null };
    }
    case 'try': {
      const isDue = status === 'PROCESSING' && payment.nextTryAt !== null && payment.nextTryAt <= change.at;
      return isDue ? { ...payment, nextTryAt: change.nextTryAt } : refused(`it is ${status}, and not due`);
    }
  }
}

function walletsOf(changings: readonly PaymentChanging[]): readonly WalletKey[] {
  const wallets = new Map<string, WalletKey>();
  for (const { change } of changings) {
    if (change.kind !== 'become' || !change.entry) continue;
    const { userId, resource } = change.entry;
    wallets.set(`${userId}\n${resource}`, [userId, resource]);
  }
  return [...wallets.values()];
}
