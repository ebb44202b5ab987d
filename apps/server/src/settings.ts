import ipaddr from 'ipaddr.js';

/** What the environment decides about the server. */
export interface Settings {
  /** Where it listens: `PORT`. */
  readonly port: number;
  /** Where everything is kept: `DATABASE_URL`, a `file:` or a `postgres://` URL. */
  readonly databaseUrl: string;
  /** What events are worth: `MECHANICS`, the path of a YAML or JSON file. */
  readonly mechanics: string | undefined;
  /** Where browsers find the server, without a slash at its end: `PUBLIC_URL`. */
  readonly publicUrl: string;
  /** Where the codes of payments are posted to, to be sent on: `CODE_WEBHOOK_URL`. Without it there are no payments. */
  readonly codeWebhookUrl: string | undefined;
  /** Whose word counts for where requests come from: `TRUST_PROXY`, how many proxies there are, or their networks. */
  readonly trustProxy: number | readonly string[];
}

/** A variable of the environment is wrong. */
export class SettingsError extends Error {}

/**
 * Reads the environment. A variable that is set to nothing counts as not set.
 *
 * @throws SettingsError
 */
export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const port = Number(set.PORT ?? 3001);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new SettingsError(`PORT is ${JSON.stringify(set.PORT)}, allowed: a whole number from 0 to 65535`);
  }
  for (const name of ['PUBLIC_URL', 'CODE_WEBHOOK_URL']) {
    const url = set[name];
    if (url !== undefined && !/^https?:\/\/./.test(url)) {
      throw new SettingsError(`${name} is to be an http or https URL`);
    }
  }
  return {
    port,
    databaseUrl: set.DATABASE_URL ?? 'file:./data/server.db',
    mechanics: set.MECHANICS,
    publicUrl: (set.PUBLIC_URL ?? `http://localhost:${port}`).replace(/\/+$/, ''),
    codeWebhookUrl: set.CODE_WEBHOOK_URL,
    trustProxy: trustProxyOf(set.TRUST_PROXY),
  };
}

function trustProxyOf(text = '0'): number | readonly string[] {
  if (/^\d$/.test(text)) return Number(text);
  const networks = text.split(',').map((each) => each.trim());
  if (networks.every(isNetwork)) return networks;
  throw new SettingsError(
    `TRUST_PROXY is ${JSON.stringify(text)}, allowed: how many proxies there are, from 0 to 9, ` +
      'or their addresses or networks with commas between them: 10.0.0.0/8',
  );
}

function isNetwork(text: string): boolean {
  const { IPv4, IPv6 } = ipaddr;
  return text.includes('/')
    ? IPv4.isValidCIDRFourPartDecimal(text) || IPv6.isValidCIDR(text)
    : IPv4.isValidFourPartDecimal(text) || IPv6.isValid(text);
}
