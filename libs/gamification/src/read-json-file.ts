import { readFile } from 'node:fs/promises';
import { codeOf } from './to-error.js';

/**
 * What a JSON file says, without anything of it in an error: it may hold a secret.
 *
 * @param refusal makes the error of a file that cannot be used, of what it is and what is allowed
 * @throws what `refusal` makes
 */
export async function readJsonFile(
  path: string,
  refusal: (got: string, allowed: string) => Error,
): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw refusal(`unreadable (${codeOf(error) ?? 'unknown'})`, 'the path of a file');
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes what it read.
    throw refusal('not JSON', 'a JSON file');
  }
}
