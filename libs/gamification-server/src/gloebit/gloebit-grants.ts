import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import OAuth2Server, {
  type AuthorizationCode,
  type AuthorizationCodeModel,
  type Client,
  type Token,
  type User,
} from '@node-oauth/oauth2-server';
import { Clock, ExtensionStorage, type RunSql } from 'nestjs-gamification';
import { hashSecret, newSecret } from '../keys/secrets.js';
import type { ServerKey } from '../keys/server-key.js';
import { ServerKeys } from '../keys/server-keys.js';
import { areSameScopes, scopesOf } from './scopes.js';

/** For how long it is known that a code was used, beyond its end, in milliseconds. */
const CODE_KEPT = 30 * 24 * 60 * 60_000;

/** What a code is good for: for a token, for none as it was used, or not even for the one that it gave. */
const UNUSED = 0;
const USED = 1;
const SEEN_AGAIN = 2;

/** What a user has allowed an application. */
export interface Grant {
  readonly clientId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
}

interface CodeRow {
  readonly client_id: string;
  readonly user_id: string;
  readonly redirect_uri: string;
  readonly scope: string;
  readonly expires_at: number | string;
  readonly is_used: number | string;
}

interface TokenRow {
  readonly client_id: string;
  readonly user_id: string;
  readonly scope: string;
}

/**
 * Codes and tokens, as hashes. A code counts once and for a short time; a token until its user or its application takes it
 * back, as Gloebit's do ([doc]). This is the model that `@node-oauth/oauth2-server` works on.
 */
@Injectable()
export class GloebitGrants implements AuthorizationCodeModel, OnModuleInit {
  constructor(
    @Inject(ExtensionStorage) private readonly storage: ExtensionStorage,
    @Inject(ServerKeys) private readonly keys: ServerKeys,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.storage.prepare(({ text, integer, end }) => [
      `create table if not exists gamification_server_codes (
        code_hash ${text} primary key,
        client_id ${text} not null,
        user_id ${text} not null,
        redirect_uri text not null,
        scope ${text} not null,
        expires_at ${integer} not null,
        is_used ${integer} not null default ${UNUSED}
      ${end}`,
      `create table if not exists gamification_server_tokens (
        token_hash ${text} primary key,
        client_id ${text} not null,
        user_id ${text} not null,
        scope ${text} not null,
        code_hash ${text},
        created_at ${integer} not null
      ${end}`,
      `create index if not exists gamification_server_tokens_user
        on gamification_server_tokens (user_id, client_id)`,
    ]);
  }

  /** @param secret nothing where only the application is looked up, for the page on which its users agree */
  async getClient(id: string, secret: string | null | undefined): Promise<Client | undefined> {
    const key = secret ? await this.keys.find('gloebit', id, secret) : await this.keys.application(id);
    return key && toClient(key);
  }

  async validateScope(_user: User, _client: Client, scope: string[] = []): Promise<string[] | false> {
    return scopesOf(scope.join(' ')) ? scope : false;
  }

  generateAuthorizationCode(): Promise<string> {
    return Promise.resolve(newSecret());
  }

  generateAccessToken(): Promise<string> {
    return Promise.resolve(newSecret());
  }

  generateRefreshToken(): Promise<string> {
    return Promise.resolve(newSecret());
  }

  async saveAuthorizationCode(
    code: Pick<AuthorizationCode, 'authorizationCode' | 'expiresAt' | 'redirectUri' | 'scope'>,
    client: Client,
    user: User,
  ): Promise<AuthorizationCode> {
    const { authorizationCode, expiresAt, redirectUri, scope = [] } = code;
    await this.storage.write(async (run) => {
      await run('delete from gamification_server_codes where expires_at < $1', this.clock.now() - CODE_KEPT);
      await run(
        `insert into gamification_server_codes (code_hash, client_id, user_id, redirect_uri, scope, expires_at)
         values ($1, $2, $3, $4, $5, $6)`,
        hashSecret(authorizationCode),
        client.id,
        String(user.id),
        redirectUri,
        scope.join(' '),
        expiresAt.getTime(),
      );
    });
    return { authorizationCode, expiresAt, redirectUri, scope, client, user };
  }

