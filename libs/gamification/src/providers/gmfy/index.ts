export { GmfyOptions } from './gmfy.options.js';
