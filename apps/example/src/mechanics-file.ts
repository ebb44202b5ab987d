import { fileURLToPath } from 'node:url';

/** What customers earn by what they do: a file that one can change without changing the shop. */
export const MECHANICS_FILE = fileURLToPath(new URL('../mechanics.yaml', import.meta.url));
