import { generateKeyPairSync } from 'node:crypto';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Clock, ExtensionStorage, InvalidInputError, type Problem } from 'nestjs-gamification';
import { isStorable } from '../wire/wire-values.js';
import { hashSecret, matchesSecret, newId, newSecret } from './secrets.js';
import type { Permission, Protocol, ServerKey } from './server-key.js';

/** What a key is made with. */
export interface NewKey {
  /** For people: whose it is. */
  readonly name?: string | undefined;
  /** `write` unless told; only GMFY's keys can be for reading alone. */
  readonly permission?: Permission | undefined;
  /** Of an application of Gloebit: where users may be sent back to, exactly. */
  readonly redirectUris?: readonly string[] | undefined;
}

/** A key that was just made. Its secret is nowhere else. */
export interface CreatedKey {
  readonly key: ServerKey;
  /** Of a wallet authority, the private key as PEM (SEC1). */
  readonly secret: string;
}

interface KeyRow {
  readonly id: string;
  readonly protocol: Protocol;
  readonly name: string;
  readonly permission: Permission;
  readonly secret_hash: string | null;
  readonly public_key: string | null;
  readonly redirect_uris: string;
  readonly created_at: number | string;
  readonly revoked_at: number | string | null;
}

/** Digits of an id: those of wallet authorities have to look like MongoDB's. */
const ID_DIGITS: Readonly<Record<Protocol, number>> = {
  gloebit: 24,
  gmfy: 12,
  interakt: 12,
  playblazer: 12,
  wallet: 24,
};

/** A key cannot be as it was asked for; none is made. */
export class InvalidKeyError extends InvalidInputError {
  readonly code = 'SERVER_KEY_INVALID';
}

/** Characters of a name and of an address at most. */
const MAX_NAME = 200;
const MAX_URI = 2_000;

/** Keys that are listed at most. */
const MAX_LISTED = 10_000;

/**
 * The keys of the applications that the server serves. Of secrets only hashes are kept, of wallet authorities the public
 * key; each change is noted in `gamification_server_audit`.
 */
@Injectable()
export class ServerKeys implements OnModuleInit {
  private readonly logger = new Logger('Keys');
  private prepared: Promise<void> | undefined;

  constructor(
    @Inject(ExtensionStorage) private readonly storage: ExtensionStorage,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.prepare();
  }

