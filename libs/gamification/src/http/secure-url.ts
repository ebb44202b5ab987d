/** Whether a secret may go to a URL: over https, or without leaving this machine. */
export function isHttpsOrLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** An http or https URL, if a value is one that says the same to everybody: `URL` mends what others stumble over. */
export function strictUrl(value: unknown): URL | undefined {
  return typeof value === 'string' && /^https?:\/\/[^\s\\]+$/i.test(value) && URL.canParse(value)
    ? new URL(value)
    : undefined;
}
