import { randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';

/** A browser as its cookie names it: 32 random bytes as base64url. */
const BROWSER = /^[\w-]{43}$/;

/** The value that a browser sent in a request's `Cookie` header, if it has one. @param redirectUri see {@link nameFor} */
export function browserOf(cookies: string | undefined, redirectUri: string): string | undefined {
  const value = parseCookie(typeof cookies === 'string' ? cookies : '')[nameFor(redirectUri)];
  return value !== undefined && BROWSER.test(value) ? value : undefined;
}

/** A value for a browser that has none. */
export function newBrowser(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * The `Set-Cookie` header that gives a browser its value, for as long as an authorization may take. No script can read
 * it, and it comes along when the provider sends the browser back.
 *
 * @param lifetime in milliseconds
 */
export function browserCookie(browser: string, redirectUri: string, lifetime: number): string {
  return stringifySetCookie({
    name: nameFor(redirectUri),
    value: browser,
    maxAge: Math.floor(lifetime / 1_000),
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure(redirectUri),
  });
}

/**
 * Over https a name that no other host and no plain connection can set a cookie for. Whether it is https the application
 * cannot see behind a proxy, but the address that the browser comes back to tells.
 */
function nameFor(redirectUri: string): string {
  return isSecure(redirectUri) ? '__Host-gamification-link' : 'gamification-link';
}

function isSecure(redirectUri: string): boolean {
  return new URL(redirectUri).protocol === 'https:';
}