  /**
   * Makes a key.
   *
   * @throws InvalidKeyError for a name of more than 200 characters, or an address that nobody can be sent back to
   */
  async create(
    protocol: Protocol,
    { name = '', permission = 'write', redirectUris = [] }: NewKey = {},
  ): Promise<CreatedKey> {
    const problems = problemsOf(name, redirectUris);
    if (problems.length > 0) throw new InvalidKeyError('key', problems);
    await this.prepare();
    const id = newId(ID_DIGITS[protocol]);
    const { secret, publicKey } =
      protocol === 'wallet' ? newKeyPair() : { secret: newSecret(), publicKey: null };
    const createdAt = this.clock.now();
    const hash = publicKey === null ? hashSecret(secret) : null;
    await this.storage.write(async (run) => {
      await run(
        `insert into gamification_server_keys
           (id, protocol, name, permission, secret_hash, public_key, redirect_uris, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        id,
        protocol,
        name,
        permission,
        hash,
        publicKey,
        JSON.stringify(redirectUris),
        createdAt,
      );
      await run(AUDIT, createdAt, 'created', protocol, id);
    });
    this.logger.log(`created: ${protocol} ${id}`);
    return { key: { id, protocol, name, permission, redirectUris, createdAt: new Date(createdAt) }, secret };
  }

  /** All keys, revoked ones included, by the time they were made. */
  async list(): Promise<readonly ServerKey[]> {
    await this.prepare();
    const rows = await this.storage.read<KeyRow>(
      'select * from gamification_server_keys order by created_at, id limit $1',
      MAX_LISTED,
    );
    return rows.map(toKey);
  }

  /** Makes a key worthless. @returns whether it was worth something */
  async revoke(id: string): Promise<boolean> {
    await this.prepare();
    const now = this.clock.now();
    const revoked = await this.storage.write(async (run) => {
      const [row] = await run<KeyRow>(
        'update gamification_server_keys set revoked_at = $1 where id = $2 and revoked_at is null returning *',
        now,
        id,
      );
      if (row) await run(AUDIT, now, 'revoked', row.protocol, id);
      return row;
    });
    if (revoked) this.logger.log(`revoked: ${revoked.protocol} ${id}`);
    return revoked !== undefined;
  }

  /** The key with an id and a secret; nothing where there is none, or none any more. */
  async find(protocol: Protocol, id: string, secret: string): Promise<ServerKey | undefined> {
    const row = await this.row(protocol, id);
    // Whether there is such an id is not told by how long the answer takes.
    const matches = matchesSecret(secret, row?.secret_hash ?? NO_HASH);
    return row && matches ? toKey(row) : undefined;
  }

  /** An application of Gloebit, by its id alone. */
  async application(id: string): Promise<ServerKey | undefined> {
    const row = await this.row('gloebit', id);
    return row && toKey(row);
  }

  /** The public key of a wallet authority, as PEM. */
  async publicKeyOf(authorityId: string): Promise<string | undefined> {
    return (await this.row('wallet', authorityId))?.public_key ?? undefined;
  }

  private async row(protocol: Protocol, id: string): Promise<KeyRow | undefined> {
    if (!/^[0-9a-f]+$/.test(id)) return undefined;
    const [row] = await this.storage.read<KeyRow>(
      'select * from gamification_server_keys where id = $1 and protocol = $2 and revoked_at is null',
      id,
      protocol,
    );
    return row;
  }

  private prepare(): Promise<void> {
    this.prepared ??= this.storage.prepare(({ text, integer, position, end }) => [
      `create table if not exists gamification_server_keys (
        id ${text} primary key,
        protocol ${text} not null,
        name text not null,
        permission ${text} not null,
        secret_hash ${text},
        public_key text,
        redirect_uris text not null,
        created_at ${integer} not null,
        revoked_at ${integer}
      ${end}`,
      `create table if not exists gamification_server_audit (
        position ${position},
        at ${integer} not null,
        action ${text} not null,
        protocol ${text} not null,
        key_id ${text} not null
      ${end}`,
    ]);
    return this.prepared;
  }
}

const AUDIT = 'insert into gamification_server_audit (at, action, protocol, key_id) values ($1, $2, $3, $4)';

function problemsOf(name: string, redirectUris: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  if (name.length > MAX_NAME || !isStorable(name)) {
    problems.push({
      path: 'name',
      got: JSON.stringify(name.slice(0, 50)),
      allowed: `a text of at most ${MAX_NAME} characters`,
    });
  }
  for (const [index, uri] of redirectUris.entries()) {
    if (isRedirectUri(uri)) continue;
    const allowed = `an http or https URL of at most ${MAX_URI} characters, without credentials and without a fragment`;
    problems.push({
      path: `redirectUris[${index}]`,
      got: JSON.stringify(withoutCredentials(uri).slice(0, 100)),
      allowed,
    });
  }
  return problems;
}

/** As it is shown: it may be wrong because there is a password in it. */
function withoutCredentials(uri: string): string {
  return uri.replace(/\/\/[^/]*@/, '//…@');
}

/** Whether users can be sent back to an address: an http or https URL without credentials and without a fragment. */
function isRedirectUri(uri: string): boolean {
  if (uri.length > MAX_URI || /[#\s]/.test(uri) || !URL.canParse(uri)) return false;
  const { protocol, username, password } = new URL(uri);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** What no secret has. */
const NO_HASH = '0'.repeat(64);

function newKeyPair(): { readonly secret: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    // Without a line break at its end, as the real service writes it.
    secret: privateKey.export({ type: 'sec1', format: 'pem' }).toString().trimEnd(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function toKey(row: KeyRow): ServerKey {
  const { id, protocol, name, permission, redirect_uris, created_at, revoked_at } = row;
  return {
    id,
    protocol,
    name,
    permission,
    redirectUris: JSON.parse(redirect_uris),
    createdAt: new Date(Number(created_at)),
    ...(revoked_at === null ? {} : { revokedAt: new Date(Number(revoked_at)) }),
  };
}
