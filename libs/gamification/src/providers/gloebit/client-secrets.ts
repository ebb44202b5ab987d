import { IsArray, IsString } from 'class-validator';
import { GamificationOptionsError, type Problem } from '../../gamification.errors.js';
import { isHttpsOrLocal } from '../../http/secure-url.js';
import { readJsonFile } from '../../read-json-file.js';
import { isPlainObject, problemsOf, withoutTexts } from '../../validation.js';
import type { GloebitOptions } from './gloebit.options.js';
import { IsAbsoluteUrl, IsClient } from './gloebit-validation.js';

const PRODUCTION = 'https://www.gloebit.com';
const SANDBOX = 'https://sandbox.gloebit.com';

/** The application as Gloebit knows it, and where Gloebit is. */
export interface GloebitClient {
  readonly clientKey: string;
  readonly clientSecret: string;
  /** The base URL of all calls. May end with a slash. */
  readonly baseUrl: string;
  /** Where a user's browser is sent. */
  readonly authorizeUrl: string;
  /** Where tokens are had, relative to the base URL. */
  readonly tokenPath: string;
}

/** What a client-secrets file has below its one key. */
class ClientSecrets {
  @IsClient()
  client_id!: string;

  @IsClient()
  client_secret!: string;

  @IsArray()
  @IsString({ each: true })
  redirect_uris!: string[];

  @IsAbsoluteUrl()
  auth_uri!: string;

  @IsAbsoluteUrl()
  token_uri!: string;
}

/** Who the application is, from the options or the file that they name. @throws GamificationOptionsError */
export async function gloebitClient(options: GloebitOptions): Promise<GloebitClient> {
  const { clientKey = '', clientSecret = '', clientSecretsFile, sandbox } = options;
  const url = options.url ?? (sandbox ? SANDBOX : undefined);
  if (clientSecretsFile === undefined) return at(url ?? PRODUCTION, { clientKey, clientSecret });

  const secrets = await readSecrets(clientSecretsFile);
  const client = { clientKey: secrets.client_id, clientSecret: secrets.client_secret };
  if (url !== undefined) return at(url, client);
  const { auth_uri: authorizeUrl, token_uri: tokenUrl } = secrets;
  const { origin, pathname } = new URL(tokenUrl);
  if (new URL(authorizeUrl).origin !== origin) {
    throw wrong('auth_uri and token_uri are on different hosts', 'one host');
  }
  if (!isHttpsOrLocal(origin)) throw wrong('its hosts are without TLS', 'https:// URLs');
  return { ...client, baseUrl: origin, authorizeUrl, tokenPath: pathname.slice(1) };
}

function at(url: string, client: Pick<GloebitClient, 'clientKey' | 'clientSecret'>): GloebitClient {
  const baseUrl = url.replace(/\/+$/, '');
  return {
    ...client,
    baseUrl,
    authorizeUrl: `${baseUrl}/oauth2/authorize`,
    tokenPath: 'oauth2/access-token',
  };
}

async function readSecrets(file: string): Promise<ClientSecrets> {
  const content = await readJsonFile(file, (got, allowed) =>
    wrong(`${JSON.stringify(file)}, which is ${got}`, allowed),
  );
  const [kind, ...others] = isPlainObject(content) ? Object.entries(content) : [];
  if (!kind || others.length > 0 || !['web', 'installed'].includes(kind[0]) || !isPlainObject(kind[1])) {
    throw wrong('a file of another form', '{ "web": { … } } or { "installed": { … } }');
  }
  const secrets = new ClientSecrets();
  // Such files have more than is used.
  const fields: Readonly<Record<string, unknown>> = { ...kind[1] };
  const { client_id, client_secret, redirect_uris, auth_uri, token_uri } = fields;
  Object.assign(secrets, { client_id, client_secret, redirect_uris, auth_uri, token_uri });
  const problems = problemsOf(secrets).map((problem) => ({
    ...withoutTexts(problem),
    path: `gloebit.clientSecretsFile: ${kind[0]}.${problem.path}`,
  }));
  if (problems.length > 0) throw optionsError(problems);
  return secrets;
}

function wrong(got: string, allowed: string): GamificationOptionsError {
  return optionsError([{ path: 'gloebit.clientSecretsFile', got, allowed }]);
}

function optionsError(problems: readonly Problem[]): GamificationOptionsError {
  return new GamificationOptionsError('options of GamificationModule', problems);
}
