import { createHash } from 'node:crypto';
import escapeHtml from 'escape-html';
import { SCOPES } from './scopes.js';

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
button { font: inherit; padding: .6rem 1rem; margin: 0 .5rem .5rem 0; cursor: pointer; }`;

const CONSENT = 'Allow this application?';

/** The headers of every page. A form may lead to where the application is, which browsers count as its target, too. */
export function pageHeaders(redirectUri?: string): readonly (readonly [name: string, value: string])[] {
  const target = redirectUri === undefined ? '' : ` ${new URL(redirectUri).origin}`;
  const style = createHash('sha256').update(STYLE).digest('base64');
  return [
    ['Content-Type', 'text/html; charset=utf-8'],
    [
      'Content-Security-Policy',
      `default-src 'none'; style-src 'sha256-${style}'; form-action 'self'${target}; frame-ancestors 'none'; base-uri 'none'`,
    ],
    ['X-Content-Type-Options', 'nosniff'],
    ['Referrer-Policy', 'no-referrer'],
    ['Cache-Control', 'no-store'],
  ];
}

/** The page on which a user allows an application what it asks for. */
export function consentPage(
  application: string,
  user: string,
  scopes: readonly string[],
  ticket: string,
): string {
  const wishes = [...new Set(scopes.map((scope) => SCOPES[scope] ?? scope))];
  return page(
    CONSENT,
    `<p><strong>${escapeHtml(application)}</strong> wants to</p>
    <ul>${wishes.map((wish) => `<li>${escapeHtml(wish)}</li>`).join('')}</ul>
    <p>You are ${escapeHtml(user)}.</p>
    <form method="post">
      <input type="hidden" name="ticket" value="${escapeHtml(ticket)}">
      <button name="decision" value="allow">Allow</button>
      <button name="decision" value="refuse">Do not allow</button>
    </form>`,
  );
}

/** A page that only says something: after a refusal, and for what cannot be, nobody is sent back ([doc]). */
export function messagePage(message: string, title = CONSENT): string {
  return page(title, `<p role="alert">${escapeHtml(message)}</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeHtml(title)}</title>
  <style>${STYLE}</style>
</head>
<body>
  <main>
    <h1>${escapeHtml(title)}</h1>
    ${body}
  </main>
</body>
</html>
`;
}
