/** The cookie in which a browser says whose it is where it cannot send a header, as when it follows a link. */
const NAME = 'customer';

/** The `Set-Cookie` header that makes a browser a customer's. No script reads it, no other site's form sends it. */
export function customerCookie(id: string): string {
  return `${NAME}=${id}; Path=/; HttpOnly; SameSite=Lax`;
}

/** The customer that a request's `Cookie` header names, if it names one. */
export function customerOf(cookies: string | undefined): string | undefined {
  const pairs = (cookies ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === NAME)?.[1];
}
