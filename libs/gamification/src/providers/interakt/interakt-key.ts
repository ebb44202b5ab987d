/** An API key in the forms in which it can appear. */
export interface InteraktKey {
  /** The header `Authorization`: HTTP Basic with the key as its user and an empty password. */
  readonly authorization: string;
  /** All that must appear in no error. */
  readonly secrets: readonly string[];
}

/**
 * Reads a key as the dashboard shows it, which is the base64 of `key:`, or decoded from that, with or without the colon.
 * What decodes to printable text that ends with a colon is taken for the former.
 */
export function keyOf(apiKey: string): InteraktKey {
  const key = bareKeyOf(apiKey);
  const credentials = Buffer.from(`${key}:`).toString('base64');
  return { authorization: `Basic ${credentials}`, secrets: [apiKey, credentials, key] };
}

/** Whether a key has something in it, in whichever form it is. */
export function isFilledKey(apiKey: unknown): boolean {
  return typeof apiKey === 'string' && bareKeyOf(apiKey) !== '';
}

function bareKeyOf(apiKey: string): string {
  return (decodedKey(apiKey) ?? apiKey).replace(/:$/, '');
}

function decodedKey(apiKey: string): string | undefined {
  const bytes = Buffer.from(apiKey, 'base64');
  const isBase64 = bytes.toString('base64').replace(/=+$/, '') === apiKey.replace(/=+$/, '');
  const text = bytes.toString('latin1');
  return isBase64 && /^[\x21-\x7e]*:$/.test(text) ? text : undefined;
}