  /** A code that comes again was seen by somebody else, so what it has given is taken back (RFC 6749, section 4.1.2). */
  async getAuthorizationCode(authorizationCode: string): Promise<AuthorizationCode | undefined> {
    const [row] = await this.storage.read<CodeRow>(
      'select * from gamification_server_codes where code_hash = $1',
      hashSecret(authorizationCode),
    );
    if (row && Number(row.is_used) !== UNUSED) {
      await this.storage.write((run) => takeBack(run, hashSecret(authorizationCode)));
      return undefined;
    }
    const client = row && (await this.getClient(row.client_id, null));
    if (!row || !client) return undefined;
    return {
      authorizationCode,
      expiresAt: new Date(Number(row.expires_at)),
      redirectUri: row.redirect_uri,
      scope: row.scope.split(' '),
      client,
      user: { id: row.user_id },
    };
  }

  /** Of several who bring the same code at once, one is first, and has its token taken back by the others. */
  async revokeAuthorizationCode({ authorizationCode }: AuthorizationCode): Promise<boolean> {
    const hash = hashSecret(authorizationCode);
    return this.storage.write(async (run) => {
      const rows = await run(
        `update gamification_server_codes set is_used = $1
         where code_hash = $2 and is_used = $3 returning code_hash`,
        USED,
        hash,
        UNUSED,
      );
      if (rows.length === 0) await takeBack(run, hash);
      return rows.length > 0;
    });
  }

  /**
   * Takes the place of the user's token for the application that allows the same, if there is one ([doc]).
   *
   * @throws InvalidGrantError of the library where its code was seen again before it could be given
   */
  async saveToken(token: Token, client: Client, user: User): Promise<Token> {
    const scope = token.scope ?? [];
    const userId = String(user.id);
    const code = token.authorizationCode === undefined ? null : hashSecret(token.authorizationCode);
    await this.storage.write(async (run) => {
      if (code !== null) {
        // Changes nothing, but keeps other writers from the row until the end.
        const rows = await run<Pick<CodeRow, 'is_used'>>(
          'update gamification_server_codes set is_used = is_used where code_hash = $1 returning is_used',
          code,
        );
        if (Number(rows[0]?.is_used) === SEEN_AGAIN)
          throw new OAuth2Server.InvalidGrantError('the code has come twice');
      }
      const before = await run<TokenRow & { readonly token_hash: string }>(
        'select * from gamification_server_tokens where user_id = $1 and client_id = $2',
        userId,
        client.id,
      );
      for (const { token_hash, scope: allowed } of before) {
        if (areSameScopes(scope, allowed.split(' ')))
          await run('delete from gamification_server_tokens where token_hash = $1', token_hash);
      }
      await run(
        `insert into gamification_server_tokens (token_hash, client_id, user_id, scope, code_hash, created_at)
         values ($1, $2, $3, $4, $5, $6)`,
        hashSecret(token.accessToken),
        client.id,
        userId,
        scope.join(' '),
        code,
        this.clock.now(),
      );
    });
    return { ...token, client, user };
  }

  /** Makes a token without a code. @returns it */
  async issueToken({ clientId, userId, scopes }: Grant): Promise<string> {
    const accessToken = newSecret();
    const client = { id: clientId, grants: [] };
    const user = { id: userId };
    await this.saveToken({ accessToken, scope: [...scopes], client, user }, client, user);
    return accessToken;
  }

  /** Part of what the library wants of a model; tokens are looked up by {@link grantOf}. */
  async getAccessToken(): Promise<undefined> {
    return undefined;
  }

  /** What a token stands for; nothing where it counts no more, or its application does not. */
  async grantOf(token: string): Promise<Grant | undefined> {
    const [row] = await this.storage.read<TokenRow>(
      'select * from gamification_server_tokens where token_hash = $1',
      hashSecret(token),
    );
    if (!row || !(await this.keys.application(row.client_id))) return undefined;
    return { clientId: row.client_id, userId: row.user_id, scopes: row.scope.split(' ') };
  }

  /** Which applications a user has allowed what. */
  async grantsOf(userId: string): Promise<readonly Grant[]> {
    const rows = await this.storage.read<TokenRow>(
      'select * from gamification_server_tokens where user_id = $1 order by created_at limit 1000',
      userId,
    );
    return rows.map(({ client_id, scope }) => ({ clientId: client_id, userId, scopes: scope.split(' ') }));
  }
}

/** Takes back what a code gave, or is about to give. */
async function takeBack(run: RunSql, codeHash: string): Promise<void> {
  await run('update gamification_server_codes set is_used = $1 where code_hash = $2', SEEN_AGAIN, codeHash);
  await run('delete from gamification_server_tokens where code_hash = $1', codeHash);
}

function toClient({ id, name, redirectUris }: ServerKey): Client {
  return { id, name, redirectUris: [...redirectUris], grants: ['authorization_code'] };
}
