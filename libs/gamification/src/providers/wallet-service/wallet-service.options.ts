import { IsIn, ValidateBy } from 'class-validator';
import { RemoteOptions } from '../../http/remote-options.js';
import { Secret } from '../../secret.js';
import { CONFIG_RULE, isConfigSource } from './authority-config.js';

/** How a wallet service is used. */
export class WalletServiceOptions extends RemoteOptions {
  /**
   * The authority client configuration that the service's administrator gave out: the path of its JSON file, or what is
   * in it. It holds a private key. The authority that it names is the one that entries are written as; the option
   * `authorityId` of the module does not matter here.
   */
  @ValidateBy({
    name: 'isWalletServiceConfig',
    validator: { validate: isConfigSource, defaultMessage: () => CONFIG_RULE },
  })
  @Secret((config) => (typeof config === 'string' ? config : '[secret]'))
  config!: string | object;

  /**
   * What `Wallets` does with an entry that has an `idempotencyKey`. The service knows no such keys: what is written
   * twice counts twice. `refuse`: throws `NotSupportedByWalletServiceError`, and nothing is written. `ignore`: writes
   * the entry as if it had no key, for applications that can live with a repeat.
   */
  @IsIn(['refuse', 'ignore'])
  idempotencyKeys: 'refuse' | 'ignore' = 'refuse';
}
