import escapeHtml from 'escape-html';
import type { LinkedApplication } from 'nestjs-gamification-server';
import { page } from './page.js';

/** @param token what the forms send along, so that no other page can send them */
export function accountPage(token: string, name: string, applications: readonly LinkedApplication[]): string {
  const form = (fields: string) => `<form method="post" action="/account">
      <input type="hidden" name="token" value="${escapeHtml(token)}">
      ${fields}
    </form>`;
  const items = applications.map(
    ({ id, name: application, scopes }) => `<li>
      <strong>${escapeHtml(application)}</strong>: ${escapeHtml(scopes.join(', '))}
      ${form(`<input type="hidden" name="application" value="${escapeHtml(id)}">
      <button aria-label="Disconnect ${escapeHtml(application)}">Disconnect</button>`)}
    </li>`,
  );
  return page(
    'Your account',
    `<p>You are ${escapeHtml(name)}.</p>
    <h2>Applications that you have allowed something</h2>
    ${items.length === 0 ? '<p>There are none.</p>' : `<ul>${items.join('')}</ul>`}
    ${form('<button name="action" value="sign-out">Sign out</button>')}`,
  );
}
