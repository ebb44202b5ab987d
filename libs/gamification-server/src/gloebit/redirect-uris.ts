/**
 * Whether an address is where an application is, as nobody is sent or called anywhere else for it: the scheme, the host
 * and the port are those of one of its redirect addresses, and it has no credentials, which would be kept and logged on
 * the way.
 */
export function isAt(url: string, redirectUris: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  return redirectUris.some((uri) => {
    const own = new URL(uri);
    return own.protocol === protocol && own.host === host;
  });
}
