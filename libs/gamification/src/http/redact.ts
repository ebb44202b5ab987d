/** Most characters of an answer that an error keeps. */
const MAX_SHOWN = 4_096;
/** A shorter secret would be found in every text. */
const MIN_SECRET_LENGTH = 4;

/** A text without the secrets that a server may have put into it. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET_LENGTH) continue;
    safe = safe.replaceAll(secret, '[secret]').replaceAll(encodeURIComponent(secret), '[secret]');
  }
  return safe;
}

/** As much of a text as an error should keep. */
export function shortened(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** What a text says: parsed where it is JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
