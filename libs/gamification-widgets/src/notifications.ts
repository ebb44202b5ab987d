import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Notification } from 'nestjs-gamification';
import type { Api, Json } from './api.js';
import { CHANGED, GamificationElement } from './gamification-element.js';
import type { Texts } from './texts.js';

/** How long after a line was refused it is tried again, in milliseconds. A browser itself repairs one that broke. */
const RECONNECT = 15_000;

/** For how long what changed is gathered before all widgets look, in milliseconds: one event often has several messages. */
const GATHER = 150;

/**
 * `<gamification-notifications>`: what a user was told, as it happens. With it on a page, all widgets show what changed
 * without being asked.
 */
export class GamificationNotifications extends GamificationElement<readonly Json<Notification>[]> {
  static override styles = [
    ...GamificationElement.styles,
    css`
      li {
        padding: 0.4rem 0;
        border-bottom: 1px solid var(--border);
      }
      .new {
        font-weight: 700;
      }
    `,
  ];

  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private telling: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    // The first time, where it listens is known only when it is updated.
    if (this.hasUpdated) this.listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has('api')) this.listen();
  }

  protected heading(texts: Texts): string {
    return texts.notifications;
  }

  protected nothing(texts: Texts): string {
    return texts.noNotifications;
  }

  protected async load(api: Api): Promise<readonly Json<Notification>[]> {
    return (await api.notifications()).items;
  }

  protected isEmpty(notifications: readonly Json<Notification>[]): boolean {
    return notifications.length === 0;
  }

  protected view(notifications: readonly Json<Notification>[], texts: Texts): TemplateResult {
    return html`
      <ul aria-live="polite">
        ${notifications.map(
          ({ message, createdAt, read }) => html`<li class="row">
            <span class=${read === false ? 'new' : ''}>
              ${read === false ? html`<span class="hidden">${texts.unread}</span>` : nothing} ${message}
            </span>
            ${createdAt ? html`<span class="muted">${this.time(createdAt)}</span>` : nothing}
          </li>`,
        )}
      </ul>
      ${
        notifications.some(({ read }) => read === false)
          ? html`<p><button @click=${this.markRead}>${texts.markRead}</button></p>`
          : nothing
      }
    `;
  }

  private listen(): void {
    this.stop();
    const source = new EventSource(this.client.streamUrl);
    this.source = source;
    source.addEventListener('notification', () => {
      this.telling ??= setTimeout(() => {
        this.telling = undefined;
        window.dispatchEvent(new CustomEvent(CHANGED));
      }, GATHER);
    });
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) return;
      this.timer = setTimeout(() => this.listen(), RECONNECT);
    });
  }

  private stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.telling);
    this.telling = undefined;
    this.source?.close();
  }

  private async markRead(): Promise<void> {
    try {
      await this.client.markRead();
      await this.refresh();
    } catch (error) {
      this.state = { kind: 'failed', error };
    }
  }
}
