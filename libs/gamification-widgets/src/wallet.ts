import { css, html, nothing, type TemplateResult } from 'lit';
import type { Catalog, Entry, WalletTotal } from 'nestjs-gamification';
import type { Api, Json } from './api.js';
import { GamificationElement } from './gamification-element.js';
import type { Texts } from './texts.js';

interface Wallet {
  readonly totals: readonly Json<WalletTotal>[];
  readonly entries: readonly Json<Entry>[];
  readonly next: string | undefined;
  readonly catalog: Json<Catalog>;
}

/** `<gamification-wallet>`: what a user's wallets hold, and how that came about. */
export class GamificationWallet extends GamificationElement<Wallet> {
  static override styles = [
    ...GamificationElement.styles,
    css`
      .totals {
        display: flex;
        flex-wrap: wrap;
        gap: 1.25rem;
        margin-bottom: 0.75rem;
      }
      .totals strong {
        display: block;
        font-size: 1.5rem;
      }
    `,
  ];

  protected heading(texts: Texts): string {
    return texts.wallet;
  }

  protected nothing(texts: Texts): string {
    return texts.noWallet;
  }

  protected async load(api: Api): Promise<Wallet> {
    const [totals, { items: entries, next }, catalog] = await Promise.all([
      api.wallet(),
      api.entries(),
      api.catalog(),
    ]);
    return { totals, entries, next, catalog };
  }

  protected isEmpty({ totals }: Wallet): boolean {
    return totals.length === 0;
  }

  protected view({ totals, entries, next, catalog }: Wallet, texts: Texts): TemplateResult {
    const nameOf = (resource: string) =>
      catalog.resources.find(({ id }) => id === resource)?.name ?? resource;
    return html`
      <div class="totals">
        ${totals.map(
          ({ resource, total }) =>
            html`<div><strong>${this.number(total)}</strong><span>${nameOf(resource)}</span></div>`,
        )}
      </div>
      <table>
        <caption class="hidden">
          ${texts.wallet}
        </caption>
        <thead>
          <tr>
            <th scope="col">${texts.when}</th>
            <th scope="col">${texts.what}</th>
            <th scope="col" class="number">${texts.amount}</th>
          </tr>
        </thead>
        <tbody>
          ${entries.map(
            ({ createdOn, reason, amount, resource }) => html`<tr>
              <td>${this.time(createdOn)}</td>
              <td>${reason}</td>
              <td class="number">${this.number(amount)} ${nameOf(resource)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
      ${next ? html`<p><button @click=${() => this.more(next)}>${texts.more}</button></p>` : nothing}
    `;
  }

  private async more(after: string): Promise<void> {
    try {
      const { items, next } = await this.client.entries(after);
      if (this.state.kind !== 'shown') return;
      const { data } = this.state;
      this.state = { kind: 'shown', data: { ...data, entries: [...data.entries, ...items], next } };
    } catch (error) {
      this.state = { kind: 'failed', error };
    }
  }
}
