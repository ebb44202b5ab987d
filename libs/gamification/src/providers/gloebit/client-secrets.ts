import { readFile } from 'node:fs/promises';
import { IsArray, IsString } from 'class-validator';
import type { Problem } from '../../gamification.errors.js';
import { GamificationOptionsError } from '../../gamification.options.js';
import { isPlainObject, problemsOf } from '../../validation.js';
import { type GloebitOptions, IsAbsoluteUrl, IsClient, isHttpsOrLocal } from './gloebit.options.js';

const PRODUCTION = 'https://www.gloebit.com';
const SANDBOX = 'https://sandbox.gloebit.com';

/** The application as Gloebit knows it, and where Gloebit is. */
export interface GloebitClient {
  readonly clientKey: string;
  readonly clientSecret: string;
  /** The base URL of all calls. May end with a slash. */
  readonly host: string;
  /** Where a user's browser is sent. */
  readonly authorizeUrl: string;
  /** Where tokens are had, relative to the host. */
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
  const host = options.host ?? (sandbox ? SANDBOX : undefined);
  if (clientSecretsFile === undefined) return at(host ?? PRODUCTION, { clientKey, clientSecret });

  const secrets = await readSecrets(clientSecretsFile);
  const client = { clientKey: secrets.client_id, clientSecret: secrets.client_secret };
  if (host !== undefined) return at(host, client);
  const { auth_uri: authorizeUrl, token_uri: tokenUrl } = secrets;
  const { origin, pathname } = new URL(tokenUrl);
  if (new URL(authorizeUrl).origin !== origin) {
    throw wrong('auth_uri and token_uri are on different hosts', 'one host');
  }
  if (!isHttpsOrLocal(origin)) throw wrong('its hosts are without TLS', 'https:// URLs');
  return { ...client, host: origin, authorizeUrl, tokenPath: pathname.slice(1) };
}

function at(host: string, client: Pick<GloebitClient, 'clientKey' | 'clientSecret'>): GloebitClient {
  const base = host.replace(/\/+$/, '');
  return {
    ...client,
    host: base,
    authorizeUrl: `${base}/oauth2/authorize`,
    tokenPath: 'oauth2/access-token',
  };
}

async function readSecrets(file: string): Promise<ClientSecrets> {
  const content = await readJson(file);
  const [kind, ...others] = isPlainObject(content) ? Object.entries(content) : [];
  if (!kind || others.length > 0 || !['web', 'installed'].includes(kind[0]) || !isPlainObject(kind[1])) {
    throw wrong('a file of another form', '{ "web": { … } } or { "installed": { … } }');
  }
  const secrets = new ClientSecrets();
  // Such files have more than is used.
  const { client_id, client_secret, redirect_uris, auth_uri, token_uri } = kind[1] as Partial<ClientSecrets>;
  Object.assign(secrets, { client_id, client_secret, redirect_uris, auth_uri, token_uri });
  const problems = problemsOf(secrets).map((problem) => ({
    ...problem,
    path: `gloebit.clientSecretsFile: ${kind[0]}.${problem.path}`,
    // It may be a secret in the wrong place.
    got: problem.got.startsWith('"') ? 'a text' : problem.got,
  }));
  if (problems.length > 0) throw optionsError(problems);
  return secrets;
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    throw wrong(`${JSON.stringify(file)}, which cannot be read`, 'the path of a file');
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message has a piece of the file.
    throw wrong(`${JSON.stringify(file)}, which is no JSON`, 'a client-secrets JSON file');
  }
}

function wrong(got: string, allowed: string): GamificationOptionsError {
  return optionsError([{ path: 'gloebit.clientSecretsFile', got, allowed }]);
}

function optionsError(problems: readonly Problem[]): GamificationOptionsError {
  return new GamificationOptionsError('options of GamificationModule', problems);
}
