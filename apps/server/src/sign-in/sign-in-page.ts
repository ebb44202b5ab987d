import escapeHtml from 'escape-html';
import { page } from './page.js';

/** @param token what the form sends along, so that no other page can send it */
export function signInPage(token: string, returnTo: string, problem?: string): string {
  return page(
    'Sign in',
    `${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
    <form method="post" action="/sign-in">
      <input type="hidden" name="token" value="${escapeHtml(token)}">
      <input type="hidden" name="return-to" value="${escapeHtml(returnTo)}">
      <label for="user">Name</label>
      <input id="user" name="user" autocomplete="username" maxlength="64" required autofocus>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required>
      <button name="action" value="sign-in">Sign in</button>
      <button name="action" value="create">Create an account</button>
    </form>`,
  );
}

/** Leads on to where the user comes from. */
export function signedInPage(returnTo: string): string {
  const target = escapeHtml(returnTo);
  return page(
    'You are signed in',
    `<p><a href="${target}">Go on</a></p>`,
    `<meta http-equiv="refresh" content="0; url=${target}">`,
  );
}
