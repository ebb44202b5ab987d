import { IsBoolean } from 'class-validator';
import { IsEventSelection } from '../../delivery/event-selection.js';
import { IsBaseUrl, IsSecret, RemoteOptions } from '../../http/remote-options.js';

/** How GMFY is used. */
export class GmfyOptions extends RemoteOptions {
  /** The API key. One that can only read serves everything but events and payments. */
  @IsSecret()
  apiKey!: string;

  /** Where the API is, without `v1/`. */
  @IsBaseUrl()
  url!: string;

  /** Which events are delivered there: all (the default), none, or those of the named types. */
  @IsEventSelection()
  events: boolean | string[] = true;

  /** Whether paths end with a slash, as those of GMFY's own client do. */
  @IsBoolean()
  trailingSlash: boolean = true;

  /** How long one try of a call may take, in milliseconds. */
  override timeout: number = 60_000;
}
