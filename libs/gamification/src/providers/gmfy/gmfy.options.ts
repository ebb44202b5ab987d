import { IsBoolean } from 'class-validator';
import { IsEventSelection } from '../../delivery/event-selection.js';
import { IsBaseUrl, IsSecret, RemoteOptions } from '../../http/remote-options.js';
import { Secret } from '../../secret.js';

/** How GMFY is used. */
export class GmfyOptions extends RemoteOptions {
  /** The API key. One that can only read serves all but events, payments and transfers. */
  @IsSecret()
  @Secret()
  apiKey!: string;

  /** Where the API is, without `v1/`. It may end with a slash or not. */
  @IsBaseUrl()
  url!: string;

  /** Which events are delivered there: all (the default), none, or those of the named types. */
  @IsEventSelection()
  events: boolean | string[] = true;

  /** Whether paths end with a slash, as those of GMFY's Python SDK 0.0.4 do. GMFY's newer documentation has none. */
  @IsBoolean()
  trailingSlash: boolean = true;

  /**
   * Whether events also say their type without the action, as `eventType`: `{ eventType: 'like', type: 'create_like' }`.
   * The first GMFY clients did; later ones left it out.
   */
  @IsBoolean()
  sendEventType: boolean = false;

  /**
   * Whether codes are sent again at `v1/payments/ID/noauth/resend-code`, where GMFY's newer documentation has it, and not
   * at `v1/payments/ID/resend-code/`, where the Python SDK 0.0.4 has it.
   */
  @IsBoolean()
  noauthResendCode: boolean = false;

  /** How long one try of a call may take, its whole answer included, in milliseconds. */
  override timeout: number = 60_000;
}
