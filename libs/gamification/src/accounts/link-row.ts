import type { WriteCommand, Written } from '../database/group-commit.js';
import type { Sql } from '../database/sql.js';
import { Statement } from '../database/statement.js';

/** A link as the table has it. */
export interface LinkRow {
  readonly user_id: string;
  readonly provider: string;
  readonly version: string;
  readonly credential: string;
  readonly key_id: string;
  readonly scope: string | null;
  readonly expires_at: number | string | null;
  readonly linked_at: number | string;
  readonly updated_at: number | string;
  readonly refreshing_until: number | string;
}

/** A credential as it is written. Times are milliseconds since 1970. */
export interface NewLink {
  readonly userId: string;
  readonly provider: string;
  readonly version: string;
  readonly credential: string;
  readonly keyId: string;
  readonly scope: string | null;
  readonly expiresAt: number | null;
  readonly now: number;
}

/** A link that is only to be changed while it holds the credential of that version. */
export interface HeldLink {
  readonly userId: string;
  readonly provider: string;
  readonly version: string;
}

const PUT = new Statement(`
  insert into gamification_account_links
    (user_id, provider, version, credential, key_id, scope, expires_at, linked_at, updated_at, refreshing_until)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0)
  on conflict (user_id, provider) do update set
    version = excluded.version, credential = excluded.credential, key_id = excluded.key_id, scope = excluded.scope,
    expires_at = excluded.expires_at, linked_at = excluded.linked_at, updated_at = excluded.updated_at,
    refreshing_until = 0`);

const REMOVE = new Statement(`
  delete from gamification_account_links where user_id = $1 and provider = $2 returning version`);

const REMOVE_HELD = new Statement(`
  delete from gamification_account_links
  where user_id = $1 and provider = $2 and version = $3 returning version`);

const LEASE = new Statement(`
  update gamification_account_links set refreshing_until = $4
  where user_id = $1 and provider = $2 and version = $3 and refreshing_until <= $5 returning version`);

const END_LEASE = new Statement(`
  update gamification_account_links set refreshing_until = 0
  where user_id = $1 and provider = $2 and version = $3 and refreshing_until = $4 returning version`);

const RENEW = new Statement(`
  update gamification_account_links set
    version = $4, credential = $5, key_id = $6, scope = $7, expires_at = $8, updated_at = $9, refreshing_until = 0
  where user_id = $1 and provider = $2 and version = $3 returning version`);

const REENCRYPT = new Statement(`
  update gamification_account_links set credential = $4, key_id = $5
  where user_id = $1 and provider = $2 and credential = $3 returning version`);

/** Keeps a credential, in place of the one before. */
export const putLink = perLink<NewLink>('account-links-put', async (sql, link) => {
  const { userId, provider, version, credential, keyId, scope, expiresAt, now } = link;
  sql.queue(PUT.with(userId, provider, version, credential, keyId, scope, expiresAt, now));
  return true;
});

/** Removes a link, whatever it holds. Answers whether there was one. */
export const removeLink = perLink<{ readonly userId: string; readonly provider: string }>(
  'account-links-remove',
  (sql, { userId, provider }) => changed(sql, REMOVE.with(userId, provider)),
);

/** Removes a link if it still holds that credential. Answers whether it did: only one caller is told so. */
export const removeHeldLink = perLink<HeldLink>(
  'account-links-remove-held',
  (sql, { userId, provider, version }) => changed(sql, REMOVE_HELD.with(userId, provider, version)),
);

/** Takes the right to ask for a new token, until a time, unless somebody has it. Answers whether it was taken. */
export const leaseLink = perLink<HeldLink & { readonly until: number; readonly now: number }>(
  'account-links-lease',
  (sql, { userId, provider, version, until, now }) =>
    changed(sql, LEASE.with(userId, provider, version, until, now)),
);

/** Gives the right back that was taken until that time. */
export const endLease = perLink<HeldLink & { readonly until: number }>(
  'account-links-lease-end',
  (sql, { userId, provider, version, until }) =>
    changed(sql, END_LEASE.with(userId, provider, version, until)),
);

/** Keeps a refreshed credential in place of the one of that version. Answers whether that was still there. */
export const renewLink = perLink<{ readonly held: HeldLink; readonly link: NewLink }>(
  'account-links-renew',
  (sql, { held, link }) => {
    const { version, credential, keyId, scope, expiresAt, now } = link;
    const key = [held.userId, held.provider, held.version] as const;
    return changed(sql, RENEW.with(...key, version, credential, keyId, scope, expiresAt, now));
  },
);

/** Puts the same credential, encrypted anew, in place of its old form. Answers whether that was still there. */
export const reencryptLink = perLink<{
  readonly row: LinkRow;
  readonly credential: string;
  readonly keyId: string;
}>('account-links-reencrypt', (sql, { row, credential, keyId }) =>
  changed(sql, REENCRYPT.with(row.user_id, row.provider, row.credential, credential, keyId)),
);

/** A write to links, one statement each: people link accounts seldom. */
function perLink<Input>(
  name: string,
  write: (sql: Sql, input: Input) => Promise<boolean>,
): WriteCommand<Input, boolean> {
  return {
    name,
    async run(sql, inputs) {
      const results: Written<boolean>[] = [];
      for (const input of inputs) results.push({ ok: true, value: await write(sql, input) });
      return results;
    },
  };
}

async function changed(sql: Sql, statement: Parameters<Sql['rows']>[0]): Promise<boolean> {
  return (await sql.rows(statement)).length > 0;
}
