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

/** A secret as it is, and as it stands in a text of JSON and in a URL or a form that this client sends. */
function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  // What is not well-formed Unicode cannot be encoded; it is sent as this replaces it.
  const part = encodeURIComponent(Buffer.from(secret).toString());
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  // As the HTTP client writes the parameters of a query.
  const query = part
    .replaceAll('%3A', ':')
    .replaceAll('%24', '$')
    .replaceAll('%2C', ',')
    .replaceAll('%20', '+');
  const encoded = [part, form, query];
  // PHP writes a slash with a backslash; and others write the digits in lower case.
  return [secret, json, json.replaceAll('/', '\\/'), ...encoded, ...encoded.map(withLowerDigits)];
}

function withLowerDigits(encoded: string): string {
  return encoded.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase());
}

/** What an error may keep of an answer: without secrets and shortened. It is a text where that made it one. */
export function fitForError(body: unknown, redact: (text: string) => string): unknown {
  if (body === undefined) return undefined;
  return parsed(shortened(redact(typeof body === 'string' ? body : jsonOf(body)), MAX_SHOWN));
}

/** What was parsed as a text again. What is nested deeper than the call stack is cannot be. */
function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    return '[nested too deep]';
  }
}

/** A text that is cut off behind as many characters as told. What is to be taken out of it must be out by then. */
export function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** What a text says: parsed where it is JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
