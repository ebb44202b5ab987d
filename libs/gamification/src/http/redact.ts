/** Most characters of an answer that an error keeps. */
const MAX_SHOWN = 4_096;
/** A shorter secret would be found in every text. */
const MIN_SECRET_LENGTH = 4;

/** A text without the secrets that a server may have put into it. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH).flatMap(formsOf);
  // The longest first: one secret may be a part of another.
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((safe, form) => safe.replaceAll(form, '[secret]'), text);
}

/** A secret as it is, in a URL and in a text of JSON. */
function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

/** What an error may keep of an answer: without secrets and shortened. It is a text where that made it one. */
export function fitForError(body: unknown, redact: (text: string) => string): unknown {
  if (body === undefined) return undefined;
  return parsed(shortened(redact(typeof body === 'string' ? body : JSON.stringify(body))));
}

/** As much of a text as an error should keep. */
function shortened(text: string): string {
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
