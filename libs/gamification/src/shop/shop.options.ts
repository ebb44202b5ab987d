import { IsIdentifier } from '../validation.js';
import { DEFAULT_RESOURCE } from '../wallets/wallet-inputs.js';

/** What the engine's shop is paid in. */
export class ShopOptions {
  /** The key of the resource in which prices are. */
  @IsIdentifier()
  resource: string = DEFAULT_RESOURCE;
}
