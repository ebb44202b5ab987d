import { createHash } from 'node:crypto';
import escapeHtml from 'escape-html';
import type { Payment, PaymentLocale } from '../payments/payments.js';
import { PAYMENT_TEXTS } from './payment-texts.js';

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 24rem; margin: 4rem auto; padding: 0 1rem; }
.amount { font-size: 1.5rem; font-weight: 600; }
label { display: block; font-weight: 600; }
input { font: inherit; font-size: 1.5rem; letter-spacing: .3em; width: 9em; padding: .4rem .6rem; margin: .3rem 0 1rem; }
button { font: inherit; padding: .6rem 1rem; margin: 0 .5rem .5rem 0; cursor: pointer; }
[role=alert] { border-left: 4px solid #c62828; padding-left: .8rem; }
[role=status] { border-left: 4px solid #2e7d32; padding-left: .8rem; }`;

/** The headers of every such page: nothing but its own style runs in it, nobody frames it, and nobody keeps it. */
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

/** What became of what the user did last on the page. */
export type PageMessage = 'sent' | 'wrong' | 'poor' | 'failed';

/** The page on which a user enters the code of a payment, in the payment's language. */
export function paymentPage(payment: Payment, message?: PageMessage): string {
  const { locale, amount, description, status, returnUrl } = payment;
  const texts = PAYMENT_TEXTS[locale];
  const told =
    message === undefined
      ? ''
      : `<p role="${message === 'sent' ? 'status' : 'alert'}">${escapeHtml(texts[message])}</p>`;
  const what = description === undefined ? '' : `<p>${escapeHtml(description)}</p>`;
  const form = `
    <form method="post" autocomplete="off">
      <label for="code">${escapeHtml(texts.code)}</label>
      <input id="code" name="code" inputmode="numeric" pattern="[0-9]{6}" maxlength="6" autocomplete="one-time-code"
        aria-describedby="hint" required autofocus>
      <p id="hint">${escapeHtml(texts.hint)}</p>
      <button name="action" value="confirm">${escapeHtml(texts.confirm)}</button>
      <button name="action" value="resend" formnovalidate>${escapeHtml(texts.resend)}</button>
      <button name="action" value="cancel" formnovalidate>${escapeHtml(texts.cancel)}</button>
    </form>`;
  const state = `
    <p role="status">${escapeHtml(texts.states[status] ?? status)}</p>
    <p><a href="${escapeHtml(returnUrl)}">${escapeHtml(texts.back)}</a></p>`;
  return html(
    locale,
    texts.title,
    `${what}
    <p>${escapeHtml(texts.amount)}: <span class="amount">${escapeHtml(`${amount.value} ${amount.currency}`)}</span></p>
    ${told}
    ${status === 'CREATED' ? form : state}`,
  );
}

/** The page of a payment that there is not. */
export function missingPaymentPage(): string {
  return html('EN', PAYMENT_TEXTS.EN.title, `<p role="alert">${escapeHtml(PAYMENT_TEXTS.EN.missing)}</p>`);
}

function html(locale: PaymentLocale, title: string, body: string): string {
  return `<!doctype html>
<html lang="${locale.toLowerCase()}">
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
