/** The path of a call. Made with {@link path}. */
export interface Path {
  readonly texts: readonly string[];
  readonly parameters: readonly string[];
}

/**
 * The path of a call, relative to the system's base URL. Its parameters are percent-encoded, so that each stays within
 * its segment.
 *
 * ```ts
 * path`v1/users/${userId}/`
 * ```
 */
export function path(texts: TemplateStringsArray, ...parameters: readonly string[]): Path {
  return { texts, parameters };
}

/**
 * The first parameter that cannot stand in a path: what is no text, and what would make it the path of another resource,
 * however it is encoded.
 */
export function unfitParameter({ parameters }: Path): { readonly parameter: unknown } | undefined {
  const index = parameters.findIndex(
    // The compiler sees only texts; JavaScript callers can give anything.
    (parameter: unknown) =>
      typeof parameter !== 'string' || /^\.{0,2}$/.test(parameter) || /\p{Cs}/u.test(parameter),
  );
  return index < 0 ? undefined : { parameter: parameters[index] };
}

/** The URL of a path behind a base URL, which may end with a slash or not. */
export function urlOf(baseUrl: string, { texts, parameters }: Path): string {
  const encoded = parameters.map((parameter, index) => `${encodeURIComponent(parameter)}${texts[index + 1]}`);
  return `${baseUrl.replace(/\/+$/, '')}/${texts[0]}${encoded.join('')}`;
}
