import { css, html, nothing, type TemplateResult } from 'lit';
import type { Catalog, GiftRequest } from 'nestjs-gamification';
import type { Api, Json } from './api.js';
import { CHANGED, GamificationElement } from './gamification-element.js';
import { fill, type Texts } from './texts.js';

interface Inbox {
  readonly requests: readonly Json<GiftRequest>[];
  readonly catalog: Json<Catalog>;
}

/** `<gamification-gifts>`: what friends ask a user for, to be given or declined. */
export class GamificationGifts extends GamificationElement<Inbox> {
  static override properties = {
    ...GamificationElement.properties,
    busy: { state: true },
    refused: { state: true },
  };
  static override styles = [
    ...GamificationElement.styles,
    css`
      li {
        padding: 0.5rem 0;
        border-bottom: 1px solid var(--border);
      }
      .buttons {
        display: flex;
        gap: 0.5rem;
      }
    `,
  ];

  declare private busy: boolean;
  declare private refused: boolean;

  constructor() {
    super();
    this.busy = false;
    this.refused = false;
  }

  protected heading(texts: Texts): string {
    return texts.gifts;
  }

  protected nothing(texts: Texts): string {
    return texts.noGifts;
  }

  protected async load(api: Api): Promise<Inbox> {
    const [{ items: requests }, catalog] = await Promise.all([api.gifts(), api.catalog()]);
    return { requests, catalog };
  }

  protected isEmpty({ requests }: Inbox): boolean {
    return requests.length === 0;
  }

  protected view({ requests, catalog }: Inbox, texts: Texts): TemplateResult {
    return html`
      ${this.refused ? html`<p role="alert">${texts.notGiven}</p>` : nothing}
      <ul>
        ${requests.map((request) => this.request(request, catalog, texts))}
      </ul>
    `;
  }

  private request(request: Json<GiftRequest>, catalog: Json<Catalog>, texts: Texts): TemplateResult {
    const { id, from, expiresAt } = request;
    const name = from.name ?? from.firstName ?? from.userId ?? '';
    const what = this.whatOf(request, catalog);
    const asked = fill(what ? texts.asksFor : texts.asks, { name, what });
    const isOver = Date.parse(expiresAt) <= Date.now();
    return html`<li class="row">
      <div>
        <span id=${`asked-${id}`}>${asked}</span>
        <p class="muted">${isOver ? texts.expired : fill(texts.until, { time: this.time(expiresAt) })}</p>
      </div>
      ${
        isOver
          ? nothing
          : html`<div class="buttons">
            <button
              class="primary"
              aria-describedby=${`asked-${id}`}
              ?disabled=${this.busy}
              @click=${() => this.reply(id, 'accept')}
            >
              ${texts.accept}
            </button>
            <button
              aria-describedby=${`asked-${id}`}
              ?disabled=${this.busy}
              @click=${() => this.reply(id, 'deny')}
            >
              ${texts.deny}
            </button>
          </div>`
      }
    </li>`;
  }

  private whatOf({ gift, attributes }: Json<GiftRequest>, { resources }: Json<Catalog>): string {
    if (gift === undefined) return Object.values(attributes).join(', ');
    if ('item' in gift) return gift.item;
    const name = resources.find(({ id }) => id === gift.resource)?.name ?? gift.resource;
    return `${this.number(gift.amount)} ${name}`;
  }

  private async reply(requestId: string, response: 'accept' | 'deny'): Promise<void> {
    this.busy = true;
    try {
      await this.client.reply(requestId, response);
      this.refused = false;
      window.dispatchEvent(new CustomEvent(CHANGED));
    } catch {
      this.refused = true;
      await this.refresh();
    } finally {
      this.busy = false;
    }
  }
}
