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

/** Express's names for networks. */
const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/** A variable of the environment is wrong. */
export class SettingsError extends Error {}

/**
 * Reads the environment. A variable that is set to nothing counts as not set.
 *
 * @throws SettingsError
 */
export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const portText = set.PORT ?? '3001';
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port > 65_535) {
    throw new SettingsError(`PORT is ${JSON.stringify(portText)}, allowed: a whole number from 0 to 65535`);
  }
  for (const name of ['PUBLIC_URL', 'CODE_WEBHOOK_URL']) {
    const url = set[name];
    if (url !== undefined && !(/^https?:\/\/./.test(url) && URL.canParse(url))) {
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
  const networks = text.split(',').map((each) => networkOf(each.trim()));
  if (networks.every((each) => each !== undefined)) return networks;
  throw new SettingsError(
    `TRUST_PROXY is ${JSON.stringify(text)}, allowed: how many proxies there are, from 0 to 9, or with commas ` +
      `between them their addresses, their networks such as 10.0.0.0/8, or ${NAMED_NETWORKS.join(', ')}`,
  );
}

/** What Express takes as an address or a network: it takes fewer ways of writing one, and not the network of all. */
function networkOf(text: string): string | undefined {
  if (NAMED_NETWORKS.includes(text)) return text;
  const { IPv4, IPv6 } = ipaddr;
  if (IPv4.isValidFourPartDecimal(text) || (IPv6.isValid(text) && !text.includes('/'))) {
    return ipaddr.parse(text).toString();
  }
  if (!IPv4.isValidCIDRFourPartDecimal(text) && !IPv6.isValidCIDR(text)) return undefined;
  const [address, bits] = ipaddr.parseCIDR(text);
  return bits > 0 ? `${address}/${bits}` : undefined;
}
