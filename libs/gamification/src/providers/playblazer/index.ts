export { PlayblazerOptions } from './playblazer.options.js';
