import type { GamificationModuleOptions } from 'nestjs-gamification';
import { MissingVariablesError, SettingsError } from './settings.errors.js';

/** The remote systems, as the library's module takes them. One that is absent is not used. */
export type RemoteSettings = Pick<
  GamificationModuleOptions,
  'gmfy' | 'interakt' | 'wallet' | 'accounts' | 'gloebit' | 'playblazer'
>;

/** Variables that are set to something. */
type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads which remote systems to use. A system is used as soon as a variable with its name is set, and then those that
 * it needs must be: a key without its URL is a mistake, and not a shop that does without the system.
 *
 * What stands in the variables is checked by the library when its module starts.
 *
 * @param publicUrl where browsers find the shop, without a slash at its end: Gloebit sends them back there
 * @throws SettingsError
 */
export function remoteSettingsFrom(variables: Variables, publicUrl: string): RemoteSettings {
  return {
    ...gmfy(variables),
    ...interakt(variables),
    ...wallet(variables),
    ...gloebit(variables, publicUrl),
    ...playblazer(variables),
  };
}

function gmfy(variables: Variables): RemoteSettings {
  const needed = read(variables, 'GMFY_', ['GMFY_URL', 'GMFY_API_KEY']);
  return needed ? { gmfy: { url: needed.GMFY_URL, apiKey: needed.GMFY_API_KEY } } : {};
}

function interakt(variables: Variables): RemoteSettings {
  const needed = read(variables, 'INTERAKT_', ['INTERAKT_API_KEY']);
  const { INTERAKT_URL: url } = variables;
  return needed ? { interakt: { apiKey: needed.INTERAKT_API_KEY, ...(url && { url }) } } : {};
}

function wallet({ WALLET_CONFIG: config }: Variables): RemoteSettings {
  return config ? { wallet: { config } } : {};
}

function gloebit(variables: Variables, publicUrl: string): RemoteSettings {
  const client = variables.GLOEBIT_CLIENT_SECRETS
    ? ['GLOEBIT_CLIENT_SECRETS']
    : ['GLOEBIT_CLIENT_ID', 'GLOEBIT_CLIENT_SECRET'];
  const needed = read(variables, 'GLOEBIT_', [...client, 'ACCOUNT_KEY']);
  if (!needed) return {};
  return {
    // What customers allow is kept encrypted. The id stands beside it and tells one key from the next.
    accounts: { encryptionKeys: [{ id: 'account-key', key: needed.ACCOUNT_KEY ?? '' }] },
    gloebit: {
      clientKey: variables.GLOEBIT_CLIENT_ID,
      clientSecret: variables.GLOEBIT_CLIENT_SECRET,
      clientSecretsFile: variables.GLOEBIT_CLIENT_SECRETS,
      url: variables.GLOEBIT_URL,
      sandbox: isOn(variables, 'GLOEBIT_SANDBOX'),
      // Their name there, what they can spend, and spending it.
      scope: 'id balance transact',
      redirectUri: `${publicUrl}/accounts/gloebit/callback`,
    },
  };
}

function playblazer(variables: Variables): RemoteSettings {
  const needed = read(variables, 'PLAYBLAZER_', [
    'PLAYBLAZER_URL',
    'PLAYBLAZER_APP_ID',
    'PLAYBLAZER_SECRET_KEY',
    'PLAYBLAZER_MODE',
  ]);
  if (!needed) return {};
  return {
    playblazer: {
      url: needed.PLAYBLAZER_URL,
      appId: needed.PLAYBLAZER_APP_ID,
      secretKey: needed.PLAYBLAZER_SECRET_KEY,
      mode: needed.PLAYBLAZER_MODE,
    },
  };
}

/**
 * The variables that a system needs; nothing where no variable begins with its name.
 *
 * @throws MissingVariablesError
 */
function read<Name extends string>(
  variables: Variables,
  prefix: string,
  names: readonly Name[],
): Record<Name, string> | undefined {
  const found = Object.keys(variables).find((name) => name.startsWith(prefix));
  if (found === undefined) return undefined;
  const missing = names.filter((name) => !variables[name]);
  if (missing.length > 0) throw new MissingVariablesError(missing, found);
  // None of them is missing.
  return variables as Record<Name, string>;
}

/** @throws SettingsError when a switch is neither on nor off */
function isOn(variables: Variables, name: string): boolean {
  const value = variables[name] ?? 'false';
  if (value !== 'true' && value !== 'false') throw new SettingsError(`${name} must be true or false`);
  return value === 'true';
}
