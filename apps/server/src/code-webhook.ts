import type { CodeSender, PaymentCode } from 'nestjs-gamification';

/** How long the other side may take, in milliseconds. */
const TIMEOUT = 10_000;

/** Hands the codes of payments over to whoever sends messages to users: posts each as JSON to a URL. */
export class CodeWebhook implements CodeSender {
  constructor(private readonly url: string) {}

  async send(code: PaymentCode): Promise<void> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(code),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    // A body that nobody reads keeps its connection.
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook for codes answered HTTP ${response.status}`);
  }
}
