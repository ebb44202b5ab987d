import { RemoteOptions } from '../../http/remote-options.js';

/** How Playblazer Gifts is used. */
export class PlayblazerOptions extends RemoteOptions {}
