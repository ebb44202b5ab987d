import { RemoteOptions } from '../../http/remote-options.js';

/** How Gloebit is used. */
export class GloebitOptions extends RemoteOptions {}
