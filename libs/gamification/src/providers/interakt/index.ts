export { InteraktOptions } from './interakt.options.js';
