export { GloebitOptions } from './gloebit.options.js';
