import type { HttpTransport } from '../../http/http-transport.js';
import type { HttpTransports } from '../../http/http-transports.js';
import type { RemoteOptions } from '../../http/remote-options.js';
import { readAuthorityConfig } from './authority-config.js';
import { authorityToken } from './authority-token.js';

/** The way to a wallet service, for one authority. */
export interface WalletServiceConnection {
  readonly transport: HttpTransport;
  /** Who writes. */
  readonly authorityId: string;
  /** The authority's JSON Web Token: a secret. */
  readonly token: string;
}

/**
 * Opens the way to the wallet service that an authority client configuration names. Nothing is sent.
 *
 * @param config the path of the configuration's JSON file, or what is in it
 * @param transports what closes it
 * @throws WalletServiceConfigError naming everything that is wrong with the configuration
 */
export async function connectWalletService(
  config: string | object,
  options: RemoteOptions,
  transports: HttpTransports,
): Promise<WalletServiceConnection> {
  const authority = await readAuthorityConfig(config);
  const token = await authorityToken(authority);
  const target = { system: 'wallet', baseUrl: `${authority.apiBaseUrl}/api/v1`, secrets: [token] } as const;
  const transport = await transports.open(target, options);
  return { transport, authorityId: authority.authorityId, token };
}
