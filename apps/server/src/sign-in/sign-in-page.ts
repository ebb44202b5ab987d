import { createHash } from 'node:crypto';
import escapeHtml from 'escape-html';

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

/** @param token what the form sends along, so that no other page can send it */
export function signInPage(token: string, returnTo: string, problem?: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Sign in</title>
  <style>${STYLE}</style>
</head>
<body>
  <main>
    <h1>Sign in</h1>
    ${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
    <form method="post" action="/sign-in">
      <input type="hidden" name="token" value="${escapeHtml(token)}">
      <input type="hidden" name="return-to" value="${escapeHtml(returnTo)}">
      <label for="user">Name</label>
      <input id="user" name="user" autocomplete="username" maxlength="64" required autofocus>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required>
      <button name="action" value="sign-in">Sign in</button>
      <button name="action" value="create">Create an account</button>
    </form>
  </main>
</body>
</html>
`;
}
