import { RemoteOptions } from '../../http/remote-options.js';

/** How Interakt is used. */
export class InteraktOptions extends RemoteOptions {}
