import { parseCookie } from 'cookie';

/** The cookie of who is signed in, and that of a form. */
export const SESSION = 'session';
export const FORM = 'form';

/** A cookie of a request. */
export function cookieOf(request: unknown, name: string): string | undefined {
  const { headers } = Object(request) as { readonly headers?: { readonly cookie?: string } };
  return parseCookie(headers?.cookie ?? '')[name];
}

/** A `Set-Cookie` header that no script reads and no other site's form sends. @param value nothing to let go of it */
export function cookie(name: string, value: string | undefined, secure: boolean): string {
  const end = value === undefined ? '; Max-Age=0' : '';
  return `${name}=${value ?? ''}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${end}`;
}
