import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 22rem; margin: 4rem auto; padding: 0 1rem; }
label { display: block; font-weight: 600; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; margin: .2rem 0 1rem; }
button { font: inherit; padding: .6rem 1rem; margin: 0 .5rem .5rem 0; cursor: pointer; }
[role=alert] { border-left: 4px solid #c62828; padding-left: .8rem; }`;

export const PAGE_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['Content-Type', 'text/html; charset=utf-8'],
  [
    'Content-Security-Policy',
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
      "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  ],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cache-Control', 'no-store'],
];

/** What pages need of a response, whatever serves it. */
export interface PageResponse {
  header(name: string, value: string | string[]): unknown;
  status(code: number): unknown;
}

/** A page. @param content as HTML @param head more of its head, as HTML */
export function page(title: string, content: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  <style>${STYLE}</style>
  ${head}
</head>
<body>
  <main>
    <h1>${title}</h1>
    ${content}
  </main>
</body>
</html>
`;
}

/**
 * What a form and a cookie have in common, so that no other page can send the form.
 *
 * @param kept the cookie, which stays as it is, so that forms in other tabs go on being taken
 */
export function formToken(kept: string | undefined): string {
  return kept !== undefined && /^[0-9a-f]{32}$/.test(kept) ? kept : randomBytes(16).toString('hex');
}

/** Whether a form came from the page that the cookie came with. */
export function isFormToken(given: unknown, kept: string | undefined): boolean {
  const [a, b] = [Buffer.from(typeof given === 'string' ? given : ''), Buffer.from(kept ?? '')];
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}
