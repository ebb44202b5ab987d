import { parseCookie } from 'cookie';

/** What browsers keep: who is signed in, and what a form has in common with it. */
type CookieName = 'session' | 'form';

/** The cookies of the server's pages: no script reads them, and no other site's form sends them. */
export class Cookies {
  /** @param secure whether browsers find the server by HTTPS, so that cookies go no other way */
  constructor(private readonly secure: boolean) {}

  /** A cookie of a request. */
  of(request: unknown, name: CookieName): string | undefined {
    // Any object can be looked at as one that may have headers.
    const { headers } = Object(request) as { readonly headers?: { readonly cookie?: string } };
    return parseCookie(headers?.cookie ?? '')[this.full(name)];
  }

  /** A `Set-Cookie` header. @param value nothing to let go of it */
  header(name: CookieName, value: string | undefined): string {
    const end = value === undefined ? '; Max-Age=0' : '';
    return `${this.full(name)}=${value ?? ''}; Path=/; HttpOnly; SameSite=Lax${this.secure ? '; Secure' : ''}${end}`;
  }

  /** With the prefix, browsers take a cookie from this very host alone: no neighbour in its domain can plant one. */
  private full(name: CookieName): string {
    return this.secure ? `__Host-${name}` : name;
  }
}
