import { RemoteOptions } from '../../http/remote-options.js';

/** How a wallet service is used. */
export class WalletServiceOptions extends RemoteOptions {
  /** The authority client configuration: the path of its JSON file, or what is in it. */
  config!: string | object;
}
